/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "dedupe.h"
#include "inside.h"
#include "prune.h"

/* The most notifications that one call looks at. The next call continues behind them. */
#define PRUNE_LOOK_MAX 10000
/* After this many young rows in a row, the walk begins at the start again: the rest is younger
 * still. A row with a wrong clock in between does not end it. */
#define PRUNE_YOUNG_MAX 500

struct walk {
    enum statement scan;
    uint64_t before_usec; /* rows that were done before may be removed */
    int64_t *cursor;
    int64_t *ids; /* rows that may be removed; room for `room` */
    size_t room, count;
};

struct candidate {
    int64_t id, first, count;
    uint64_t received_usec;
};

static bool is_done(enum delivery_state state)
{
    switch (state) {
    case DELIVERY_DELIVERED:
    case DELIVERY_SUPERSEDED:
    case DELIVERY_FILTERED:
    case DELIVERY_DROPPED:
        return true;
    case DELIVERY_DEAD:
    case DELIVERY_READY:
    case DELIVERY_INFLIGHT:
    case DELIVERY_BEHIND:
    case DELIVERY_HELD:
    case DELIVERY_ORPHANED:
    case DELIVERY_STATES:
        return false;
    }
    return false;
}

static int look_at(struct store *store, const struct candidate *candidate, uint64_t before_usec,
                   bool *ret_may_go)
{
    CLEANUP(query_end) struct query q = query_start(store, SQL_NOTIFICATION_STATES);
    query_number(&q, candidate->first);
    query_number(&q, candidate->first + candidate->count - 1);
    *ret_may_go = true;
    while (*ret_may_go) {
        bool row;
        int r = query_step(&q, &row);
        if (r || !row)
            return r;
        query_get_number(&q);
        enum delivery_state state = (enum delivery_state)query_get_number(&q);
        *ret_may_go = is_done(state) && (uint64_t)query_get_number(&q) < before_usec;
    }
    return 0;
}

static int step(struct store *store, struct walk *walk, struct query *q, bool *ret_row)
{
    bool goes;
    int r = query_step(q, ret_row);
    if (r || !*ret_row)
        return r;
    struct candidate candidate = {.id = query_get_number(q)};
    candidate.received_usec = (uint64_t)query_get_number(q);
    candidate.first = query_get_number(q);
    candidate.count = query_get_number(q);
    *walk->cursor = candidate.id;
    r = look_at(store, &candidate, walk->before_usec, &goes);
    if (r == 0 && goes)
        walk->ids[walk->count++] = candidate.id;
    *ret_row = candidate.received_usec < walk->before_usec;
    return r;
}

/* Walk on from the cursor, until there are enough rows, or all are too young, or the walk was long
 * enough. */
static int go(struct store *store, struct walk *walk)
{
    size_t young = 0, looked = 0;
    CLEANUP(query_end) struct query q = query_start(store, walk->scan);
    query_number(&q, *walk->cursor);
    query_number(&q, PRUNE_LOOK_MAX);
    for (; walk->count < walk->room && looked < PRUNE_LOOK_MAX; looked++) {
        bool old;
        int64_t before = *walk->cursor;
        int r = step(store, walk, &q, &old);
        if (r)
            return r;
        young = old ? 0 : young + 1;
        if (*walk->cursor == before || young == PRUNE_YOUNG_MAX) {
            *walk->cursor = 0;
            return 0;
        }
    }
    return 0;
}

/* One notification's rows. Its key is loaded into `key`. */
struct doomed {
    int64_t id, first, last;
};

static int load_doomed(struct store *store, int64_t id, struct doomed *ret,
                       unsigned char key[DEDUPE_KEY_SIZE])
{
    bool row;
    size_t size;
    CLEANUP(query_end) struct query q = query_start(store, SQL_NOTIFICATION_KEY);
    query_number(&q, id);
    int r = query_step(&q, &row);
    if (r)
        return r;
    const void *bytes = query_get_bytes(&q, &size);
    if (!row || size != DEDUPE_KEY_SIZE)
        return store_say(store, STORE_CORRUPT, "%s has lost notification %lld", store->path,
                         (long long)id);
    memcpy(key, bytes, size);
    *ret = (struct doomed){.id = id, .first = query_get_number(&q)};
    ret->last = ret->first + query_get_number(&q) - 1;
    return 0;
}

/* Remove the body and the answers together: a receiver may have repeated the body in its
 * answers. */
static int remove_bytes_of(struct store *store, const struct doomed *doomed)
{
    int r = removal_of_answers(store, doomed->first, doomed->last, 0, INT64_MAX);
    if (r == 0)
        r = unknown_remove(store, doomed->id);
    return r ? r : removal_of_body(store, doomed->id);
}

int prune_body(struct store *store, int64_t id)
{
    struct doomed doomed = {0};
    unsigned char key[DEDUPE_KEY_SIZE];
    int r = load_doomed(store, id, &doomed, key);
    return r ? r : remove_bytes_of(store, &doomed);
}

int store_prune_bodies(struct store *store, uint64_t before_usec, size_t limit, size_t *ret_count)
{
    AUTOFREE int64_t *ids = memory_resize(NULL, limit + 1, sizeof(*ids));
    struct walk walk = {
        .scan = SQL_BODY_SCAN,
        .before_usec = before_usec,
        .cursor = &store->body_cursor,
        .ids = ids,
        .room = limit,
    };
    *ret_count = 0;
    int r = go(store, &walk);
    for (size_t i = 0; r == 0 && i < walk.count; i++)
        r = prune_body(store, ids[i]);
    if (r == 0)
        *ret_count = walk.count;
    return r;
}

/* Take the rows that are about to be deleted off the counts. */
static int uncount(struct store *store, const struct doomed *doomed)
{
    CLEANUP(query_end) struct query q = query_start(store, SQL_NOTIFICATION_STATES);
    query_number(&q, doomed->first);
    query_number(&q, doomed->last);
    for (;;) {
        bool row;
        int r = query_step(&q, &row);
        if (r || !row)
            return r;
        int64_t webhook = query_get_number(&q);
        counts_move(&store->counts, webhook, (enum delivery_state)query_get_number(&q), 0);
    }
}

static int delete_between(struct store *store, enum statement which, const struct doomed *doomed)
{
    CLEANUP(query_end) struct query q = query_start(store, which);
    query_number(&q, doomed->first);
    query_number(&q, doomed->last);
    return query_run(&q);
}

static int delete_notification(struct store *store, int64_t id, unsigned char key[DEDUPE_KEY_SIZE])
{
    struct doomed doomed = {0};
    int r = load_doomed(store, id, &doomed, key);
    if (r == 0)
        r = uncount(store, &doomed);
    if (r == 0)
        r = remove_bytes_of(store, &doomed);
    if (r == 0)
        r = delete_between(store, SQL_ATTEMPTS_DELETE, &doomed);
    if (r == 0)
        r = delete_between(store, SQL_DELIVERIES_DELETE, &doomed);
    if (r)
        return r;
    CLEANUP(query_end) struct query q = query_start(store, SQL_NOTIFICATION_DELETE);
    query_number(&q, id);
    return query_run(&q);
}

int prune_notification(struct store *store, int64_t notification)
{
    unsigned char key[1][DEDUPE_KEY_SIZE];
    int r = delete_notification(store, notification, key[0]);
    return r ? r : dedupe_forget(store, key, 1);
}

/* Drop the blocks of stale.c whose ids are gone. */
static int forget_blocks(struct store *store)
{
    bool row;
    CLEANUP(query_end) struct query q = query_start(store, SQL_DELIVERY_FIRST);
    int r = query_step(&q, &row);
    if (r)
        return r;
    int64_t first = query_get_number(&q);
    return stale_forget(store, first ? first : store->head.delivery + 1);
}

int store_prune_history(struct store *store, uint64_t before_usec, size_t limit, size_t *ret_count)
{
    AUTOFREE int64_t *ids = memory_resize(NULL, limit + 1, sizeof(*ids));
    AUTOFREE unsigned char(*keys)[DEDUPE_KEY_SIZE] = memory_resize(NULL, limit + 1, sizeof(*keys));
    struct walk walk = {
        .scan = SQL_NOTIFICATION_SCAN,
        .before_usec = before_usec,
        .cursor = &store->history_cursor,
        .ids = ids,
        .room = limit,
    };
    *ret_count = 0;
    int r = go(store, &walk);
    for (size_t i = 0; r == 0 && i < walk.count; i++)
        r = delete_notification(store, ids[i], keys[i]);
    if (r == 0)
        r = dedupe_forget(store, keys, walk.count);
    if (r == 0 && walk.count)
        r = forget_blocks(store);
    if (r == 0)
        *ret_count = walk.count;
    return r;
}
