/* SPDX-License-Identifier: MIT */
#ifndef STORE_FRESH_H
#define STORE_FRESH_H

#include "lanes.h"
#include "store/store.h"

/*
 * Deliveries that this transaction accepted as heads of their lanes and has not written yet: if its
 * claim wants them, they are written once, as INFLIGHT, and their bodies need not be read back.
 * What is not claimed is written as READY before the commit, or before anybody looks at its lane.
 */
struct fresh_row {
    struct lane_row row;
    struct claim claim; /* all but attempt, sequence and stale; owned */
};

/* Bits that tell of most lanes that no row is of them. */
#define FRESH_LANE_BITS 4096

struct fresh {
    struct fresh_row *rows;
    size_t count, room;
    uint64_t lanes[FRESH_LANE_BITS / 64];
};

/* Keeps a READY delivery, with a copy of what sending it takes. */
void fresh_keep(struct store *store, const struct lane_row *row, const struct accept *accept);

/* Write what somebody is about to look at: the one that stands in this lane (0 is no lane), the one
 * of this id, all of this webhook. */
int fresh_write_lane(struct store *store, int64_t lane);
int fresh_write_delivery(struct store *store, int64_t delivery);
int fresh_write_webhook(struct store *store, int64_t webhook);

/* Writes all that are left. */
int fresh_write(struct store *store);

/* Adds the webhook's to `out`, in the order in which they came, up to `room` claims and the query's
 * bytes in all. */
int fresh_claim(struct store *store, const struct claim_query *query, size_t room,
                struct claim *out, size_t *ret_count);

/* After a rollback: they never were. */
void fresh_drop(struct fresh *fresh);
void fresh_clear(struct fresh *fresh);

#endif
