/* SPDX-License-Identifier: MIT */
#ifndef STORE_SUBSCRIPTIONS_H
#define STORE_SUBSCRIPTIONS_H

#include "store/store.h"

/* Subscriptions that registration found or made: they say whose a notification is where nothing in
 * it does. */
struct store_subscription {
    const char *id, *seller; /* Amazon's; config's name */
    const char *type;        /* NULL: an older version stored it */
    uint64_t gone_usec;      /* when it was deleted or replaced; 0: it is not */
};

/* More are not stored. */
#define STORE_SUBSCRIPTIONS_MAX 10000

/* Stores one that is there now. */
int store_put_subscription(struct store *store, const char *id, const char *seller,
                           const char *type);

/* Marks one as gone; unknown ones are left out. */
int store_end_subscription(struct store *store, const char *id, uint64_t now_usec);

/* Marks all of a seller and type but the one as gone. */
int store_end_other_subscriptions(struct store *store, const char *id, const char *seller,
                                  const char *type, uint64_t now_usec);

/* The seller of one, gone or not. Owned by the caller; NULL: it is unknown. */
int store_find_subscription(struct store *store, const char *id, char **ret_seller);

/* Calls `each` for all, by id. */
int store_each_subscription(struct store *store,
                            void (*each)(const struct store_subscription *, void *),
                            void *userdata);

/* Deletes those that were gone before. */
int store_prune_subscriptions(struct store *store, uint64_t before_usec);

#endif
