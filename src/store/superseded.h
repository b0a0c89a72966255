/* SPDX-License-Identifier: MIT */
#ifndef STORE_SUPERSEDED_H
#define STORE_SUPERSEDED_H

#include <stddef.h>

#include "lanes.h"

struct store;

/* What this transaction has superseded, for store_each_superseded; only a daemon's store keeps it.
 */
struct superseded_list {
    struct superseded_row *rows;
    size_t count, room;
};

/* Keeps one, with what is known of its notification. */
int superseded_note(struct store *store, const struct lane_row *row, int64_t by);

/* Forgets them: a transaction begins, or was rolled back. */
void superseded_drop(struct superseded_list *list);
void superseded_clear(struct superseded_list *list);

#endif
