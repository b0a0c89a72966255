/* SPDX-License-Identifier: MIT */
#ifndef SRC_STORE_COUNTS_H
#define SRC_STORE_COUNTS_H

#include <stddef.h>
#include <stdint.h>

#include "store/delivery.h"

struct store;

/*
 * The counts: rows per webhook and state, and lifetime counters by name. Changes are summed here
 * and written once per commit, because COUNT(*) over a million rows costs tenths of a second and an
 * UPDATE per message half a microsecond.
 */
struct count {
    int64_t webhook;
    int64_t delta[DELIVERY_STATES];
    uint64_t moving[DELIVERY_STATES]; /* into that state, in this transaction */
    uint64_t moves[DELIVERY_STATES];  /* the same in all committed transactions; in memory only */
};

struct counter {
    char *name;
    int64_t delta;
    int64_t before; /* delta when the transaction began; a rollback restores it */
};

struct counts {
    struct count *rows;
    size_t n_rows;
    struct counter *counters;
    size_t n_counters;
};

/* Count a move of a delivery of the webhook. 0 for `from` or `to`: it is new, or gone. */
void counts_move(struct counts *counts, int64_t webhook, enum delivery_state from,
                 enum delivery_state to);

/* Add to a lifetime counter. */
void counts_add(struct counts *counts, const char *counter, int64_t delta);

/* Return the number of moves of the webhook into a state, in committed transactions. */
uint64_t counts_moves(const struct counts *counts, int64_t webhook, enum delivery_state to);

/* A transaction begins: keep the counters for counts_rollback. */
void counts_begin(struct counts *counts);
/* Write the changes, before a commit. */
int counts_write(struct store *store); /* a store_result */
/* After a commit: the changes are written, and the moves count. */
void counts_commit(struct counts *counts);
/* After a rollback: forget the changes of the transaction. */
void counts_rollback(struct counts *counts);
/* Free the memory of the counts. */
void counts_clear(struct counts *counts);

#endif
