/* SPDX-License-Identifier: MIT */
/* store reseal: gives every value the key that the config names now, or none. */
#include <errno.h>
#include <string.h>

#include "inside.h"
#include "store/backup.h"

/* The most rows and bytes that one transaction changes. */
#define STEP_ROWS  200
#define STEP_BYTES ((size_t)4 * 1024 * 1024)

struct resealing {
    struct store *store;
    store_progress_fn progress;
    void *userdata;
    struct store_resealed *tally;
    enum seal_table table;
    int64_t after, last; /* the row that was changed last, and the last one of the table */
};

static const struct {
    enum statement change, last;
} tables[SEAL_TABLES] = {
    [SEAL_TABLE_BODY] = {SQL_BODY_RESEAL, SQL_BODY_LAST},
    [SEAL_TABLE_PREFIX] = {SQL_PREFIX_RESEAL, SQL_PREFIX_LAST},
    [SEAL_TABLE_ANSWER] = {SQL_ANSWER_RESEAL, SQL_ANSWER_LAST},
};

/* ---- one row ---- */

/* A row's values, opened and sealed again. */
struct change {
    struct text opened, raw_opened, sealed, raw_sealed;
};

static void change_clear(struct change *change)
{
    text_clear(&change->opened);
    text_clear(&change->raw_opened);
    text_clear(&change->sealed);
    text_clear(&change->raw_sealed);
}

static int open_row(struct store *store, struct seal_row *row, struct change *change)
{
    int r =
        seal_read(store, row->kind, row->id, row->number, &row->bytes, &row->size, &change->opened);
    return r ? r
             : seal_read(store, SEAL_RAW, row->id, row->number, &row->raw, &row->raw_size,
                         &change->raw_opened);
}

/* Give up a row that does not open. It keeps its bytes, and never asks for a key again. */
static int give_up(struct resealing *at, const struct seal_row *row)
{
    at->tally->damaged++;
    CLEANUP(query_end) struct query q = query_start(at->store, tables[at->table].change);
    query_number(&q, row->id);
    query_bytes(&q, row->bytes, row->size);
    query_bytes(&q, row->raw, row->raw_size);
    query_number(&q, SEAL_LOST);
    return query_run(&q);
}

static int write_row(struct resealing *at, const struct seal_row *row, struct change *change)
{
    at->tally->values++;
    CLEANUP(query_end) struct query q = query_start(at->store, tables[at->table].change);
    query_number(&q, row->id);
    seal_bind(&q, row->kind, row->id, row->bytes, row->size, &change->sealed);
    seal_bind(&q, SEAL_RAW, row->id, row->raw, row->raw_size, &change->raw_sealed);
    seal_bind_number(&q);
    return query_run(&q);
}

/* Change the next row. *ret_size: its bytes; 0: there is no further row. */
static int change_next(struct resealing *at, size_t *ret_size)
{
    bool found;
    struct seal_row row;
    CLEANUP(change_clear) struct change change = {0};
    CLEANUP(query_end) struct query q = {0};
    int64_t number = seal_closes(at->store) ? at->store->seals.numbers[0] : 0;
    int r = seal_next_other(at->store, at->table, at->after, number, &q, &row, &found);
    *ret_size = 0;
    if (r || !found)
        return r;
    *ret_size = row.size + row.raw_size + 1;
    at->after = row.id;
    r = open_row(at->store, &row, &change);
    if (r == STORE_DAMAGED)
        return give_up(at, &row);
    return r ? r : write_row(at, &row, &change);
}

/* ---- steps ---- */

static int change_some(struct resealing *at, bool *ret_more)
{
    size_t bytes = 0, size = 1;
    for (unsigned rows = 0; size && rows < STEP_ROWS && bytes < STEP_BYTES; rows++) {
        int r = change_next(at, &size);
        if (r)
            return r;
        bytes += size;
    }
    *ret_more = size != 0;
    return 0;
}

static int in_transaction(struct resealing *at, int (*step)(struct resealing *, bool *),
                          bool *ret_more)
{
    int r = store_begin(at->store);
    if (r)
        return r;
    r = step(at, ret_more);
    if (r == 0)
        return store_commit(at->store);
    store_rollback(at->store);
    return r;
}

static int find_last(struct resealing *at)
{
    bool row;
    CLEANUP(query_end) struct query q = query_start(at->store, tables[at->table].last);
    int r = query_step(&q, &row);
    at->last = r == 0 && row ? query_get_number(&q) : 0;
    return r;
}

/* Report the progress. Each of the three tables counts as much as the others. */
static void report(const struct resealing *at)
{
    unsigned share = at->last > 0 && at->after > 0 ? (unsigned)(at->after * 100.0 / at->last) : 100;
    if (at->progress)
        at->progress(((unsigned)at->table * 100 + (share < 100 ? share : 100)) / SEAL_TABLES,
                     at->userdata);
}

static int change_table(struct resealing *at)
{
    bool more = true;
    at->after = INT64_MIN;
    int r = find_last(at);
    while (r == 0 && more) {
        r = in_transaction(at, change_some, &more);
        if (r == 0 && more)
            report(at);
    }
    return r;
}

/* Check the keys and add the new one, before anything is changed. */
static int begin(struct resealing *at, bool *ret_more)
{
    (void)ret_more;
    int r = seal_check_keys(at->store, false);
    return r ? r : seal_add_key(at->store);
}

/* Forget the other keys: no value needs them any more. */
static int end(struct resealing *at, bool *ret_more)
{
    (void)ret_more;
    size_t kept = seal_closes(at->store) ? 1 : 0;
    while (at->store->seals.keys.count > kept)
        seal_key_free(at->store->seals.keys.keys[--at->store->seals.keys.count]);
    return seal_check_keys(at->store, true);
}

static int reseal(struct resealing *at, struct store_keys *keys)
{
    bool unused;
    int r = store_use_keys(at->store, keys);
    if (r == 0)
        r = in_transaction(at, begin, &unused);
    for (at->table = 0; r == 0 && at->table < SEAL_TABLES; at->table++)
        r = change_table(at);
    return r ? r : in_transaction(at, end, &unused);
}

int store_reseal(const char *directory, struct store_keys *keys, store_progress_fn progress,
                 void *userdata, struct store_resealed *ret, struct error *error)
{
    struct resealing at = {.progress = progress, .userdata = userdata, .tally = ret};
    *ret = (struct store_resealed){0};
    int r = store_open(&at.store, directory, STORE_COMMAND, error);
    if (r) {
        store_keys_clear(keys);
        return r;
    }
    r = reseal(&at, keys);
    if (r)
        error_set(error, ERROR_STORE, "%s", store_why(at.store));
    store_free(at.store);
    return r ? r : store_clean(directory, &ret->before, &ret->after, error);
}
