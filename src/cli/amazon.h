/* SPDX-License-Identifier: MIT */
#ifndef SRC_CLI_AMAZON_H
#define SRC_CLI_AMAZON_H

#include "commands.h"
#include "config/application.h"
#include "spapi/operation.h"

/* Shared by the commands on destinations and subscriptions: operations of the Notifications API,
 * one after the other. Each one ends before the next begins. */
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
    char *next_token; /* after GET_SUBSCRIPTIONS: token of the next page; NULL: there is none */
    unsigned count;   /* number of printed destinations or subscriptions */
    struct table *table;
};

/* Get ready to call for a seller of the configuration, and read its token. If `seller` is NULL,
 * call as the application, in the region of --region or --seller, or in the only region of all
 * sellers. Return CLI_DONE, or the exit status of an error that was reported on stderr. The caller
 * ends *ret with amazon_close in any case. */
int amazon_open(struct amazon *ret, const struct cli *cli, const char *seller);

/* Free everything. Also allowed after a failure of amazon_open. */
void amazon_close(struct amazon *amazon);

/* Do the operation in amazon->request. If it works, `got` (may be NULL) is called with
 * the answer. Return CLI_DONE or CLI_FAILED. In that case amazon->error has the reason,
 * which is not reported yet. */
int amazon_try(struct amazon *amazon);

/* Do the operation as amazon_try does, and report an error on stderr. */
int amazon_ask(struct amazon *amazon);

/* For `got`: print the destinations of the answer, a row or a line of JSON each. */
void amazon_print_destinations(struct amazon *amazon, const struct notifications_answer *answer);

/* For `got`: print the subscriptions of the answer, a row or a line of JSON each. */
void amazon_print_subscriptions(struct amazon *amazon, const struct notifications_answer *answer);

/* Print that the operation `what` was done to the thing with this id. */
void amazon_print_done(const struct amazon *amazon, const char *what, const char *id);

#endif
