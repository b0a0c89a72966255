/* SPDX-License-Identifier: MIT */
#ifndef SRC_STORE_SUPERSEDED_H
#define SRC_STORE_SUPERSEDED_H

#include <stddef.h>

#include "lanes.h"

struct store;

/* The deliveries that this transaction has superseded, for store_each_superseded. Only a daemon's
 * store keeps them. */
struct superseded_list {
    struct superseded_row *rows;
    size_t count, room;
};

/* Keep a superseded delivery, with the facts about its notification. by: the delivery that is sent
 * in its place. A store_result. */
int superseded_note(struct store *store, const struct lane_row *row, int64_t by);

/* Forget the deliveries: a transaction begins, or was rolled back. */
void superseded_drop(struct superseded_list *list);
/* Forget the deliveries and free the memory. */
void superseded_clear(struct superseded_list *list);

#endif
