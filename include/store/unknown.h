/* SPDX-License-Identifier: MIT */
#ifndef STORE_UNKNOWN_H
#define STORE_UNKNOWN_H

#include "store/store.h"

/*
 * Notifications from unknown senders that the store keeps: held ones, and dead letters that could
 * not be parsed. They have limits of their own, so that no stranger fills the disk.
 */

/* Count the kept ones, and their bytes. */
int store_unknown(struct store *store, uint64_t *ret_count, uint64_t *ret_bytes);

/* A held notification as it was received. It owns its texts. */
struct unknown_row {
    int64_t notification;
    char *queue, *message_id; /* NULL: unknown */
    uint64_t sent_usec;       /* 0: unknown */
    char *body;               /* NUL-terminated */
    size_t body_size;
};

/* Free the contents of a row. */
void unknown_row_clear(struct unknown_row *row);

/* The first one behind `after` that is wholly held, without those whose sealed body does not open.
 * STORE_NOT_FOUND: there is none. */
int store_next_unknown(struct store *store, int64_t after, struct unknown_row *ret);

/* Free the room of those that an operator dropped, and delete held ones that were received before
 * before_usec; at most `limit` of both. *ret_deleted: how many were deleted without an operator's
 * decision. */
int store_prune_unknown(struct store *store, uint64_t before_usec, size_t limit,
                        size_t *ret_deleted);

#endif
