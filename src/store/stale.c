/* SPDX-License-Identifier: MIT */
#include "stale.h"

#include "base/clock.h"
#include "inside.h"

/* One number of a query that gives at most one row; -1: none. */
static int first_number(struct query *q, int64_t *ret)
{
    bool row;
    int r = query_step(q, &row);
    *ret = r == 0 && row ? query_get_number(q) : -1;
    return r;
}

/* No event delivered to the webhook is newer than webhook->sent_usec. */
static int know_newest(struct store *store, struct webhook *webhook)
{
    int64_t hour;
    if (webhook->sent_usec != UINT64_MAX)
        return 0;
    CLEANUP(query_end) struct query q = query_start(store, SQL_SENT_HOUR);
    query_number(&q, webhook->id);
    int r = first_number(&q, &hour);
    if (r == 0)
        webhook->sent_usec = (uint64_t)(hour + 1) * USEC_PER_HOUR;
    return r;
}

static int look_into(struct store *store, int64_t webhook, int64_t hour, int64_t lane, int64_t kind,
                     uint64_t event_usec, bool *ret_found)
{
    CLEANUP(query_end) struct query q = query_start(store, SQL_SENT_NEWEST);
    query_number(&q, webhook);
    query_number(&q, hour);
    query_number(&q, lane);
    query_number(&q, kind);
    query_number(&q, (int64_t)event_usec);
    return query_step(&q, ret_found);
}

static int next_hour(struct store *store, int64_t webhook, int64_t hour, int64_t *ret)
{
    CLEANUP(query_end) struct query q = query_start(store, SQL_SENT_HOUR_AFTER);
    query_number(&q, webhook);
    query_number(&q, hour);
    return first_number(&q, ret);
}

int stale_look(struct store *store, int64_t webhook, int64_t lane, int64_t kind, uint64_t event_usec,
               bool *ret_stale)
{
    struct webhook *row = webhooks_find(store, webhook);
    *ret_stale = false;
    int r = row && lane ? know_newest(store, row) : 0;
    if (r || !row || !lane)
        return r;
    int64_t last = (int64_t)(row->sent_usec / USEC_PER_HOUR);
    int64_t hour = (int64_t)(event_usec / USEC_PER_HOUR);
    for (int looked = 0; event_usec < row->sent_usec && hour <= last; looked++) {
        r = look_into(store, webhook, hour, lane, kind, event_usec, ret_stale);
        if (r || *ret_stale || looked == STALE_HOURS_MAX)
            return r;
        r = next_hour(store, webhook, hour, &hour);
        if (r || hour < 0)
            return r;
    }
    return 0;
}

void stale_note(struct store *store, int64_t webhook, uint64_t event_usec)
{
    struct webhook *row = webhooks_find(store, webhook);
    if (row && row->sent_usec != UINT64_MAX && row->sent_usec < event_usec)
        row->sent_usec = event_usec;
}
