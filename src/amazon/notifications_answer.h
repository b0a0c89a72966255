/* SPDX-License-Identifier: MIT */
#ifndef AMAZON_NOTIFICATIONS_ANSWER_H
#define AMAZON_NOTIFICATIONS_ANSWER_H

#include <cjson/cJSON.h>

#include "amazon/notifications.h"

#define NOTIFICATIONS_ANSWER_MAX ((size_t)1024 * 1024)

/* What was read of an answer, and what that points into. */
struct notifications_reading {
    cJSON *json;
    struct notifications_destination *destinations;
    size_t destination_count;
    struct notifications_subscription subscription;
    struct notifications_subscription *subscriptions;
    size_t subscription_count;
    const char *next_token;
};

/* Reads the body of a 200 answer: a list of destinations, one destination, a subscription. Unknown
 * and null members are skipped, a destination or subscription without its id is none. 0, or
 * -EBADMSG: not what was asked for. The caller owns the contents (notifications_reading_clear),
 * also after a failure. */
int notifications_read_destinations(struct notifications_reading *ret, const char *bytes,
                                    size_t size);
int notifications_read_destination(struct notifications_reading *ret, const char *bytes,
                                   size_t size);
int notifications_read_subscription(struct notifications_reading *ret, const char *bytes,
                                    size_t size);
int notifications_read_subscriptions(struct notifications_reading *ret, const char *bytes,
                                     size_t size);
void notifications_reading_clear(struct notifications_reading *reading);

/* Fills *ret from an answer that is not 200, as struct notifications_answer describes it. `what`
 * names the operation. Returns whether the reason is a destination that has subscriptions. */
bool notifications_read_error(const struct http_answer *answer, const char *what,
                              struct error *ret);

#endif
