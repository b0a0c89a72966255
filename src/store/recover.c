/* SPDX-License-Identifier: MIT */
/* At start: deliveries that were in flight when the last process ended. */
#include "coalesce.h"
#include "inside.h"
#include "lanes.h"

static int recover_one(struct store *store, int64_t delivery, uint64_t now_usec)
{
    struct lane_row row;
    int r = lane_load(store, delivery, &row);
    if (r)
        return r;
    row.retry = true;
    row.next_usec = delays_from_time(store, now_usec);
    r = lane_move(store, &row, DELIVERY_READY, NULL);
    return r ? r : coalesce_returned(store, &row, now_usec);
}

int store_recover(struct store *store, uint64_t now_usec, size_t *ret_count)
{
    AUTOFREE int64_t *ids = NULL;
    size_t count;
    CLEANUP(query_end) struct query q = query_start(store, SQL_INFLIGHT);
    int r = query_collect(&q, &ids, &count);
    query_end(&q);
    *ret_count = count;
    for (size_t i = 0; r == 0 && i < count; i++)
        r = recover_one(store, ids[i], now_usec);
    return r;
}
