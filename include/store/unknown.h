/* SPDX-License-Identifier: MIT */
#ifndef STORE_UNKNOWN_H
#define STORE_UNKNOWN_H

#include "store/store.h"

/*
 * Notifications from unknown senders, as far as the store keeps them: held ones, and dead letters
 * that could not be understood. They have limits of their own, so that no stranger fills the disk.
 */

/* How many are kept, and how many bytes they have. */
int store_unknown(struct store *store, uint64_t *ret_count, uint64_t *ret_bytes);

/* One that is held, as it came. Its texts are its own. */
struct unknown_row {
    int64_t notification;
    char *queue, *message_id; /* NULL: unknown */
    uint64_t sent_usec;       /* 0: unknown */
    char *body;               /* NUL-terminated */
    size_t body_size;
};
void unknown_row_clear(struct unknown_row *row);

/* The first one behind `after` that is wholly held, without those whose sealed body does not open.
 * STORE_NOT_FOUND: there is none. */
int store_next_unknown(struct store *store, int64_t after, struct unknown_row *ret);

/* Frees the room of those that an operator dropped, and deletes those that were received before and
 * are held; at most `limit` of both. *ret_deleted: how many are gone without an operator's word. */
int store_prune_unknown(struct store *store, uint64_t before_usec, size_t limit,
                        size_t *ret_deleted);

#endif
