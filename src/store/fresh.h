/* SPDX-License-Identifier: MIT */
#ifndef SRC_STORE_FRESH_H
#define SRC_STORE_FRESH_H

#include "lanes.h"
#include "store/store.h"

/*
 * Deliveries that this transaction accepted as heads of their lanes and has not written yet. If its
 * claim wants them, they are written once, as INFLIGHT, and their bodies need not be read back. The
 * others are written as READY before the commit, or before their lane is looked at.
 */
struct fresh_row {
    struct lane_row row;
    struct claim claim; /* all but attempt, sequence and stale; owned */
};

/* Bits of a filter. It shows for most lanes that none of the rows is of them. */
#define FRESH_LANE_BITS 4096

struct fresh {
    struct fresh_row *rows;
    size_t count, room;
    uint64_t lanes[FRESH_LANE_BITS / 64];
};

/* Keep a READY delivery, with a copy of everything that is needed to send it. */
void fresh_keep(struct store *store, const struct lane_row *row, const struct accept *accept);

/* Write the row of this lane (0 is no lane), before the lane is looked at. A store_result. */
int fresh_write_lane(struct store *store, int64_t lane);
/* Write the row of this delivery, so that statements find it. A store_result. */
int fresh_write_delivery(struct store *store, int64_t delivery);
/* Write all rows of this webhook, before they are looked at. A store_result. */
int fresh_write_webhook(struct store *store, int64_t webhook);

/* Write all rows that are left. A store_result. */
int fresh_write(struct store *store);

/* Claim rows of the query's webhook: add them to `out` in the order in which they came, up to
 * `room` claims and the query's bytes in all. */
int fresh_claim(struct store *store, const struct claim_query *query, size_t room,
                struct claim *out, size_t *ret_count);

/* After a rollback: drop all rows. */
void fresh_drop(struct fresh *fresh);
/* Drop all rows and free the memory. */
void fresh_clear(struct fresh *fresh);

#endif
