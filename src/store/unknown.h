/* SPDX-License-Identifier: MIT */
#ifndef SRC_STORE_UNKNOWN_H
#define SRC_STORE_UNKNOWN_H

#include <stdbool.h>
#include <stdint.h>

#include "store/store.h"

/* The sums of kept notifications from unknown senders: of table `unknown`. */
struct unknown {
    bool known; /* they were read, and are kept up to date */
    int64_t count, bytes, deliveries;
};

/* Set *ret to whether the limits of the accept leave room for it. */
int unknown_admits(struct store *store, const struct accept *accept, bool *ret);

/* Add the notification head.notification. */
int unknown_add(struct store *store, const struct accept *accept);

/* Remove a notification from the sums: it or its body is removed, or it belongs to a seller from
 * now on. */
int unknown_remove(struct store *store, int64_t notification);

/* Set *ret to whether the notification is kept as an unknown sender's, and all of its deliveries
 * are held. */
int unknown_is_held(struct store *store, int64_t notification, bool *ret);

/* Find the states of the deliveries of a notification: bit n of *ret is set for state n. */
int unknown_states(struct store *store, int64_t first, int64_t count, uint32_t *ret);

/* Whether there are states, and all of them are in `allowed`. */
bool unknown_are_only(uint32_t states, uint32_t allowed);

/* Set *ret to the number of deliveries of all kept notifications. */
int unknown_deliveries(struct store *store, int64_t *ret);

#endif
