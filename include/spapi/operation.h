/* SPDX-License-Identifier: MIT */
#ifndef SPAPI_OPERATION_H
#define SPAPI_OPERATION_H

#include "spapi/lwa.h"
#include "spapi/notifications.h"
#include "spapi/operation_name.h"

/*
 * Carries out operations of the Notifications API: within the usage plan, with the right token, and
 * with further tries if these can help.
 *
 * - After a 403 for a token that has expired or was revoked: one more try with a fresh one.
 * - After a failure that may not repeat (error_may_pass): up to OPERATION_TRIES_MAX tries, with
 *   growing pauses. Exception: createDestination and createSubscription are not repeated if Amazon
 *   may have carried them out (operation_in_doubt). The caller checks first.
 * - If deleteSubscriptionById is refused to the application, it is tried once as the seller
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
    struct call_tally *tally; /* OPERATION_NAMES of them; NULL: not counted */
};

/* The operation and its arguments. Everything is borrowed until the callback has run or the
 * operation is cancelled. Members that the operation does not need stay empty. */
struct operation_request {
    enum operation_name name;
    const char *region; /* na, eu or fe */
    const char *seller; /* owner of the token, if one is needed; also the name in errors */
    const struct secret *refresh_token;
    const char *destination_id, *destination_name, *arn;
    const char *type, *payload_version, *subscription_id, *page_token, *scenario;
    struct notifications_filter filter;
    uint64_t delay_usec; /* before the first try */
};

/* The result; valid only inside the callback. `answer->error` is described in notifications.h. */
struct operation_result {
    const struct notifications_answer *answer;
    bool no_token;  /* Login with Amazon gave no token; other operations that need it fail, too */
    bool as_seller; /* it was refused to the application and done as the seller */
};
typedef void (*operation_done_fn)(const struct operation_result *result, void *userdata);

/* Make it. 0 or negative errno. */
int operations_new(struct operations **ret, const struct operations_options *options);

/* Free it and end all operations without their callbacks. NULL is fine. */
void operations_free(struct operations *operations);

/* Start an operation. The callback is called once, from the loop. ret may be NULL. 0, or a negative
 * errno and the callback is never called: -EINVAL (no such region, or a member is missing),
 * -EOPNOTSUPP (a test where there are none), -ENOBUFS (too many wait). */
int operation_start(struct operations *operations, const struct operation_request *request,
                    operation_done_fn done, void *userdata, struct operation **ret);

/* Whether Amazon may have carried out an operation that failed with this error: the answer did not
 * come, or could not be read. */
bool operation_in_doubt(const struct error *error);

/* End an operation without its callback. NULL is fine. */
void operation_cancel(struct operation *operation);

#endif
