/* SPDX-License-Identifier: MIT */
#include "base/text.h"
#include "inside.h"

static int read_counts(struct store *store, int64_t webhook, uint64_t counts[DELIVERY_STATES])
{
    CLEANUP(query_end) struct query q = query_start(store, SQL_COUNTS);
    query_number(&q, webhook);
    for (;;) {
        bool row;
        int r = query_step(&q, &row);
        if (r || !row)
            return r;
        int64_t state = query_get_number(&q);
        if (state > 0 && state < DELIVERY_STATES)
            counts[state] = (uint64_t)query_get_number(&q);
    }
}

static int read_received(struct store *store, enum statement which, int64_t webhook, uint64_t *ret)
{
    bool row;
    CLEANUP(query_end) struct query q = query_start(store, which);
    query_number(&q, webhook);
    int r = query_step(&q, &row);
    *ret = r == 0 && row ? (uint64_t)query_get_number(&q) : 0;
    return r;
}

static int read_oldest(struct store *store, struct store_webhook *webhook)
{
    uint64_t waiting, held;
    int r = read_received(store, SQL_OLDEST_LINE, webhook->id, &waiting);
    if (r == 0)
        r = read_received(store, SQL_OLDEST_HELD, webhook->id, &held);
    if (r)
        return r;
    webhook->waiting_usec = waiting;
    webhook->oldest_usec = !waiting || (held && held < waiting) ? held : waiting;
    return 0;
}

static int tell(struct store *store, const struct webhook *row,
                void (*each)(const struct store_webhook *, void *), void *userdata)
{
    struct store_webhook webhook = {0};
    if (row)
        webhook = (struct store_webhook){
            .id = row->id,
            .name = row->name,
            .configured = row->configured,
            .paused_usec = row->paused_usec,
            .paused_why = row->paused_why,
        };
    for (unsigned state = 0; state < DELIVERY_STATES; state++)
        webhook.moves[state] = counts_moves(&store->counts, webhook.id, state);
    int r = read_counts(store, webhook.id, webhook.counts);
    if (r == 0)
        r = read_oldest(store, &webhook);
    if (r == 0)
        r = store_next_due(store, webhook.id, &webhook.next_usec);
    if (r)
        return r;
    webhook.next_usec = delays_to_time(store, webhook.next_usec);
    each(&webhook, userdata);
    return 0;
}

int store_each_webhook(struct store *store, void (*each)(const struct store_webhook *, void *),
                       void *userdata)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < store->webhooks.count; i++)
        r = tell(store, &store->webhooks.rows[i], each, userdata);
    return r ? r : tell(store, NULL, each, userdata);
}

static int count_rows(struct store *store, enum statement which, uint64_t *ret)
{
    bool row;
    CLEANUP(query_end) struct query q = query_start(store, which);
    int r = query_step(&q, &row);
    *ret = r == 0 && row ? (uint64_t)query_get_number(&q) : 0;
    return r;
}

int store_waiting(struct store *store, uint64_t *ret)
{
    return count_rows(store, SQL_WAITING, ret);
}

int store_backlog(struct store *store, uint64_t *ret)
{
    int64_t unknown = 0;
    int r = count_rows(store, SQL_BACKLOG, ret);
    if (r == 0)
        r = unknown_deliveries(store, &unknown);
    *ret = *ret > (uint64_t)unknown ? *ret - (uint64_t)unknown : 0;
    return r;
}

void store_count(struct store *store, const char *counter, int64_t delta)
{
    counts_add(&store->counts, counter, delta);
}

int store_counter(struct store *store, const char *counter, uint64_t *ret)
{
    bool row;
    CLEANUP(query_end) struct query q = query_start(store, SQL_COUNTER);
    query_text(&q, counter);
    int r = query_step(&q, &row);
    if (r)
        return r;
    *ret = row ? (uint64_t)query_get_number(&q) : 0;
    for (size_t i = 0; i < store->counts.n_counters; i++)
        if (text_equal(store->counts.counters[i].name, counter))
            *ret += (uint64_t)store->counts.counters[i].delta;
    return 0;
}

int store_newest_usec(struct store *store, uint64_t *ret_usec)
{
    bool row;
    CLEANUP(query_end) struct query q = query_start(store, SQL_NEWEST);
    int r = query_step(&q, &row);
    if (r)
        return r;
    *ret_usec = row ? (uint64_t)query_get_number(&q) : 0;
    return 0;
}
