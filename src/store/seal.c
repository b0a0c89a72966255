/* SPDX-License-Identifier: MIT */
/* Seals and opens values, and assigns numbers to keys. */
#include "seal.h"

#include <string.h>

#include "inside.h"

/* ---- one value ---- */

bool seal_closes(const struct store *store)
{
    return store->seals.keys.closes;
}

void seal_bind(struct query *query, enum seal_kind kind, int64_t id, const void *bytes, size_t size,
               struct text *room)
{
    struct seals *seals = &query->store->seals;
    if (!seals->keys.closes || !bytes) {
        query_bytes(query, bytes, size);
        return;
    }
    text_reserve(room, size + SEAL_EXTRA);
    seal_close(seals->keys.keys[0], (struct seal_place){kind, id}, bytes, size, room->data);
    query_bytes(query, room->data, size + SEAL_EXTRA);
}

/* A parameter that was never bound is NULL, and whether values are sealed never changes while the
 * store is open. So nothing is bound for a store without a key. */
void seal_bind_number(struct query *query)
{
    const struct seals *seals = &query->store->seals;
    if (seals->keys.closes)
        query_number(query, seals->numbers[0]);
    else
        query->parameter++;
}

static struct seal_key *find_key(const struct seals *seals, int64_t number)
{
    for (size_t i = 0; i < seals->keys.count; i++)
        if (seals->numbers[i] == number)
            return seals->keys.keys[i];
    return NULL;
}

/* Find a key. If it is not known, look in the table again: another process may have numbered it
 * since. */
static struct seal_key *look_for_key(struct store *store, int64_t number)
{
    struct seal_key *key = find_key(&store->seals, number);
    if (key || !store->seals.keys.count)
        return key;
    return seal_load_numbers(store) ? NULL : find_key(&store->seals, number);
}

int seal_read(struct store *store, enum seal_kind kind, int64_t id, int64_t number,
              const char **bytes, size_t *size, struct text *room)
{
    if (!number || (kind == SEAL_RAW && !*bytes))
        return 0;
    struct seal_key *key = number == SEAL_LOST ? NULL : look_for_key(store, number);
    if (!key && number != SEAL_LOST)
        return store_say(store, STORE_KEYLESS, "%s: it is sealed with a key that is not at hand",
                         store->path);
    text_reserve(room, *size + 1);
    if (!key || !seal_open(key, (struct seal_place){kind, id}, *bytes, *size, room->data))
        return store_say(store, STORE_DAMAGED, "%s: the sealed value is damaged", store->path);
    *bytes = room->data;
    *size -= SEAL_EXTRA;
    return 0;
}

/* ---- keys and their numbers ---- */

size_t seal_index_of(const struct seals *seals, const char *id)
{
    size_t i = 0;
    while (i < seals->keys.count && strcmp(seal_key_id(seals->keys.keys[i]), id) != 0)
        i++;
    return i;
}

int seal_load_numbers(struct store *store)
{
    struct seals *seals = &store->seals;
    memset(seals->numbers, 0, sizeof(seals->numbers));
    CLEANUP(query_end) struct query q = query_start(store, SQL_SEALS);
    for (;;) {
        bool row;
        int r = query_step(&q, &row);
        if (r || !row)
            return r;
        int64_t number = query_get_number(&q);
        size_t i = seal_index_of(seals, query_get_text(&q));
        if (i < seals->keys.count)
            seals->numbers[i] = number;
    }
}

int seal_add_key(struct store *store)
{
    struct seals *seals = &store->seals;
    if (!seals->keys.closes || seals->numbers[0])
        return 0;
    CLEANUP(query_end) struct query q = query_start(store, SQL_SEAL_ADD);
    query_text(&q, seal_key_id(seals->keys.keys[0]));
    int r = query_run(&q);
    query_end(&q);
    return r ? r : seal_load_numbers(store);
}

/* ---- rows ---- */

static const struct {
    enum statement sealed, other;
    enum seal_kind kind;
} tables[SEAL_TABLES] = {
    [SEAL_TABLE_BODY] = {SQL_SEALED_BODY, SQL_OTHER_BODY, SEAL_BODY},
    [SEAL_TABLE_PREFIX] = {SQL_SEALED_PREFIX, SQL_OTHER_PREFIX, SEAL_PREFIX},
    [SEAL_TABLE_ANSWER] = {SQL_SEALED_ANSWER, SQL_OTHER_ANSWER, SEAL_ANSWER},
};

static int next_row(struct query *query, int64_t after, int64_t number, struct seal_row *ret,
                    bool *ret_row)
{
    query_number(query, after);
    query_number(query, number);
    int r = query_step(query, ret_row);
    if (r || !*ret_row)
        return r;
    ret->id = query_get_number(query);
    ret->bytes = query_get_bytes(query, &ret->size);
    ret->raw = query_get_bytes(query, &ret->raw_size);
    ret->number = query_get_number(query);
    return 0;
}

int seal_next(struct store *store, enum seal_table table, int64_t after, int64_t number,
              struct query *query, struct seal_row *ret, bool *ret_row)
{
    *ret = (struct seal_row){.kind = tables[table].kind};
    *query = query_start(store, tables[table].sealed);
    return next_row(query, after, number, ret, ret_row);
}

int seal_next_other(struct store *store, enum seal_table table, int64_t after, int64_t number,
                    struct query *query, struct seal_row *ret, bool *ret_row)
{
    *ret = (struct seal_row){.kind = tables[table].kind};
    *query = query_start(store, tables[table].other);
    return next_row(query, after, number, ret, ret_row);
}

/* ---- whether all keys are there ---- */

static int is_needed(struct store *store, int64_t number, bool *ret)
{
    *ret = false;
    for (enum seal_table table = 0; table < SEAL_TABLES && !*ret; table++) {
        struct seal_row row;
        CLEANUP(query_end) struct query q = {0};
        int r = seal_next(store, table, INT64_MIN, number, &q, &row, ret);
        if (r)
            return r;
    }
    return 0;
}

static int forget_key(struct store *store, int64_t number)
{
    CLEANUP(query_end) struct query q = query_start(store, SQL_SEAL_DELETE);
    query_number(&q, number);
    return query_run(&q);
}

/* The most rows of `seal` whose key is not at hand. There is one for each key that was used since
 * the store was resealed. */
#define STRANGE_MAX 64

struct strange {
    int64_t numbers[STRANGE_MAX];
    char ids[STRANGE_MAX][SEAL_ID_SIZE];
    size_t count;
};

static int find_strange(struct store *store, struct strange *ret)
{
    CLEANUP(query_end) struct query q = query_start(store, SQL_SEALS);
    for (ret->count = 0; ret->count < STRANGE_MAX;) {
        bool row;
        int r = query_step(&q, &row);
        if (r || !row)
            return r;
        ret->numbers[ret->count] = query_get_number(&q);
        const char *id = query_get_text(&q);
        if (seal_index_of(&store->seals, id) < store->seals.keys.count)
            continue;
        text_copy(ret->ids[ret->count++], SEAL_ID_SIZE, id);
    }
    return 0;
}

int seal_check_keys(struct store *store, bool tidy)
{
    struct strange strange;
    int r = find_strange(store, &strange);
    for (size_t i = 0; r == 0 && i < strange.count; i++) {
        bool needed;
        r = is_needed(store, strange.numbers[i], &needed);
        if (r == 0 && needed)
            return store_say(store, STORE_KEYLESS,
                             "%s has values that are sealed with key %s, and that key is not at "
                             "hand",
                             store->path, strange.ids[i]);
        if (r == 0 && tidy)
            r = forget_key(store, strange.numbers[i]);
    }
    return r;
}
