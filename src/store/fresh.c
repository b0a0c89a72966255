/* SPDX-License-Identifier: MIT */
#include "fresh.h"

#include <string.h>

#include "claims.h"
#include "inside.h"

static uint64_t *word_of(struct fresh *fresh, int64_t lane, uint64_t *ret_bit)
{
    uint64_t number = (uint64_t)lane % FRESH_LANE_BITS;
    *ret_bit = (uint64_t)1 << (number % 64);
    return &fresh->lanes[number / 64];
}

static void mark_lane(struct fresh *fresh, int64_t lane)
{
    uint64_t bit, *word = word_of(fresh, lane, &bit);
    *word |= bit;
}

static bool may_have_lane(struct fresh *fresh, int64_t lane)
{
    uint64_t bit, *word = word_of(fresh, lane, &bit);
    return fresh->count && (*word & bit);
}

void fresh_keep(struct store *store, const struct lane_row *row, const struct accept *accept)
{
    struct fresh *fresh = &store->fresh;
    if (fresh->count == fresh->room) {
        fresh->room = fresh->room ? fresh->room * 2 : 16;
        fresh->rows = memory_resize(fresh->rows, fresh->room, sizeof(*fresh->rows));
    }
    if (!fresh->count)
        memset(fresh->lanes, 0, sizeof(fresh->lanes));
    mark_lane(fresh, row->lane);
    struct fresh_row *kept = &fresh->rows[fresh->count++];
    *kept = (struct fresh_row){
        .row = *row,
        .claim =
            {
                .delivery = row->id,
                .lane = row->lane,
                .event_usec = row->event_usec,
                .received_usec = accept->received_usec,
                .published_usec = accept->published_usec,
            },
    };
    const struct webhook_body body = {
        .format = row->format,
        .prefix = accept->prefix,
        .prefix_size = accept->prefix_size,
        .bytes = accept->bytes,
        .bytes_size = accept->bytes_size,
        .id = accept->id,
        .seller_id = accept->seller_id,
        .type = accept->type,
        .order_id = accept->order_id,
        .event_usec = accept->event_usec,
    };
    claim_keep_strings(&kept->claim, &body, accept->queue, accept->seller);
}

static int write_ready(struct store *store, struct fresh_row *row)
{
    claim_clear(&row->claim);
    return lane_add(store, &row->row, NULL);
}

static bool is_of_lane(const struct fresh_row *row, int64_t lane)
{
    return lane && row->row.lane == lane;
}

static bool is_delivery(const struct fresh_row *row, int64_t delivery)
{
    return row->row.id == delivery;
}

static bool is_of_webhook(const struct fresh_row *row, int64_t webhook)
{
    return row->row.webhook == webhook;
}

static bool is_any(const struct fresh_row *row, int64_t unused)
{
    (void)row;
    (void)unused;
    return true;
}

/* Write the rows that `is_meant` selects. The others keep their order. After a failure all rows are
 * dropped, with the transaction. */
static int write_some(struct store *store, bool (*is_meant)(const struct fresh_row *, int64_t),
                      int64_t value)
{
    struct fresh *fresh = &store->fresh;
    size_t left = 0;
    int r = 0;
    for (size_t i = 0; i < fresh->count; i++) {
        struct fresh_row *row = &fresh->rows[i];
        if (r == 0 && is_meant(row, value))
            r = write_ready(store, row);
        else
            fresh->rows[left++] = *row;
    }
    fresh->count = left;
    return r;
}

int fresh_write_lane(struct store *store, int64_t lane)
{
    return may_have_lane(&store->fresh, lane) ? write_some(store, is_of_lane, lane) : 0;
}

int fresh_write_delivery(struct store *store, int64_t delivery)
{
    return write_some(store, is_delivery, delivery);
}

int fresh_write_webhook(struct store *store, int64_t webhook)
{
    return write_some(store, is_of_webhook, webhook);
}

int fresh_write(struct store *store)
{
    return write_some(store, is_any, 0);
}

static int claim_one(struct store *store, struct fresh_row *row, struct claim *out)
{
    row->row.state = DELIVERY_INFLIGHT;
    row->row.attempts = row->claim.attempt = 1;
    int r = lane_add(store, &row->row, NULL);
    if (r == 0)
        r = claim_look_for_newer(store, row->row.webhook, &row->claim, row->row.state_of);
    if (r) {
        claim_clear(&row->claim);
        return r;
    }
    row->claim.sequence = (uint64_t)++store->head.sequence;
    *out = row->claim;
    return 0;
}

int fresh_claim(struct store *store, const struct claim_query *query, size_t room,
                struct claim *out, size_t *ret_count)
{
    struct fresh *fresh = &store->fresh;
    size_t left = 0, bytes = 0;
    int r = 0;
    for (size_t i = 0; i < *ret_count; i++)
        bytes += out[i].body_size;
    for (size_t i = 0; i < fresh->count; i++) {
        struct fresh_row *row = &fresh->rows[i];
        bool takes = r == 0 && row->row.webhook == query->webhook && *ret_count < room &&
                     (*ret_count == 0 || bytes < query->bytes);
        if (!takes) {
            fresh->rows[left++] = *row;
            continue;
        }
        bytes += row->claim.body_size;
        r = claim_one(store, row, &out[*ret_count]);
        *ret_count += r == 0;
    }
    fresh->count = left;
    return r;
}

void fresh_drop(struct fresh *fresh)
{
    for (size_t i = 0; i < fresh->count; i++)
        claim_clear(&fresh->rows[i].claim);
    fresh->count = 0;
}

void fresh_clear(struct fresh *fresh)
{
    fresh_drop(fresh);
    free(fresh->rows);
    *fresh = (struct fresh){0};
}
