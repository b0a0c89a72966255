/* SPDX-License-Identifier: MIT */
#ifndef STORE_SUBSCRIPTIONS_H
#define STORE_SUBSCRIPTIONS_H

#include "store/store.h"

/* A subscription that registration found or made. If a notification names no seller, its
 * subscription does. */
struct store_subscription {
    const char *id, *seller; /* Amazon's; config's name */
    const char *type;        /* NULL: an older version stored it */
    uint64_t gone_usec;      /* when it was deleted or replaced; 0: it is not */
};

/* Further ones are not stored. */
#define STORE_SUBSCRIPTIONS_MAX 10000

/* Store a subscription that exists now. */
int store_put_subscription(struct store *store, const char *id, const char *seller,
                           const char *type);

/* Mark a subscription as gone; an unknown one is ignored. */
int store_end_subscription(struct store *store, const char *id, uint64_t now_usec);

/* Mark all other subscriptions of a seller and type as gone. */
int store_end_other_subscriptions(struct store *store, const char *id, const char *seller,
                                  const char *type, uint64_t now_usec);

/* Find the seller of a subscription, gone or not. Owned by the caller; NULL: it is unknown. */
int store_find_subscription(struct store *store, const char *id, char **ret_seller);

/* Call `each` for all subscriptions, by id. */
int store_each_subscription(struct store *store,
                            void (*each)(const struct store_subscription *, void *),
                            void *userdata);

/* Delete the subscriptions that were gone before `before_usec`, and call `pruned` with the id of
 * each. */
int store_prune_subscriptions(struct store *store, uint64_t before_usec,
                              void (*pruned)(const char *id, void *userdata), void *userdata);

#endif
