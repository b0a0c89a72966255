/* SPDX-License-Identifier: MIT */
#ifndef STORE_UNKNOWN_PRIVATE_H
#define STORE_UNKNOWN_PRIVATE_H

#include <stdbool.h>
#include <stdint.h>

#include "store/store.h"

/* What is kept of unknown senders: the sums of table `unknown`. */
struct unknown {
    bool known; /* they were read, and hold since */
    int64_t count, bytes, deliveries;
};

/* Whether the limits of the accept leave room for it. */
int unknown_admits(struct store *store, const struct accept *accept, bool *ret);

/* Enters the notification head.notification. */
int unknown_add(struct store *store, const struct accept *accept);

/* The notification, or its body, goes, or belongs to somebody from now on. */
int unknown_remove(struct store *store, int64_t notification);

/* Whether it is kept as one of an unknown sender, and every delivery of it is held. */
int unknown_is_held(struct store *store, int64_t notification, bool *ret);

/* Deliveries of all that are kept. */
int unknown_deliveries(struct store *store, int64_t *ret);

#endif
