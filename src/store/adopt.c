/* SPDX-License-Identifier: MIT */
#include "coalesce.h"
#include "inside.h"
#include "lanes.h"

/* Find the delivery's lane with another webhook. */
static int lane_with(struct store *store, const struct lane_row *row, int64_t webhook,
                     int64_t *ret_lane)
{
    bool found;
    CLEANUP(query_end) struct query q = query_start(store, SQL_ORDER_OF);
    query_number(&q, row->notification);
    int r = query_step(&q, &found);
    if (r || !found)
        return r ? r : STORE_CORRUPT;
    const char *seller_id = names_get(store, &q);
    *ret_lane = lane_of(webhook, seller_id, query_get_text(&q));
    return 0;
}

/* Give a held delivery to another webhook. While it is held, it is in no lane. */
static int hand_over(struct store *store, struct lane_row *row, int64_t webhook, int64_t lane,
                     enum webhook_format format)
{
    counts_move(&store->counts, row->webhook, DELIVERY_HELD, 0);
    counts_move(&store->counts, webhook, 0, DELIVERY_HELD);
    row->webhook = webhook;
    row->lane = lane;
    CLEANUP(query_end) struct query q = query_start(store, SQL_DELIVERY_ADOPT);
    query_number(&q, row->id);
    query_number(&q, webhook);
    query_number_or_null(&q, lane);
    query_number(&q, format);
    return query_run(&q);
}

static int unfit(struct store *store, const struct lane_row *row, const char *why)
{
    return store_say(store, STORE_UNFIT, "delivery %lld: %s", (long long)row->id, why);
}

int store_adopt(struct store *store, int64_t delivery, int64_t webhook, enum webhook_format format,
                uint64_t now_usec)
{
    struct lane_row row;
    int64_t lane = 0;
    int r = lane_load(store, delivery, &row);
    if (r)
        return r;
    const struct webhook *from = webhooks_find(store, row.webhook);
    const struct webhook *to = webhooks_find(store, webhook);
    if (row.state == DELIVERY_INFLIGHT)
        return store_say(store, STORE_IN_FLIGHT, "delivery %lld is in flight, try again",
                         (long long)delivery);
    if (!from || from->configured || !to || !delivery_state_is_open(row.state))
        return unfit(store, &row, "only what waits for a webhook that left can be given away");
    r = lane_with(store, &row, webhook, &lane);
    if (r == 0 && row.state != DELIVERY_HELD)
        r = lane_move(store, &row, DELIVERY_HELD, NULL);
    if (r == 0)
        r = hand_over(store, &row, webhook, lane, format);
    if (r)
        return r;
    row.faults = row.event_faults = 0;
    row.retry = true; /* the operator's time: store_hasten and store_hurry leave it as it is */
    row.next_usec = delays_from_time(store, now_usec);
    row.not_before_usec = 0;
    row.age_usec = webhooks_time_usec(to, now_usec);
    return coalesce_enter(store, &row, now_usec);
}
