/* SPDX-License-Identifier: MIT */
#ifndef AMAZON_NOTIFICATIONS_H
#define AMAZON_NOTIFICATIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "wire/http.h"

/*
 * SP-API's Notifications API v1, the operations that registration needs. Every operation takes the
 * access token it is to use: destinations and deletion want the grantless one, subscriptions the
 * seller's. Every operation has a quota of one call a second, five at once; keeping to it is the
 * caller's part.
 *
 * An operation returns 0 and its callback fires once, later, from the loop; or it returns a
 * negative errno and the callback never fires. Every string is copied.
 */
struct notifications;
struct notifications_call;

/* "https://sellingpartnerapi-eu.amazon.com" for "na", "eu" or "fe"; NULL for any other region. */
const char *notifications_endpoint(const char *region);

/* http is borrowed until notifications_free. 0, or -EINVAL: the endpoint is no http(s) URL. */
int notifications_new(struct notifications **ret, struct http *http, const char *endpoint);

/* Ends every call without its callback. NULL is fine. */
void notifications_free(struct notifications *notifications);

/* Ends a call without its callback. NULL is fine. */
void notifications_cancel(struct notifications_call *call);

struct notifications_destination {
    const char *id;
    const char *name; /* may be NULL */
    const char *arn;  /* of the SQS queue; NULL: a destination of another kind */
};

struct notifications_subscription {
    const char *id;
    const char *payload_version;
    const char *destination_id;
    const char *event_filter_type;   /* NULL: no event filter */
    char *const *order_change_types; /* of the event filter; NULL: all */
    const char *filter_expression;   /* NULL: none */
};

/* What an operation brought; valid only inside its callback.
 *
 * error.kind: ERROR_CREDENTIALS (the access token was refused: forget it, get another, try once
 * more), ERROR_THROTTLED (retry_after_usec from the quota header where Amazon sent it),
 * ERROR_STATUS (5xx: later), ERROR_REFUSED (every other refusal; status and code tell which: 409
 * "Conflict" is a destination that exists, 409 "StateConflict" a subscription that exists), or the
 * transport's. The text names the operation, Amazon's reason and the request id for their support.
 */
struct notifications_answer {
    struct error error;
    const struct notifications_destination
        *destinations; /* get_destinations; create_destination: one */
    size_t destination_count;
    const struct notifications_subscription *subscription; /* get_ and create_subscription; NULL
                                                            * without an error: there is none */
};

typedef void (*notifications_done_fn)(const struct notifications_answer *answer, void *userdata);

/* getDestinations (grantless token). ret_call may be NULL, here and below. */
int notifications_get_destinations(struct notifications *notifications, const char *token,
                                   notifications_done_fn done, void *userdata,
                                   struct notifications_call **ret_call);

/* createDestination (grantless token) for an SQS queue. */
int notifications_create_destination(struct notifications *notifications, const char *token,
                                     const char *name, const char *arn, notifications_done_fn done,
                                     void *userdata, struct notifications_call **ret_call);

/* getSubscription (seller's token). payload_version NULL: Amazon's latest. */
int notifications_get_subscription(struct notifications *notifications, const char *token,
                                   const char *type, const char *payload_version,
                                   notifications_done_fn done, void *userdata,
                                   struct notifications_call **ret_call);

/* What to subscribe to. */
struct notifications_subscribe {
    const char *type;
    const char *payload_version;
    const char *destination_id;
    char *const *order_change_types; /* NULL: all. Only with ORDER_CHANGE, which always gets the
                                      * event filter that Amazon demands for it */
};

/* createSubscription (seller's token). */
int notifications_create_subscription(struct notifications *notifications, const char *token,
                                      const struct notifications_subscribe *subscribe,
                                      notifications_done_fn done, void *userdata,
                                      struct notifications_call **ret_call);

/* deleteSubscriptionById: grantless token by the documentation; for some types Amazon answers 403
 * to that and takes the seller's (GitHub: amzn/selling-partner-api-models issues 227, 4753). */
int notifications_delete_subscription(struct notifications *notifications, const char *token,
                                      const char *type, const char *id, notifications_done_fn done,
                                      void *userdata, struct notifications_call **ret_call);

#endif
