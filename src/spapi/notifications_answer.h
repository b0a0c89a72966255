/* SPDX-License-Identifier: MIT */
#ifndef SRC_SPAPI_NOTIFICATIONS_ANSWER_H
#define SRC_SPAPI_NOTIFICATIONS_ANSWER_H

#include <cjson/cJSON.h>

#include "spapi/notifications.h"

#define NOTIFICATIONS_ANSWER_MAX ((size_t)1024 * 1024)

/* The contents of an answer, and the memory that they point into. */
struct notifications_reading {
    cJSON *json;
    struct notifications_destination *destinations;
    size_t destination_count;
    struct notifications_subscription subscription;
    struct notifications_subscription *subscriptions;
    size_t subscription_count;
    const char *next_token;
};

/* Read the body of a 200 answer: a list of destinations. Unknown and null members are skipped, and
 * so are destinations without an id. Return 0, or -EBADMSG if the answer is another one. The caller
 * owns the contents (notifications_reading_clear), also after a failure. */
int notifications_read_destinations(struct notifications_reading *ret, const char *bytes,
                                    size_t size);

/* Read one destination, in the same way. A destination without an id is -EBADMSG. */
int notifications_read_destination(struct notifications_reading *ret, const char *bytes,
                                   size_t size);

/* Read one subscription, in the same way. A subscription without an id is -EBADMSG. */
int notifications_read_subscription(struct notifications_reading *ret, const char *bytes,
                                    size_t size);

/* Read a list of subscriptions and the token of its next page, in the same way. */
int notifications_read_subscriptions(struct notifications_reading *ret, const char *bytes,
                                     size_t size);

/* Free the contents, not the struct. */
void notifications_reading_clear(struct notifications_reading *reading);

/* Fill *ret from an answer that is not 200, as struct notifications_answer describes it. `what`
 * names the operation. Return whether the reason is a destination that still has subscriptions. */
bool notifications_read_error(const struct http_answer *answer, const char *what,
                              struct error *ret);

#endif
