/* SPDX-License-Identifier: MIT */
#ifndef CLI_AMAZON_H
#define CLI_AMAZON_H

#include "amazon/operation.h"
#include "commands.h"
#include "daemon/application.h"

/* What the commands on destinations and subscriptions share: one operation after the other of the
 * Notifications API, each waited for. */
struct amazon {
    const struct cli *cli;
    struct config *config;
    sd_event *event;
    struct http *http;
    struct application application;
    struct operations *operations;
    struct secret refresh_token;
    struct operation_request request; /* of the next amazon_ask: region and seller are filled in */
    struct error error;               /* of the last one */
    bool done;
    void (*got)(struct amazon *amazon, const struct notifications_answer *answer);
    char *next_token; /* after GET_SUBSCRIPTIONS: of the next page; NULL: there is none */
    unsigned count;   /* destinations or subscriptions printed */
    struct table *table;
};

/* Ready to ask for a seller of the configuration, whose token is read; or, seller NULL, as the
 * application in the region that --region or --seller names, or that all sellers share. Returns
 * CLI_DONE, or the status of what was said on stderr. Ended with amazon_close in any case. */
int amazon_open(struct amazon *ret, const struct cli *cli, const char *seller);
void amazon_close(struct amazon *amazon);

/* Carries amazon->request out. Without an error `got` (may be NULL) has had the answer. Returns
 * CLI_DONE or CLI_FAILED; amazon->error then says why, and nothing was said yet. */
int amazon_try(struct amazon *amazon);

/* The same, and an error is said on stderr. */
int amazon_ask(struct amazon *amazon);

/* For `got`: prints what the answer holds, a row or a line of JSON each. */
void amazon_print_destinations(struct amazon *amazon, const struct notifications_answer *answer);
void amazon_print_subscriptions(struct amazon *amazon, const struct notifications_answer *answer);

/* Says what was done to the thing of that id. */
void amazon_print_done(const struct amazon *amazon, const char *what, const char *id);

#endif
