/* SPDX-License-Identifier: MIT */
#ifndef SPAPI_NOTIFICATIONS_H
#define SPAPI_NOTIFICATIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "wire/http.h"

/*
 * SP-API's Notifications API v1, with all its operations. Each gets the access token that it is to
 * use: the grantless one for destinations, tests and operations by a subscription's id, the
 * seller's for the others. Every operation has a quota of one call a second, five at once.
 * spapi/operation keeps to it, and tries again.
 *
 * An operation returns 0 and its callback is called once, later, from the loop; or it returns a
 * negative errno and the callback is never called. Every string is copied.
 */
struct notifications;
struct notifications_call;

/* Return the endpoint, such as "https://sellingpartnerapi-eu.amazon.com", for "na", "eu" or "fe";
 * NULL for any other region. */
const char *notifications_endpoint(const char *region);

/* Make a client. http is borrowed until notifications_free. 0, or -EINVAL: the endpoint is no
 * http(s) URL. */
int notifications_new(struct notifications **ret, struct http *http, const char *endpoint);

/* Return the endpoint, without a slash at its end. */
const char *notifications_url(const struct notifications *notifications);

/* Free a client and end every call without its callback. NULL is fine. */
void notifications_free(struct notifications *notifications);

/* End a call without its callback. NULL is fine. */
void notifications_cancel(struct notifications_call *call);

struct notifications_destination {
    const char *id;
    const char *name; /* may be NULL */
    const char *arn;  /* of the SQS queue; NULL: a destination of another kind */
};

/* The filter of a subscription: members of an event filter, or an expression in its place. All
 * NULL: everything passes. */
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

/* The result of an operation; valid only inside its callback.
 *
 * error.kind: ERROR_CREDENTIALS (the access token was refused: forget it, get another, try once
 * more), ERROR_THROTTLED (retry_after_usec from the quota header, if Amazon sent it), ERROR_STATUS
 * (5xx, and 400 for a destination that is too new: later), ERROR_REFUSED (every other refusal,
 * distinguished by status and code: 409 "Conflict" is a destination that exists, 409
 * "StateConflict" a subscription that exists), or the transport's. The text names the operation,
 * Amazon's reason and the request id for their support. The list of subscriptions has those that
 * getSubscriptions returned on this page. */
struct notifications_answer {
    struct error error;
    /* get_destinations; create_destination: one */
    const struct notifications_destination *destinations;
    size_t destination_count;
    /* get_ and create_subscription; NULL without an error: there is none */
    const struct notifications_subscription *subscription;
    const struct notifications_subscription *subscriptions; /* get_subscriptions */
    size_t subscription_count;
    const char *next_token; /* get_subscriptions: of the next page; NULL: this was the last */
    bool absent;            /* 404 if that is a valid answer: there is none */
    bool in_use;            /* delete_destination was refused: it has subscriptions */
    double rate;            /* calls a second, by Amazon's header; 0: there was none */
};

typedef void (*notifications_done_fn)(const struct notifications_answer *answer, void *userdata);

/* Call getDestinations (grantless token). ret_call may be NULL, here and below. */
int notifications_get_destinations(struct notifications *notifications, const char *token,
                                   notifications_done_fn done, void *userdata,
                                   struct notifications_call **ret_call);

/* Call getDestination, and deleteDestination (grantless token). */
int notifications_get_destination(struct notifications *notifications, const char *token,
                                  const char *id, notifications_done_fn done, void *userdata,
                                  struct notifications_call **ret_call);
int notifications_delete_destination(struct notifications *notifications, const char *token,
                                     const char *id, notifications_done_fn done, void *userdata,
                                     struct notifications_call **ret_call);

/* Call createDestination (grantless token) for an SQS queue. */
int notifications_create_destination(struct notifications *notifications, const char *token,
                                     const char *name, const char *arn, notifications_done_fn done,
                                     void *userdata, struct notifications_call **ret_call);

/* Call getSubscription (seller's token). payload_version NULL: Amazon's latest. */
int notifications_get_subscription(struct notifications *notifications, const char *token,
                                   const char *type, const char *payload_version,
                                   notifications_done_fn done, void *userdata,
                                   struct notifications_call **ret_call);

/* Call getSubscriptions (seller's token): all of a type, by pages. page_token is the next_token of
 * the page before, NULL for the first. payload_version NULL: all versions. 404 is an empty page. */
int notifications_get_subscriptions(struct notifications *notifications, const char *token,
                                    const char *type, const char *payload_version,
                                    const char *page_token, notifications_done_fn done,
                                    void *userdata, struct notifications_call **ret_call);

/* Call getSubscriptionById (grantless token). */
int notifications_get_subscription_by_id(struct notifications *notifications, const char *token,
                                         const char *type, const char *id,
                                         notifications_done_fn done, void *userdata,
                                         struct notifications_call **ret_call);

/* The subscription to create. */
struct notifications_subscribe {
    const char *type;
    const char *payload_version;
    const char *destination_id;
    /* A type that requires an event filter gets one, even if it filters nothing. */
    struct notifications_filter filter;
};

/* Call createSubscription (seller's token). */
int notifications_create_subscription(struct notifications *notifications, const char *token,
                                      const struct notifications_subscribe *subscribe,
                                      notifications_done_fn done, void *userdata,
                                      struct notifications_call **ret_call);

/* Call deleteSubscriptionById: with the grantless token by the documentation; for some types Amazon
 * answers 403 to that and accepts the seller's (GitHub: amzn/selling-partner-api-models issues 227,
 * 4753). */
int notifications_delete_subscription(struct notifications *notifications, const char *token,
                                      const char *type, const char *id, notifications_done_fn done,
                                      void *userdata, struct notifications_call **ret_call);

/* Whether the endpoint is one of Amazon's sandboxes, or on this machine. */
bool notifications_is_sandbox(const char *endpoint);

/* Call sendTestNotification (grantless token), which only sandboxes have: -EOPNOTSUPP elsewhere.
 * scenario NULL: none is named. */
int notifications_send_test(struct notifications *notifications, const char *token,
                            const char *type, const char *destination_id,
                            const char *payload_version, const char *scenario,
                            notifications_done_fn done, void *userdata,
                            struct notifications_call **ret_call);

#endif
