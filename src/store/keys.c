/* SPDX-License-Identifier: MIT */
/* The keys at hand: whether they are all that the store needs, and whether all values open. */
#include "store/keys.h"

#include <string.h>

#include "inside.h"
#include "seal.h"

void store_keys_clear(struct store_keys *keys)
{
    for (size_t i = 0; i < keys->count; i++)
        seal_key_free(keys->keys[i]);
    *keys = (struct store_keys){0};
}

int store_each_key(struct store *store, void (*each)(const char *id, bool at_hand, void *userdata),
                   void *userdata)
{
    CLEANUP(query_end) struct query q = query_start(store, SQL_SEALS);
    for (;;) {
        bool row;
        int r = query_step(&q, &row);
        if (r || !row)
            return r;
        query_get_number(&q);
        const char *id = query_get_text(&q);
        each(id, seal_index_of(&store->seals, id) < store->seals.keys.count, userdata);
    }
}

static int check_keys(struct store *store)
{
    int r = store_begin(store);
    if (r)
        return r;
    r = seal_check_keys(store, true);
    if (r == 0)
        r = seal_add_key(store);
    if (r == 0)
        return store_commit(store);
    store_rollback(store);
    return r;
}

int store_use_keys(struct store *store, struct store_keys *keys)
{
    struct seals *seals = &store->seals;
    store_keys_clear(&seals->keys);
    seals->keys = *keys;
    *keys = (struct store_keys){0};
    int r = seal_load_numbers(store);
    return r || store->mode != STORE_DAEMON ? r : check_keys(store);
}

/* ---- whether all values open ---- */

static int check_row(struct store *store, const struct seal_row *row)
{
    AUTOTEXT struct text room = {0};
    const char *bytes = row->bytes, *raw = row->raw;
    size_t size = row->size, raw_size = row->raw_size;
    int r = seal_read(store, row->kind, row->id, row->number, &bytes, &size, &room);
    return r ? r : seal_read(store, SEAL_RAW, row->id, row->number, &raw, &raw_size, &room);
}

static const char *const names[] = {
    [SEAL_PREFIX] = "prefix", [SEAL_BODY] = "body", [SEAL_ANSWER] = "answer"};

int store_check_seals(struct store *store, void (*problem)(const char *text, void *userdata),
                      void *userdata)
{
    for (enum seal_table table = 0; table < SEAL_TABLES; table++) {
        bool more = true;
        struct seal_row row = {.id = INT64_MIN};
        while (more) {
            CLEANUP(query_end) struct query q = {0};
            int r = seal_next(store, table, row.id, 0, &q, &row, &more);
            if (r)
                return r;
            r = more ? check_row(store, &row) : 0;
            if (r && r != STORE_DAMAGED && r != STORE_KEYLESS)
                return r;
            if (r != STORE_DAMAGED)
                continue;
            AUTOFREE char *text =
                memory_format("%s %lld is sealed and does not open: it is damaged", names[row.kind],
                              (long long)row.id);
            problem(text, userdata);
        }
    }
    return 0;
}
