/* SPDX-License-Identifier: MIT */
#include "coalesce.h"

#include "inside.h"
#include "stale.h"

static bool concerns(struct store *store, const struct lane_row *row)
{
    if (!row->lane || !row->state_of)
        return false;
    const struct webhook *webhook = webhooks_find(store, row->webhook);
    return webhook && webhook->coalesces;
}

/* Find the newest waiting delivery of the lane that reports the state of the same type; its id is 0
 * if there is none. */
static int newest_waiting(struct store *store, const struct lane_row *row, struct lane_row *ret)
{
    bool found;
    *ret = (struct lane_row){0};
    int r = fresh_write_lane(store, row->lane);
    if (r)
        return r;
    CLEANUP(query_end) struct query q = query_start(store, SQL_LANE_NEWEST_STATE);
    query_number(&q, row->lane);
    query_number(&q, row->state_of);
    query_number(&q, row->id);
    r = query_step(&q, &found);
    if (r || !found)
        return r;
    ret->id = query_get_number(&q);
    ret->event_usec = (uint64_t)query_get_number(&q);
    return 0;
}

/* ---- superseding ---- */

/* Set the fields of a superseded row: it has none of the times of waiting deliveries. */
static void close_row(struct lane_row *row, int64_t by, uint64_t now_usec)
{
    row->superseded_by = by;
    row->cause = DEAD_NOT;
    row->next_usec = row->not_before_usec = row->age_usec = 0;
    row->done_usec = now_usec;
}

static int supersede(struct store *store, struct lane_row *row, int64_t by, uint64_t now_usec)
{
    close_row(row, by, now_usec);
    int r = lane_move(store, row, DELIVERY_SUPERSEDED, NULL);
    return r ? r : superseded_note(store, row, by);
}

/* Let a row wait in place of a superseded one. It is sent when it is due, but not before the time
 * that the receiver asked for. */
static void take_over(struct lane_row *row, uint64_t not_before_usec)
{
    if (row->not_before_usec < not_before_usec)
        row->not_before_usec = not_before_usec;
    if (row->next_usec < row->not_before_usec)
        row->next_usec = row->not_before_usec;
}

/* Find older deliveries, newest first. So the head is superseded last, and the lane's next head is
 * looked for only once. */
static int find_older(struct store *store, const struct lane_row *row, int64_t ids[COALESCE_MAX],
                      size_t *ret_count)
{
    *ret_count = 0;
    CLEANUP(query_end) struct query q = query_start(store, SQL_LANE_OLDER_STATES);
    query_number(&q, row->lane);
    query_number(&q, row->state_of);
    query_number(&q, (int64_t)row->event_usec);
    query_number(&q, row->id);
    query_number(&q, COALESCE_MAX);
    for (;;) {
        bool found;
        int r = query_step(&q, &found);
        if (r || !found)
            return r;
        ids[(*ret_count)++] = query_get_number(&q);
    }
}

/* Supersede waiting deliveries that are older. *ret_not_before: the latest `not_before` of them. */
static int supersede_older(struct store *store, const struct lane_row *row, uint64_t now_usec,
                           uint64_t *ret_not_before)
{
    int64_t ids[COALESCE_MAX];
    size_t count;
    *ret_not_before = 0;
    int r = find_older(store, row, ids, &count);
    for (size_t i = 0; r == 0 && i < count; i++) {
        struct lane_row older;
        r = lane_load(store, ids[i], &older);
        if (r)
            return r;
        if (*ret_not_before < older.not_before_usec)
            *ret_not_before = older.not_before_usec;
        r = supersede(store, &older, row->id, now_usec);
    }
    return r;
}

/* ---- entering the line ---- */

/* The delivery that supersedes another one, 0: none; and whether older ones may wait. */
struct look {
    int64_t by;
    bool others;
};

static int look(struct store *store, const struct lane_row *row, struct look *ret)
{
    struct lane_row newest;
    *ret = (struct look){0};
    int r = newest_waiting(store, row, &newest);
    if (r)
        return r;
    ret->others = newest.id != 0;
    if (row->resend)
        return 0;
    if (newest.id && lane_is_older(row, &newest))
        ret->by = newest.id;
    return ret->by ? 0 : stale_find_newer_state(store, row, &ret->by);
}

/* `row` is about to wait: supersede the older ones, or set *ret_by to the delivery that supersedes
 * it. */
static int prepare(struct store *store, struct lane_row *row, uint64_t now_usec, int64_t *ret_by)
{
    struct look found = {0};
    uint64_t not_before = 0;
    int r = concerns(store, row) ? look(store, row, &found) : 0;
    *ret_by = found.by;
    if (r || found.by || !found.others)
        return r;
    r = supersede_older(store, row, now_usec, &not_before);
    take_over(row, not_before);
    return r;
}

int coalesce_place(struct store *store, struct lane_row *row, uint64_t now_usec)
{
    int64_t by = 0;
    int r = row->state == DELIVERY_READY ? prepare(store, row, now_usec, &by) : 0;
    if (r)
        return r;
    if (!by)
        return lane_place(store, row);
    close_row(row, by, now_usec);
    row->state = DELIVERY_SUPERSEDED;
    return superseded_note(store, row, by);
}

int coalesce_enter(struct store *store, struct lane_row *row, uint64_t now_usec)
{
    int64_t by;
    int r = prepare(store, row, now_usec, &by);
    if (r)
        return r;
    if (!by)
        return lane_enter(store, row);
    r = supersede(store, row, by, now_usec);
    return r ? r : STORE_SUPERSEDED;
}

int coalesce_would(struct store *store, const struct lane_row *row, bool *ret)
{
    struct look found = {0};
    int r = concerns(store, row) ? look(store, row, &found) : 0;
    *ret = found.by != 0;
    return r;
}

/* ---- back from being in flight ---- */

/* Supersede `row`. The time that the receiver asked for passes to the newer delivery, which is sent
 * instead. */
static int yield_to(struct store *store, struct lane_row *row, int64_t newer, uint64_t now_usec)
{
    struct lane_row next;
    uint64_t not_before = row->not_before_usec;
    int r = supersede(store, row, newer, now_usec);
    if (r || !not_before)
        return r;
    r = lane_load(store, newer, &next);
    if (r)
        return r;
    take_over(&next, not_before);
    return lane_write(store, &next);
}

int coalesce_returned(struct store *store, struct lane_row *row, uint64_t now_usec)
{
    struct lane_row newest;
    uint64_t unused;
    if (!concerns(store, row))
        return 0;
    int r = newest_waiting(store, row, &newest);
    if (r || !newest.id)
        return r;
    if (!row->resend && lane_is_older(row, &newest))
        return yield_to(store, row, newest.id, now_usec);
    return supersede_older(store, row, now_usec, &unused);
}

int coalesce_delivered(struct store *store, const struct lane_row *row, uint64_t now_usec)
{
    uint64_t unused;
    return concerns(store, row) ? supersede_older(store, row, now_usec, &unused) : 0;
}
