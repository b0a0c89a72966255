/* SPDX-License-Identifier: MIT */
#ifndef STORE_RETENTION_H
#define STORE_RETENTION_H

#include "store/store.h"

/*
 * The end of deliveries that are set aside: dead, or held and not of an unknown sender. Orphans
 * stay. Verbs in a transaction, as in store/store.h.
 */

/* Deliveries of a webhook that have been dead or held since before a time. */
struct store_aside {
    uint64_t count;       /* STORE_ASIDE_MAX: or more */
    int64_t delivery;     /* the one that is so for the longest time */
    uint64_t since_usec;  /* since when it is */
    int64_t notification; /* of that one */
};
#define STORE_ASIDE_MAX 10000

/* Find the deliveries in a state, DEAD or HELD. webhook 0: those of webhooks that are not
 * configured, or of none. */
int store_find_aside(struct store *store, int64_t webhook, enum delivery_state state,
                     uint64_t before_usec, struct store_aside *ret);

/* Return the queue over which a notification came, in memory of the caller; NULL: not known. */
int store_queue_of(struct store *store, int64_t notification, char **ret);

/* A delivery that was removed; the strings live during the call. */
struct removed {
    int64_t delivery;
    const char *webhook, *seller, *id, *order_id; /* NULL: none */
};

/* End up to `limit` deliveries that have been in the state (as above) since before a time. They
 * become dropped, and the body goes if no other webhook needs it. Counts `removed_dead` or
 * `removed_held`. */
int store_remove_aside(struct store *store, enum delivery_state state, uint64_t before_usec,
                       size_t limit, void (*each)(const struct removed *, void *), void *userdata,
                       size_t *ret_count);

#endif
