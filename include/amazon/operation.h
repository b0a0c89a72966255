/* SPDX-License-Identifier: MIT */
#ifndef AMAZON_OPERATION_H
#define AMAZON_OPERATION_H

#include "amazon/lwa.h"
#include "amazon/notifications.h"
#include "amazon/operation_name.h"

/*
 * Operations of the Notifications API carried through: in line for the usage plan, with the token
 * that the operation wants, tried again where that helps.
 *
 * - A 403 for a token that has expired or was revoked: one more try with a fresh one.
 * - Failures that may pass by themselves (error_may_pass): up to OPERATION_TRIES_MAX tries, further
 *   and further apart. Exception: createDestination and createSubscription are not repeated when
 *   Amazon may have carried them out (operation_in_doubt). The caller looks first.
 * - deleteSubscriptionById that is refused to the application is tried once as the seller
 *   (GitHub: amzn/selling-partner-api-models issues 227, 2874, 4753).
 */
struct operations; /* one for all sellers and regions */
struct operation;  /* one that is under way */

#define OPERATION_TRIES_MAX 5

struct operations_options {
    sd_event *event; /* a reference is taken; the rest is borrowed until operations_free */
    struct http *http;
    struct lwa *lwa;
    const char *endpoint;     /* NULL: the region's own */
    struct call_tally *tally; /* OPERATION_NAMES of them; NULL: nobody counts */
};

/* What to do. Everything is borrowed until the callback has run or the operation is cancelled.
 * Members that the operation does not need are left out. */
struct operation_request {
    enum operation_name name;
    const char *region; /* na, eu or fe */
    const char *seller; /* whose token, for what needs one; also the name in errors */
    const struct secret *refresh_token;
    const char *destination_id, *destination_name, *arn;
    const char *type, *payload_version, *subscription_id, *page_token, *scenario;
    struct notifications_filter filter;
    uint64_t delay_usec; /* before the first try */
};

/* What came of it; valid only inside the callback. `answer->error` is as notifications.h says. */
struct operation_result {
    const struct notifications_answer *answer;
    bool no_token;  /* Login with Amazon gave no token: whatever else needs it fails as well */
    bool as_seller; /* it was refused to the application and done as the seller */
};
typedef void (*operation_done_fn)(const struct operation_result *result, void *userdata);

/* 0 or negative errno. */
int operations_new(struct operations **ret, const struct operations_options *options);

/* Ends everything under way without its callback. NULL is fine. */
void operations_free(struct operations *operations);

/* The callback fires once, from the loop. ret may be NULL. 0, or a negative errno and the callback
 * never fires: -EINVAL (no such region, or a request without what it needs), -EOPNOTSUPP (a test
 * where there are none), -ENOBUFS (too many wait). */
int operation_start(struct operations *operations, const struct operation_request *request,
                    operation_done_fn done, void *userdata, struct operation **ret);

/* Whether Amazon may have carried out an operation that failed so: the answer did not come, or
 * nobody can read it. */
bool operation_in_doubt(const struct error *error);

/* Ends it without its callback. NULL is fine. */
void operation_cancel(struct operation *operation);

#endif
