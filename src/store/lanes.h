/* SPDX-License-Identifier: MIT */
#ifndef SRC_STORE_LANES_H
#define SRC_STORE_LANES_H

#include <stdbool.h>
#include <stdint.h>

#include "store/delivery.h"
#include "webhook/format.h"

struct store;

/*
 * The state of a delivery and its place in the lane. Every change of a state goes through here: it
 * is checked against the table of moves, and counted. If it takes a lane's head away, the next
 * delivery is promoted in the same transaction.
 *
 * In a lane, the first delivery by (event time, id) is ready, unless one is in flight; all others
 * are behind. So only the first row of the lane's index is ever looked at.
 */
struct lane_row {
    int64_t id, notification, webhook;
    int64_t lane; /* 0: none */
    uint64_t event_usec;
    enum delivery_state state;
    bool retry; /* it has been tried */
    uint64_t next_usec, not_before_usec;
    uint64_t age_usec; /* delivery.age; 0 when it is done */
    unsigned attempts, faults, event_faults;
    enum dead_cause cause;
    uint64_t done_usec;
    int64_t state_of; /* a number of the type whose state it reports; 0: it reports none */
    unsigned resend;
    int64_t superseded_by;      /* with SUPERSEDED; never read */
    enum webhook_format format; /* written by lane_add only, and not read by lane_load */
};

/* The result of an attempt; the strings are borrowed. */
struct lane_outcome {
    int status;
    const char *error_class, *reason; /* NULL: none */
    uint64_t attempt_usec;            /* 0: none */
};

/* The place of a delivery; delivery.place. */
enum lane_place {
    LANE_DONE = 0,
    LANE_IN_LINE = 1,
    LANE_ASIDE = 2,
};

/* Return the lane of a delivery; 0 if there is no order. */
int64_t lane_of(int64_t webhook, const char *seller_id, const char *order_id);

/* Whether `a` is older than `b` in a lane: by (event time, id). */
bool lane_is_older(const struct lane_row *a, const struct lane_row *b);

/* Return the type as a number for lane_row.state_of: equal for equal types only. */
int64_t lane_state_of(const char *type);

/* Read a delivery. STORE_NOT_FOUND: there is none. */
int lane_load(struct store *store, int64_t delivery, struct lane_row *ret);

/* Find the place of a new delivery. If it is READY, and its lane has a head that stays, it becomes
 * BEHIND. If the head is READY and younger, the head is put behind it, and its next try is taken
 * over. */
int lane_place(struct store *store, struct lane_row *row);

/* Return the place of deliveries in this state. */
enum lane_place lane_place_of(enum delivery_state state);

/* Write *row over the row that is there, with `outcome`, which may be NULL. `moved`: its place
 * changes, too. For lanes.c: it does not check the move. */
int lane_write_row(struct store *store, const struct lane_row *row, bool moved,
                   const struct lane_outcome *outcome);

/* Write a new delivery as it is. `reason` may be NULL. */
int lane_add(struct store *store, const struct lane_row *row, const char *reason);

/* Put a delivery that is not in line back into it, as lane_place does. */
int lane_enter(struct store *store, struct lane_row *row);

/* Move a delivery to any other state, and write the rest of *row with it. `outcome` may be NULL.
 * From INFLIGHT to READY, it becomes BEHIND if an older one came in the meantime. */
int lane_move(struct store *store, struct lane_row *row, enum delivery_state to,
              const struct lane_outcome *outcome);

/* Move a delivery from READY to INFLIGHT, and count the attempt. */
int lane_take(struct store *store, int64_t webhook, int64_t delivery);

/* Write *row in its present state. */
int lane_write(struct store *store, const struct lane_row *row);

#endif
