/* SPDX-License-Identifier: MIT */
#include "stale.h"

#include <string.h>

#include "inside.h"
#include "lanes.h"

/* Return the first position whose block is not lower. */
static size_t position_of(const struct sent *sent, int64_t block)
{
    size_t at = sent->count;
    while (at && sent->blocks[at - 1].block >= block)
        at--;
    return at;
}

static void sum_up(struct sent *sent, size_t from)
{
    uint64_t so_far = from ? sent->blocks[from - 1].so_far_usec : 0;
    for (size_t i = from; i < sent->count; i++) {
        if (so_far < sent->blocks[i].newest_usec)
            so_far = sent->blocks[i].newest_usec;
        sent->blocks[i].so_far_usec = so_far;
    }
}

static struct sent_block *insert(struct sent *sent, size_t at, int64_t block)
{
    if (!sent->blocks || sent->count == sent->room) {
        sent->room = sent->room ? sent->room * 2 : 16;
        sent->blocks = memory_resize(sent->blocks, sent->room, sizeof(*sent->blocks));
    }
    memmove(sent->blocks + at + 1, sent->blocks + at, (sent->count - at) * sizeof(*sent->blocks));
    sent->count++;
    sent->blocks[at] = (struct sent_block){.block = block};
    return &sent->blocks[at];
}

static int load(struct store *store, struct webhook *webhook)
{
    struct sent *sent = &webhook->sent;
    if (sent->loaded)
        return 0;
    CLEANUP(query_end) struct query q = query_start(store, SQL_SENT);
    query_number(&q, webhook->id);
    for (;;) {
        bool row;
        int r = query_step(&q, &row);
        if (r) {
            sent_clear(sent);
            return r;
        }
        if (!row)
            break;
        struct sent_block *block = insert(sent, sent->count, query_get_number(&q));
        block->newest_usec = (uint64_t)query_get_number(&q);
    }
    sum_up(sent, 0);
    sent->clean = sent->count;
    sent->loaded = true;
    return 0;
}

/* A search in one block after the other. */
struct search {
    const struct lane_row *row;
    bool later; /* by (event time, id), and only deliveries in DELIVERED; else a later event time */
    uint64_t from_usec; /* blocks with nothing from then on are not looked into */
    int64_t found;      /* 0: none */
};

static int look_into(struct store *store, int64_t block, struct search *search)
{
    bool found;
    const struct lane_row *row = search->row;
    CLEANUP(query_end)
    struct query q = query_start(store, search->later ? SQL_SENT_NEWER_STATE : SQL_SENT_NEWER);
    query_number(&q, block);
    query_number(&q, row->lane);
    query_number(&q, row->state_of);
    query_number(&q, (int64_t)row->event_usec);
    if (search->later)
        query_number(&q, row->id);
    int r = query_step(&q, &found);
    search->found = r == 0 && found ? query_get_number(&q) : 0;
    return r;
}

/* Fill the filter with all lanes of the block. stale_note adds the lanes that come later. */
static int fill_filter(struct store *store, struct lane_filter *filter)
{
    CLEANUP(query_end) struct query q = query_start(store, SQL_BLOCK_LANES);
    query_number(&q, filter->block);
    for (;;) {
        bool row;
        int r = query_step(&q, &row);
        if (r)
            lane_filters_remove(&store->lane_filters, filter->block);
        if (r || !row)
            return r;
        lane_filter_add(filter, query_get_number(&q));
    }
}

/* Set *ret_maybe to whether a block is worth a look. Old blocks always are. */
static int ask_filter(struct store *store, int64_t block, int64_t lane, bool *ret_maybe)
{
    struct lane_filter *filter = lane_filters_find(&store->lane_filters, block);
    int r = 0;
    *ret_maybe = true;
    if (!filter) {
        filter = lane_filters_add(&store->lane_filters, block);
        r = filter ? fill_filter(store, filter) : 0;
    }
    if (r == 0 && filter)
        *ret_maybe = lane_filter_may_have(filter, lane);
    return r;
}

static int look_if_worth(struct store *store, int64_t block, struct search *search)
{
    bool maybe;
    int r = ask_filter(store, block, search->row->lane, &maybe);
    return r || !maybe ? r : look_into(store, block, search);
}

static int run_search(struct store *store, struct search *search)
{
    struct webhook *webhook = webhooks_find(store, search->row->webhook);
    if (!webhook || !search->row->lane || !search->row->state_of)
        return 0;
    int r = load(store, webhook);
    const struct sent *sent = &webhook->sent;
    for (size_t i = sent->count; r == 0 && i-- > 0 && !search->found;) {
        const struct sent_block *block = &sent->blocks[i];
        if (block->so_far_usec < search->from_usec)
            break;
        if (block->newest_usec >= search->from_usec)
            r = look_if_worth(store, block->block, search);
    }
    return r;
}

int stale_look(struct store *store, const struct lane_row *row, bool *ret_stale)
{
    struct search search = {.row = row, .from_usec = row->event_usec + 1};
    int r = run_search(store, &search);
    *ret_stale = search.found != 0;
    return r;
}

int stale_find_newer_state(struct store *store, const struct lane_row *row, int64_t *ret_id)
{
    struct search search = {.row = row, .later = true, .from_usec = row->event_usec};
    int r = run_search(store, &search);
    *ret_id = search.found;
    return r;
}

int stale_note(struct store *store, const struct lane_row *row)
{
    struct webhook *webhook = webhooks_find(store, row->webhook);
    if (!webhook || !row->lane || !row->state_of)
        return 0;
    int r = load(store, webhook);
    if (r)
        return r;
    struct sent *sent = &webhook->sent;
    int64_t number = row->id >> STALE_BLOCK_BITS;
    struct lane_filter *filter = lane_filters_find(&store->lane_filters, number);
    if (filter)
        lane_filter_add(filter, row->lane);
    size_t at = position_of(sent, number);
    struct sent_block *block = at < sent->count ? &sent->blocks[at] : NULL;
    if (!block || block->block != number)
        block = insert(sent, at, number);
    if (block->newest_usec >= row->event_usec)
        return 0;
    block->newest_usec = row->event_usec;
    block->dirty = true;
    sum_up(sent, at);
    if (sent->clean > at)
        sent->clean = at;
    return 0;
}

static int write_block(struct store *store, int64_t webhook, const struct sent_block *block)
{
    CLEANUP(query_end) struct query q = query_start(store, SQL_SENT_WRITE);
    query_number(&q, webhook);
    query_number(&q, block->block);
    query_number(&q, (int64_t)block->newest_usec);
    return query_run(&q);
}

int stale_write(struct store *store)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < store->webhooks.count; i++) {
        const struct webhook *webhook = &store->webhooks.rows[i];
        for (size_t j = webhook->sent.clean; r == 0 && j < webhook->sent.count; j++)
            if (webhook->sent.blocks[j].dirty)
                r = write_block(store, webhook->id, &webhook->sent.blocks[j]);
    }
    return r;
}

void stale_commit(struct store *store)
{
    for (size_t i = 0; i < store->webhooks.count; i++) {
        struct sent *sent = &store->webhooks.rows[i].sent;
        for (; sent->clean < sent->count; sent->clean++)
            sent->blocks[sent->clean].dirty = false;
    }
}

int stale_forget(struct store *store, int64_t delivery)
{
    int64_t block = delivery >> STALE_BLOCK_BITS;
    CLEANUP(query_end) struct query q = query_start(store, SQL_SENT_DELETE);
    query_number(&q, block);
    int r = query_run(&q);
    for (size_t i = 0; r == 0 && i < store->webhooks.count; i++) {
        struct sent *sent = &store->webhooks.rows[i].sent;
        size_t gone = position_of(sent, block);
        sent->count -= gone;
        sent->clean = sent->clean > gone ? sent->clean - gone : 0;
        if (gone)
            memmove(sent->blocks, sent->blocks + gone, sent->count * sizeof(*sent->blocks));
        sum_up(sent, 0);
    }
    return r;
}
