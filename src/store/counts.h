/* SPDX-License-Identifier: MIT */
#ifndef STORE_COUNTS_H
#define STORE_COUNTS_H

#include <stddef.h>
#include <stdint.h>

#include "store/delivery.h"

struct store;

/*
 * What is counted: rows per webhook and state, and lifetime counters by name. Changes are summed
 * here and written once per commit, because COUNT(*) over a million rows costs tenths of a second
 * and an UPDATE per message half a microsecond.
 */
struct count {
    int64_t webhook;
    int64_t delta[DELIVERY_STATES];
    uint64_t moving[DELIVERY_STATES]; /* into that state, in this transaction */
    uint64_t moves[DELIVERY_STATES];  /* the same in all that were committed; kept here alone */
};

struct counter {
    char *name;
    int64_t delta;
    int64_t before; /* delta when the transaction began: what it may keep if that fails */
};

struct counts {
    struct count *rows;
    size_t n_rows;
    struct counter *counters;
    size_t n_counters;
};

/* A delivery of the webhook moved; 0 for `from` or `to`: it is new, or gone. */
void counts_move(struct counts *counts, int64_t webhook, enum delivery_state from,
                 enum delivery_state to);

/* Adds to a lifetime counter. */
void counts_add(struct counts *counts, const char *counter, int64_t delta);

/* The moves of a webhook into a state. */
uint64_t counts_moves(const struct counts *counts, int64_t webhook, enum delivery_state to);

void counts_begin(struct counts *counts);
int counts_write(struct store *store); /* a store_result */
void counts_commit(struct counts *counts);
void counts_rollback(struct counts *counts);
void counts_clear(struct counts *counts);

#endif
