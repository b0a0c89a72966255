/* SPDX-License-Identifier: MIT */
#ifndef AMAZON_NOTIFICATIONS_H
#define AMAZON_NOTIFICATIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "wire/http.h"

/*
 * SP-API's Notifications API v1, every operation of it. Each takes the access token it is to use:
 * destinations, tests and what goes by a subscription's id want the grantless one, the rest the
 * seller's. Every operation has a quota of one call a second, five at once; keeping to it, and
 * trying again, is amazon/operation's part.
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

/* The endpoint, without a slash at its end. */
const char *notifications_url(const struct notifications *notifications);

/* Ends every call without its callback. NULL is fine. */
void notifications_free(struct notifications *notifications);

/* Ends a call without its callback. NULL is fine. */
void notifications_cancel(struct notifications_call *call);

struct notifications_destination {
    const char *id;
    const char *name; /* may be NULL */
    const char *arn;  /* of the SQS queue; NULL: a destination of another kind */
};

/* What a subscription leaves out: members of an event filter, or an expression in its place. All
 * NULL: nothing is left out. */
struct notifications_filter {
    char *const *order_change_types; /* ORDER_CHANGE */
    char *const *marketplaces;       /* ANY_OFFER_CHANGED: marketplace ids */
    const char *aggregation;         /* ANY_OFFER_CHANGED: "FiveMinutes" or "TenMinutes" */
    const char *expression;          /* CEL, 1 to 256 characters; never together with the others */
};

struct notifications_subscription {
    const char *id;
    const char *payload_version;
    const char *destination_id;
    const char *event_filter_type; /* NULL: no event filter */
    struct notifications_filter filter;
};

/* What an operation brought; valid only inside its callback.
 *
 * error.kind: ERROR_CREDENTIALS (the access token was refused: forget it, get another, try once
 * more), ERROR_THROTTLED (retry_after_usec from the quota header where Amazon sent it),
 * ERROR_STATUS (5xx, and 400 for a destination that is too new: later), ERROR_REFUSED (every other
 * refusal; status and code tell which: 409 "Conflict" is a destination that exists, 409
 * "StateConflict" a subscription that exists), or the transport's. The text names the operation,
 * Amazon's reason and the request id for their support. Valid in the list of subscriptions is what
 * getSubscriptions has on this page.
 */
struct notifications_answer {
    struct error error;
    const struct notifications_destination
        *destinations; /* get_destinations; create_destination: one */
    size_t destination_count;
    const struct notifications_subscription *subscription;  /* get_ and create_subscription; NULL
                                                             * without an error: there is none */
    const struct notifications_subscription *subscriptions; /* get_subscriptions */
    size_t subscription_count;
    const char *next_token; /* get_subscriptions: of the next page; NULL: this was the last */
    bool absent;            /* 404 where that is an answer: there is none */
    bool in_use;            /* delete_destination was refused: it has subscriptions */
    double rate;            /* calls a second, as Amazon says; 0: it did not say */
};

typedef void (*notifications_done_fn)(const struct notifications_answer *answer, void *userdata);

/* getDestinations (grantless token). ret_call may be NULL, here and below. */
int notifications_get_destinations(struct notifications *notifications, const char *token,
                                   notifications_done_fn done, void *userdata,
                                   struct notifications_call **ret_call);

/* getDestination and deleteDestination (grantless token). */
int notifications_get_destination(struct notifications *notifications, const char *token,
                                  const char *id, notifications_done_fn done, void *userdata,
                                  struct notifications_call **ret_call);
int notifications_delete_destination(struct notifications *notifications, const char *token,
                                     const char *id, notifications_done_fn done, void *userdata,
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

/* getSubscriptions (seller's token): all of a type, by pages; page_token is the next_token of the
 * one before, NULL for the first. payload_version NULL: all versions. 404 is an empty page. */
int notifications_get_subscriptions(struct notifications *notifications, const char *token,
                                    const char *type, const char *payload_version,
                                    const char *page_token, notifications_done_fn done,
                                    void *userdata, struct notifications_call **ret_call);

/* getSubscriptionById (grantless token). */
int notifications_get_subscription_by_id(struct notifications *notifications, const char *token,
                                         const char *type, const char *id,
                                         notifications_done_fn done, void *userdata,
                                         struct notifications_call **ret_call);

/* What to subscribe to. */
struct notifications_subscribe {
    const char *type;
    const char *payload_version;
    const char *destination_id;
    /* Types that demand an event filter get one, even if it leaves nothing out. */
    struct notifications_filter filter;
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

/* Whether the endpoint is one of Amazon's sandboxes, or on this machine. */
bool notifications_is_sandbox(const char *endpoint);

/* sendTestNotification (grantless token), which only sandboxes have: -EOPNOTSUPP elsewhere.
 * scenario NULL: none is named. */
int notifications_send_test(struct notifications *notifications, const char *token,
                            const char *type, const char *destination_id,
                            const char *payload_version, const char *scenario,
                            notifications_done_fn done, void *userdata,
                            struct notifications_call **ret_call);

#endif
