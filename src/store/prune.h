/* SPDX-License-Identifier: MIT */
#ifndef STORE_PRUNE_H
#define STORE_PRUNE_H

#include <stdint.h>

struct store;

/* Removes the body of a notification, our part of it, and the answers to it (removal.h). */
int prune_body(struct store *store, int64_t notification);

/* Deletes a notification with its deliveries, attempts and dedupe key. */
int prune_notification(struct store *store, int64_t notification);

#endif
