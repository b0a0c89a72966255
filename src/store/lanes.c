/* SPDX-License-Identifier: MIT */
#include "lanes.h"

#include "columns.h"
#include "inside.h"
#include "states.h"

int lane_load(struct store *store, int64_t delivery, struct lane_row *ret)
{
    bool row;
    int r = fresh_write_delivery(store, delivery);
    if (r)
        return r;
    CLEANUP(query_end) struct query q = query_start(store, SQL_DELIVERY);
    query_number(&q, delivery);
    r = query_step(&q, &row);
    if (r)
        return r;
    if (!row)
        return store_say(store, STORE_NOT_FOUND, "there is no delivery %lld", (long long)delivery);
    *ret = (struct lane_row){.id = delivery};
    ret->notification = query_get_number(query_at(&q, LANE_ROW_notification));
    ret->webhook = query_get_number(query_at(&q, LANE_ROW_webhook));
    ret->lane = query_get_number(query_at(&q, LANE_ROW_lane));
    ret->event_usec = (uint64_t)query_get_number(query_at(&q, LANE_ROW_event));
    ret->state = (enum delivery_state)query_get_number(query_at(&q, LANE_ROW_state));
    ret->retry = query_get_number(query_at(&q, LANE_ROW_retry));
    ret->next_usec = (uint64_t)query_get_number(query_at(&q, LANE_ROW_next));
    ret->not_before_usec = (uint64_t)query_get_number(query_at(&q, LANE_ROW_not_before));
    ret->age_usec = (uint64_t)query_get_number(query_at(&q, LANE_ROW_age));
    ret->attempts = (unsigned)query_get_number(query_at(&q, LANE_ROW_attempts));
    ret->faults = (unsigned)query_get_number(query_at(&q, LANE_ROW_faults));
    ret->event_faults = (unsigned)query_get_number(query_at(&q, LANE_ROW_event_faults));
    ret->cause = (enum dead_cause)query_get_number(query_at(&q, LANE_ROW_cause));
    ret->state_of = query_get_number(query_at(&q, LANE_ROW_state_of));
    ret->resend = (unsigned)query_get_number(query_at(&q, LANE_ROW_resend));
    return 0;
}

/* Find the oldest delivery of a lane's line; its id is 0 if the line is empty. */
static int first_of(struct store *store, int64_t lane, struct lane_row *ret)
{
    bool row;
    CLEANUP(query_end) struct query q = query_start(store, SQL_LANE_FIRST);
    query_number(&q, lane);
    *ret = (struct lane_row){.lane = lane};
    int r = fresh_write_lane(store, lane);
    if (r == 0)
        r = query_step(&q, &row);
    if (r || !row)
        return r;
    ret->id = query_get_number(&q);
    ret->event_usec = (uint64_t)query_get_number(&q);
    ret->state = (enum delivery_state)query_get_number(&q);
    ret->next_usec = (uint64_t)query_get_number(&q);
    ret->not_before_usec = (uint64_t)query_get_number(&q);
    ret->webhook = query_get_number(&q);
    return 0;
}

/* Check and count a move. The caller writes it. The state comes from the file: a move that
 * delivery_states does not have is damage, not a bug, so it is reported and does not abort. */
static int note_move(struct store *store, int64_t webhook, int64_t delivery,
                     enum delivery_state from, enum delivery_state to)
{
    unsigned state = from;
    if (!delivery_state_may(from, to))
        return store_say(store, STORE_CORRUPT,
                         "%s: delivery %lld is %s and cannot become %s: another program has "
                         "changed its row, or the file is damaged",
                         store->path, (long long)delivery, delivery_state_name(from),
                         delivery_state_name(to));
    states_move(delivery_states, &state, to, "delivery", delivery);
    counts_move(&store->counts, webhook, from, to);
    return 0;
}

/* Change READY to BEHIND, or back: only the order in the line has changed. */
static int swap_state(struct store *store, struct lane_row *row, enum delivery_state to)
{
    int r = note_move(store, row->webhook, row->id, row->state, to);
    if (r)
        return r;
    row->state = to;
    CLEANUP(query_end) struct query q = query_start(store, SQL_DELIVERY_STATE);
    query_number(&q, row->id);
    query_number(&q, to);
    query_number(&q, (int64_t)row->next_usec);
    query_number_or_null(&q, (int64_t)row->not_before_usec);
    return query_run(&q);
}

/* Let a row that takes a waiting head's place wait as long: the destination asked for the wait, not
 * the event. */
static void inherit(struct lane_row *row, const struct lane_row *head)
{
    if (row->next_usec < head->next_usec)
        row->next_usec = head->next_usec;
    if (row->not_before_usec < head->not_before_usec)
        row->not_before_usec = head->not_before_usec;
}

bool lane_is_older(const struct lane_row *a, const struct lane_row *b)
{
    return a->event_usec != b->event_usec ? a->event_usec < b->event_usec : a->id < b->id;
}

/* Find the place of a row that is not in line. *ret_state: READY, with the former head put behind
 * it, or BEHIND. */
static int find_place(struct store *store, struct lane_row *row, enum delivery_state *ret_state)
{
    struct lane_row head;
    *ret_state = DELIVERY_READY;
    if (!row->lane)
        return 0;
    int r = first_of(store, row->lane, &head);
    if (r || !head.id)
        return r;
    if (head.state == DELIVERY_READY && lane_is_older(row, &head)) {
        inherit(row, &head);
        return swap_state(store, &head, DELIVERY_BEHIND);
    }
    *ret_state = DELIVERY_BEHIND;
    return 0;
}

/* Make the first delivery that is behind the next head: the old head has gone. */
static int promote(struct store *store, int64_t lane)
{
    struct lane_row first;
    int r = first_of(store, lane, &first);
    if (r || !first.id)
        return r;
    return swap_state(store, &first, DELIVERY_READY);
}

/* If an older delivery came while the head was in flight, the older one becomes the head. */
static int yield_to_older(struct store *store, struct lane_row *row)
{
    struct lane_row first;
    int r = first_of(store, row->lane, &first);
    if (r || first.id == row->id)
        return r;
    inherit(&first, row);
    r = swap_state(store, row, DELIVERY_BEHIND);
    return r ? r : swap_state(store, &first, DELIVERY_READY);
}

int lane_place(struct store *store, struct lane_row *row)
{
    return row->state == DELIVERY_READY ? find_place(store, row, &row->state) : 0;
}

int lane_write(struct store *store, const struct lane_row *row)
{
    return lane_write_row(store, row, false, NULL);
}

int lane_enter(struct store *store, struct lane_row *row)
{
    enum delivery_state to;
    int r = find_place(store, row, &to);
    return r ? r : lane_move(store, row, to, NULL);
}

int lane_move(struct store *store, struct lane_row *row, enum delivery_state to,
              const struct lane_outcome *outcome)
{
    enum delivery_state from = row->state;
    bool moved = lane_place_of(from) != lane_place_of(to);
    int r = note_move(store, row->webhook, row->id, from, to);
    if (r)
        return r;
    row->state = to;
    r = lane_write_row(store, row, moved, outcome);
    if (r || !row->lane)
        return r;
    bool was_head = from == DELIVERY_READY || from == DELIVERY_INFLIGHT;
    if (was_head && lane_place_of(to) != LANE_IN_LINE)
        return promote(store, row->lane);
    if (from == DELIVERY_INFLIGHT && to == DELIVERY_READY)
        return yield_to_older(store, row);
    return 0;
}

int lane_take(struct store *store, int64_t webhook, int64_t delivery)
{
    int r = note_move(store, webhook, delivery, DELIVERY_READY, DELIVERY_INFLIGHT);
    if (r)
        return r;
    CLEANUP(query_end) struct query q = query_start(store, SQL_DELIVERY_TAKE);
    query_number(&q, delivery);
    return query_run(&q);
}
