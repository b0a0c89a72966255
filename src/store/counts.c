/* SPDX-License-Identifier: MIT */
#include "counts.h"

#include <string.h>

#include "inside.h"

static struct count *row_of(struct counts *counts, int64_t webhook)
{
    for (size_t i = 0; i < counts->n_rows; i++)
        if (counts->rows[i].webhook == webhook)
            return &counts->rows[i];
    counts->rows = memory_resize(counts->rows, counts->n_rows + 1, sizeof(*counts->rows));
    struct count *row = &counts->rows[counts->n_rows++];
    *row = (struct count){.webhook = webhook};
    return row;
}

void counts_move(struct counts *counts, int64_t webhook, enum delivery_state from,
                 enum delivery_state to)
{
    struct count *row = row_of(counts, webhook);
    if (from)
        row->delta[from]--;
    if (to)
        row->delta[to]++;
    if (to != from)
        row->moving[to]++;
}

uint64_t counts_moves(const struct counts *counts, int64_t webhook, enum delivery_state to)
{
    for (size_t i = 0; i < counts->n_rows; i++)
        if (counts->rows[i].webhook == webhook)
            return counts->rows[i].moves[to];
    return 0;
}

void counts_add(struct counts *counts, const char *counter, int64_t delta)
{
    for (size_t i = 0; i < counts->n_counters; i++) {
        if (strcmp(counts->counters[i].name, counter) == 0) {
            counts->counters[i].delta += delta;
            return;
        }
    }
    counts->counters =
        memory_resize(counts->counters, counts->n_counters + 1, sizeof(*counts->counters));
    counts->counters[counts->n_counters++] =
        (struct counter){.name = memory_string(counter), .delta = delta};
}

void counts_begin(struct counts *counts)
{
    for (size_t i = 0; i < counts->n_counters; i++)
        counts->counters[i].before = counts->counters[i].delta;
}

static int write_row(struct store *store, const struct count *row)
{
    for (int state = 1; state < DELIVERY_STATES; state++) {
        if (!row->delta[state])
            continue;
        CLEANUP(query_end) struct query q = query_start(store, SQL_COUNT_ADD);
        query_number(&q, row->webhook);
        query_number(&q, state);
        query_number(&q, row->delta[state]);
        int r = query_run(&q);
        if (r)
            return r;
    }
    return 0;
}

int counts_write(struct store *store)
{
    struct counts *counts = &store->counts;
    for (size_t i = 0; i < counts->n_rows; i++) {
        int r = write_row(store, &counts->rows[i]);
        if (r)
            return r;
    }
    for (size_t i = 0; i < counts->n_counters; i++) {
        if (!counts->counters[i].delta)
            continue;
        CLEANUP(query_end) struct query q = query_start(store, SQL_COUNTER_ADD);
        query_text(&q, counts->counters[i].name);
        query_number(&q, counts->counters[i].delta);
        int r = query_run(&q);
        if (r)
            return r;
    }
    return 0;
}

static void clear_row(struct count *row)
{
    memset(row->delta, 0, sizeof(row->delta));
    memset(row->moving, 0, sizeof(row->moving));
}

void counts_commit(struct counts *counts)
{
    for (size_t i = 0; i < counts->n_rows; i++) {
        struct count *row = &counts->rows[i];
        for (unsigned state = 0; state < DELIVERY_STATES; state++)
            row->moves[state] += row->moving[state];
        clear_row(row);
    }
    for (size_t i = 0; i < counts->n_counters; i++)
        counts->counters[i].delta = 0;
}

void counts_rollback(struct counts *counts)
{
    for (size_t i = 0; i < counts->n_rows; i++)
        clear_row(&counts->rows[i]);
    for (size_t i = 0; i < counts->n_counters; i++)
        counts->counters[i].delta = counts->counters[i].before;
}

void counts_clear(struct counts *counts)
{
    free(counts->rows);
    for (size_t i = 0; i < counts->n_counters; i++)
        free(counts->counters[i].name);
    free(counts->counters);
}
