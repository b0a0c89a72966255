/* SPDX-License-Identifier: MIT */
/* Brings waiting deliveries forward: the destination works again, or was repaired. */
#include "fresh.h"
#include "inside.h"

/* The most deliveries that one call of store_hasten brings forward. */
#define HASTEN_MAX 1000

int store_hasten(struct store *store, int64_t webhook, uint64_t delay_usec)
{
    AUTOFREE int64_t *ids = NULL;
    size_t count;
    CLEANUP(query_end) struct query q = query_start(store, SQL_HASTEN);
    query_number(&q, webhook);
    query_number(&q, (int64_t)delay_usec);
    query_number(&q, HASTEN_MAX);
    int r = query_collect(&q, &ids, &count);
    query_end(&q);
    for (size_t i = 0; r == 0 && i < count; i++) {
        CLEANUP(query_end) struct query one = query_start(store, SQL_DELIVERY_NEXT);
        query_number(&one, (int64_t)delay_usec);
        query_number(&one, ids[i]);
        r = query_run(&one);
    }
    return r;
}

/* Make one delivery, or the lane that it heads, due now. */
static int hurry_one(struct store *store, int64_t delivery, int64_t lane, int64_t delay_usec)
{
    CLEANUP(query_end)
    struct query q = query_start(store, lane ? SQL_HURRY_LANE : SQL_HURRY_ONE);
    query_number(&q, delay_usec);
    query_number(&q, lane ? lane : delivery);
    return query_run(&q);
}

/* Make deliveries due now: those that were tried, or those that were not. */
static int hurry_some(struct store *store, int64_t webhook, bool retry, bool *ret_more)
{
    int64_t ids[STORE_HURRY_MAX], lanes[STORE_HURRY_MAX];
    int64_t now = (int64_t)store_delay_usec(store);
    size_t count = 0;
    bool row = true;
    CLEANUP(query_end) struct query q = query_start(store, SQL_HURRY);
    query_number(&q, webhook);
    query_number(&q, retry);
    query_number(&q, now);
    query_number(&q, STORE_HURRY_MAX);
    int r = query_step(&q, &row);
    for (; r == 0 && row; r = query_step(&q, &row)) {
        ids[count] = query_get_number(&q);
        lanes[count++] = query_get_number(&q);
    }
    query_end(&q);
    for (size_t i = 0; r == 0 && i < count; i++)
        r = hurry_one(store, ids[i], lanes[i], now);
    *ret_more = *ret_more || count == STORE_HURRY_MAX;
    return r;
}

int store_hurry(struct store *store, int64_t webhook, bool *ret_more)
{
    *ret_more = false;
    int r = fresh_write_webhook(store, webhook);
    if (r == 0)
        r = hurry_some(store, webhook, true, ret_more);
    return r ? r : hurry_some(store, webhook, false, ret_more);
}
