/* SPDX-License-Identifier: MIT */
#include "base/digest.h"
#include "base/text.h"
#include "inside.h"
#include "lanes.h"

int64_t lane_of(int64_t webhook, const char *seller_id, const char *order_id)
{
    if (!order_id)
        return 0;
    char number[TEXT_NUMBER_MAX];
    text_number(number, (uint64_t)webhook); /* no row id is negative */
    int64_t lane = digest_key64((const char *[]){number, seller_id ? seller_id : "", order_id}, 3);
    return lane ? lane : 1;
}

int64_t lane_state_of(const char *type)
{
    int64_t number = digest_key64(&type, 1);
    return number ? number : 1;
}

enum lane_place lane_place_of(enum delivery_state state)
{
    switch (state) {
    case DELIVERY_READY:
    case DELIVERY_INFLIGHT:
    case DELIVERY_BEHIND:
        return LANE_IN_LINE;
    case DELIVERY_HELD:
    case DELIVERY_DEAD:
        return LANE_ASIDE;
    case DELIVERY_DELIVERED:
    case DELIVERY_SUPERSEDED:
    case DELIVERY_FILTERED:
    case DELIVERY_DROPPED:
    case DELIVERY_ORPHANED:
    case DELIVERY_STATES:
        return LANE_DONE;
    }
    return LANE_DONE;
}

int lane_add(struct store *store, const struct lane_row *row, const char *reason)
{
    CLEANUP(query_end) struct query q = query_start(store, SQL_DELIVERY_ADD);
    query_number(&q, row->id);
    query_number(&q, row->notification);
    query_number(&q, row->webhook);
    query_number_or_null(&q, row->lane);
    query_number(&q, (int64_t)row->event_usec);
    query_number(&q, row->state);
    query_number(&q, lane_place_of(row->state));
    query_number_or_null(&q, (int64_t)row->next_usec);
    query_number_or_null(&q, (int64_t)row->not_before_usec);
    query_number_or_null(&q, (int64_t)row->age_usec);
    query_number(&q, row->attempts);
    query_number_or_null(&q, (int64_t)row->done_usec);
    query_number(&q, row->cause);
    query_text(&q, reason);
    query_number_or_null(&q, row->state_of);
    query_number_or_null(&q, row->superseded_by);
    query_number(&q, row->format);
    int r = query_run(&q);
    if (r == 0)
        counts_move(&store->counts, row->webhook, 0, row->state);
    return r;
}

int lane_write_row(struct store *store, const struct lane_row *row, bool moved,
                   const struct lane_outcome *outcome)
{
    static const struct lane_outcome none;
    const struct lane_outcome *o = outcome ? outcome : &none;
    CLEANUP(query_end)
    struct query q = query_start(store, moved ? SQL_DELIVERY_MOVE : SQL_DELIVERY_STAY);
    query_number(&q, row->id);
    query_number(&q, row->state);
    query_number(&q, row->retry);
    query_number_or_null(&q, (int64_t)row->next_usec);
    query_number_or_null(&q, (int64_t)row->not_before_usec);
    query_number_or_null(&q, (int64_t)row->age_usec);
    query_number(&q, row->faults);
    query_number(&q, row->event_faults);
    query_number(&q, outcome != NULL);
    query_number(&q, o->status);
    query_text(&q, o->error_class);
    query_text(&q, o->reason);
    query_number_or_null(&q, (int64_t)o->attempt_usec);
    query_number(&q, row->attempts);
    if (moved) {
        query_number(&q, lane_place_of(row->state));
        query_number_or_null(&q, (int64_t)row->done_usec);
        query_number(&q, row->cause);
        query_number_or_null(&q, row->superseded_by);
    }
    return query_run(&q);
}
