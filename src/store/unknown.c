/* SPDX-License-Identifier: MIT */
#include "store/unknown.h"

#include "inside.h"

static int64_t size_of(const struct accept *accept)
{
    return (int64_t)(accept->prefix_size + accept->bytes_size + accept->raw_size);
}

/* Read the sums once. After that, they are kept up to date here. */
static int know(struct store *store)
{
    bool row;
    struct unknown *unknown = &store->unknown;
    if (unknown->known)
        return 0;
    CLEANUP(query_end) struct query q = query_start(store, SQL_UNKNOWN_SUMS);
    int r = query_step(&q, &row);
    if (r)
        return r;
    unknown->count = query_get_number(&q);
    unknown->bytes = query_get_number(&q);
    unknown->deliveries = query_get_number(&q);
    unknown->known = true;
    return 0;
}

int unknown_admits(struct store *store, const struct accept *accept, bool *ret)
{
    const struct accept_limits *limits = accept->limits;
    int r = know(store);
    *ret = r == 0 && (uint64_t)store->unknown.count < limits->count &&
           (uint64_t)(store->unknown.bytes + size_of(accept)) <= limits->bytes;
    return r;
}

int unknown_add(struct store *store, const struct accept *accept)
{
    int r = know(store);
    if (r)
        return r;
    store->unknown.count++;
    store->unknown.bytes += size_of(accept);
    store->unknown.deliveries += (int64_t)accept->n_targets;
    CLEANUP(query_end) struct query q = query_start(store, SQL_UNKNOWN_ADD);
    query_number(&q, store->head.notification);
    query_number(&q, size_of(accept));
    query_number(&q, (int64_t)accept->n_targets);
    return query_run(&q);
}

int unknown_remove(struct store *store, int64_t notification)
{
    bool row;
    int r = know(store);
    if (r || !store->unknown.count)
        return r;
    CLEANUP(query_end) struct query q = query_start(store, SQL_UNKNOWN_DELETE);
    query_number(&q, notification);
    r = query_step(&q, &row);
    if (r || !row)
        return r;
    store->unknown.count--;
    store->unknown.bytes -= query_get_number(&q);
    store->unknown.deliveries -= query_get_number(&q);
    return query_step(&q, &row);
}

int unknown_deliveries(struct store *store, int64_t *ret)
{
    int r = know(store);
    *ret = store->unknown.deliveries;
    return r;
}

int store_unknown(struct store *store, uint64_t *ret_count, uint64_t *ret_bytes)
{
    /* Outside of a transaction, another process may have changed them. */
    if (sqlite3_get_autocommit(store->db))
        store->unknown.known = false;
    int r = know(store);
    *ret_count = (uint64_t)store->unknown.count;
    *ret_bytes = (uint64_t)store->unknown.bytes;
    return r;
}

/* ---- states ---- */

int unknown_states(struct store *store, int64_t first, int64_t count, uint32_t *ret)
{
    CLEANUP(query_end) struct query q = query_start(store, SQL_NOTIFICATION_STATES);
    query_number(&q, first);
    query_number(&q, first + count - 1);
    *ret = 0;
    for (;;) {
        bool row;
        int r = query_step(&q, &row);
        if (r || !row)
            return r;
        query_get_number(&q);
        *ret |= 1U << query_get_number(&q);
    }
}

bool unknown_are_only(uint32_t states, uint32_t allowed)
{
    return states && !(states & ~allowed);
}

int unknown_is_held(struct store *store, int64_t notification, bool *ret)
{
    bool row;
    uint32_t states;
    *ret = false;
    CLEANUP(query_end) struct query q = query_start(store, SQL_UNKNOWN_ONE);
    query_number(&q, notification);
    int r = query_step(&q, &row);
    if (r || !row)
        return r;
    int64_t first = query_get_number(&q), count = query_get_number(&q);
    r = unknown_states(store, first, count, &states);
    *ret = r == 0 && unknown_are_only(states, 1U << DELIVERY_HELD);
    return r;
}

/* ---- one after the other ---- */

void unknown_row_clear(struct unknown_row *row)
{
    free(row->queue);
    free(row->message_id);
    free(row->body);
    *row = (struct unknown_row){0};
}

/* Fill the row, or leave it without texts. */
static int load_row(struct store *store, struct unknown_row *ret)
{
    bool row;
    size_t size, raw_size;
    AUTOTEXT struct text room = {0};
    CLEANUP(query_end) struct query q = query_start(store, SQL_UNKNOWN_LOAD);
    query_number(&q, ret->notification);
    int r = query_step(&q, &row);
    if (r || !row)
        return r ? r : STORE_NOT_FOUND;
    const char *queue = names_get(store, &q), *message_id = query_get_text(&q);
    ret->sent_usec = (uint64_t)query_get_number(&q);
    const char *bytes = query_get_bytes(&q, &size), *raw = query_get_bytes(&q, &raw_size);
    enum seal_kind kind = raw ? SEAL_RAW : SEAL_BODY;
    if (raw) {
        bytes = raw;
        size = raw_size;
    }
    r = seal_read(store, kind, ret->notification, query_get_number(&q), &bytes, &size, &room);
    if (r)
        return r;
    ret->queue = memory_string(queue);
    ret->message_id = memory_string(message_id);
    ret->body = memory_copy(bytes, size);
    ret->body_size = size;
    return 0;
}

/* Find the next id behind `after`, whatever its state is. */
static int next_id(struct store *store, int64_t after, int64_t *ret)
{
    bool row;
    CLEANUP(query_end) struct query q = query_start(store, SQL_UNKNOWN_NEXT);
    query_number(&q, after);
    int r = query_step(&q, &row);
    if (r == 0 && !row)
        return STORE_NOT_FOUND;
    *ret = r == 0 ? query_get_number(&q) : 0;
    return r;
}

static int next_held(struct store *store, int64_t after, int64_t *ret)
{
    bool held = false;
    for (*ret = after; !held;) {
        int r = next_id(store, *ret, ret);
        if (r == 0)
            r = unknown_is_held(store, *ret, &held);
        if (r)
            return r;
    }
    return 0;
}

/* A notification whose sealed body does not open is left as it is. */
int store_next_unknown(struct store *store, int64_t after, struct unknown_row *ret)
{
    int r;
    do {
        *ret = (struct unknown_row){0};
        r = next_held(store, after, &after);
        ret->notification = after;
        if (r == 0)
            r = load_row(store, ret);
    } while (r == STORE_DAMAGED || r == STORE_KEYLESS);
    return r;
}
