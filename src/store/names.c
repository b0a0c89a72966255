/* SPDX-License-Identifier: MIT */
#include "names.h"

#include <string.h>

#include "inside.h"

/* FNV-1a: the table is small and a collision costs a compare. */
static size_t slot_of(const char *text)
{
    uint32_t hash = 2166136261U;
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * 16777619U;
    return hash % NAMES_SLOTS;
}

static int64_t find(const struct names *names, const char *text)
{
    for (size_t slot = slot_of(text); names->slots[slot]; slot = (slot + 1) % NAMES_SLOTS)
        if (strcmp(names->texts[names->slots[slot] - 1], text) == 0)
            return names->slots[slot];
    return 0;
}

static void add(struct names *names, const char *text)
{
    size_t slot = slot_of(text);
    while (names->slots[slot])
        slot = (slot + 1) % NAMES_SLOTS;
    names->texts[names->count++] = memory_string(text);
    names->slots[slot] = (uint16_t)names->count;
}

static int intern(struct store *store, const char *text, int64_t *ret_id)
{
    struct names *names = &store->names;
    *ret_id = find(names, text);
    if (*ret_id || names->count == NAMES_MAX || strlen(text) > NAMES_LENGTH)
        return 0;
    CLEANUP(query_end) struct query q = query_start(store, SQL_NAME_ADD);
    query_number(&q, (int64_t)names->count + 1);
    query_text(&q, text);
    int r = query_run(&q);
    if (r)
        return q.code;
    add(names, text);
    *ret_id = (int64_t)names->count;
    return 0;
}

void names_bind(struct store *store, struct query *query, const char *text)
{
    int64_t id = 0;
    /* After a failure nothing more is written. */
    int code = text && query->code == SQLITE_OK ? intern(store, text, &id) : 0;
    if (code)
        query->code = code;
    if (id)
        query_number(query, id);
    else
        query_text(query, text);
}

const char *names_get(struct store *store, struct query *query)
{
    if (sqlite3_column_type(query->statement, query->column) != SQLITE_INTEGER)
        return query_get_text(query);
    int64_t id = query_get_number(query);
    return id > 0 && (size_t)id <= store->names.count ? store->names.texts[id - 1] : NULL;
}

int names_load(struct store *store)
{
    struct names *names = &store->names;
    CLEANUP(query_end) struct query q = query_start(store, SQL_NAMES_AFTER);
    query_number(&q, (int64_t)names->count);
    for (;;) {
        bool row;
        int r = query_step(&q, &row);
        if (r || !row)
            return r;
        int64_t id = query_get_number(&q);
        const char *text = query_get_text(&q);
        if (id != (int64_t)names->count + 1 || !text || names->count == NAMES_MAX)
            return store_say(store, STORE_CORRUPT, "%s: the table of names has a gap at %lld",
                             store->path, (long long)id);
        add(names, text);
        names->on_disk = names->count;
    }
}

void names_rollback(struct names *names)
{
    if (names->count == names->on_disk)
        return;
    while (names->count > names->on_disk)
        free(names->texts[--names->count]);
    memset(names->slots, 0, sizeof(names->slots));
    for (size_t i = 0; i < names->count; i++) {
        size_t slot = slot_of(names->texts[i]);
        while (names->slots[slot])
            slot = (slot + 1) % NAMES_SLOTS;
        names->slots[slot] = (uint16_t)(i + 1);
    }
}

void names_commit(struct names *names)
{
    names->on_disk = names->count;
}

void names_clear(struct names *names)
{
    while (names->count)
        free(names->texts[--names->count]);
}
