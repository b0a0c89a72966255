/* SPDX-License-Identifier: MIT */
#ifndef SRC_STORE_PRUNE_H
#define SRC_STORE_PRUNE_H

#include <stdint.h>

struct store;

/* Remove the body of a notification, our part of it, and the answers to it (removal.h). A
 * store_result. */
int prune_body(struct store *store, int64_t notification);

/* Delete a notification with its deliveries, attempts and dedupe key. A store_result. */
int prune_notification(struct store *store, int64_t notification);

#endif
