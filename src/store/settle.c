/* SPDX-License-Identifier: MIT */
#include "coalesce.h"
#include "inside.h"
#include "lanes.h"
#include "stale.h"

/* The most deliveries that one call of store_hasten brings forward. */
#define HASTEN_MAX 1000

static const char *or_null(const char *text)
{
    return text[0] ? text : NULL;
}

/* Find the id of the next answer. An answer is sealed under its id, so the id must be known
 * before. */
static int next_answer(struct store *store, int64_t *ret_id)
{
    bool row;
    CLEANUP(query_end) struct query q = query_start(store, SQL_ANSWER_NEXT);
    int r = query_step(&q, &row);
    *ret_id = r == 0 && row ? query_get_number(&q) : 0;
    return r;
}

static int add_answer(struct store *store, const struct settle *settle, int64_t *ret_id)
{
    size_t kept = settle->answer_size < STORE_ANSWER_MAX ? settle->answer_size : STORE_ANSWER_MAX;
    *ret_id = 0;
    int r = kept ? next_answer(store, ret_id) : 0;
    if (r || !kept)
        return r;
    AUTOTEXT struct text room = {0};
    CLEANUP(query_end) struct query q = query_start(store, SQL_ANSWER_ADD);
    query_number(&q, *ret_id);
    seal_bind(&q, SEAL_ANSWER, *ret_id, settle->answer, kept, &room);
    seal_bind_number(&q);
    return query_run(&q);
}

static int add_attempt(struct store *store, const struct settle *settle)
{
    int64_t answer;
    int r = add_answer(store, settle, &answer);
    if (r)
        return r;
    CLEANUP(query_end) struct query q = query_start(store, SQL_ATTEMPT_ADD);
    query_number(&q, settle->delivery);
    query_number(&q, settle->attempt);
    query_number(&q, (int64_t)settle->started_usec);
    query_number(&q, (int64_t)settle->duration_usec);
    query_number(&q, settle->status);
    query_text(&q, or_null(settle->error_class));
    query_text(&q, or_null(settle->reason));
    query_text(&q, or_null(settle->peer));
    query_number_or_null(&q, answer);
    return query_run(&q);
}

/* Remove the row of the same attempt, if an earlier process recorded it, and the attempts that are
 * too many. */
static int remove_attempts(struct store *store, const struct settle *settle)
{
    int64_t delivery = settle->delivery, attempt = settle->attempt;
    int r = removal_of_answers(store, delivery, delivery, attempt, attempt);
    if (r || attempt <= STORE_ATTEMPTS_MAX)
        return r;
    r = removal_of_answers(store, delivery, delivery, 0, attempt - STORE_ATTEMPTS_MAX);
    if (r)
        return r;
    CLEANUP(query_end) struct query q = query_start(store, SQL_ATTEMPTS_OLD);
    query_number(&q, delivery);
    query_number(&q, attempt - STORE_ATTEMPTS_MAX);
    return query_run(&q);
}

static int note_attempt(struct store *store, const struct settle *settle)
{
    if (settle->attempt == 1 && settle->to == DELIVERY_DELIVERED)
        return 0;
    int r = remove_attempts(store, settle);
    return r ? r : add_attempt(store, settle);
}

static void close_row(struct lane_row *row, const struct settle *settle, uint64_t now_usec)
{
    row->cause = settle->to == DELIVERY_DEAD ? settle->cause : DEAD_NOT;
    row->next_usec = row->not_before_usec = row->age_usec = 0;
    row->done_usec = now_usec;
}

/* Apply the outcome to the rest of the lane, if only the newest state is sent. */
static int coalesce(struct store *store, struct lane_row *row, enum delivery_state to,
                    uint64_t now_usec)
{
    if (to == DELIVERY_READY)
        return coalesce_returned(store, row, now_usec);
    return to == DELIVERY_DELIVERED ? coalesce_delivered(store, row, now_usec) : 0;
}

int store_settle(struct store *store, const struct settle *settle, uint64_t now_usec)
{
    struct lane_row row;
    int r = lane_load(store, settle->delivery, &row);
    if (r == STORE_NOT_FOUND)
        return 0;
    if (r || row.state != DELIVERY_INFLIGHT || row.attempts != settle->attempt)
        return r;
    /* A delivered row must not grow, or its page splits: `done` stands for the last attempt. */
    struct lane_outcome outcome = {
        .status = settle->status,
        .error_class = or_null(settle->error_class),
        .reason = or_null(settle->reason),
        .attempt_usec = settle->to == DELIVERY_DELIVERED ? 0 : settle->started_usec,
    };
    row.retry = true;
    row.faults = settle->faults;
    row.event_faults = settle->event_faults;
    row.next_usec = settle->next_usec;
    row.not_before_usec = settle->not_before_usec;
    if (settle->to != DELIVERY_READY)
        close_row(&row, settle, now_usec);
    if (settle->to == DELIVERY_DELIVERED)
        r = stale_note(store, &row);
    if (r == 0)
        r = note_attempt(store, settle);
    if (r == 0)
        r = lane_move(store, &row, settle->to, &outcome);
    return r ? r : coalesce(store, &row, settle->to, now_usec);
}

int store_forgive(struct store *store, int64_t delivery, bool refusal)
{
    CLEANUP(query_end)
    struct query q =
        query_start(store, refusal ? SQL_DELIVERY_FORGIVE_REFUSAL : SQL_DELIVERY_FORGIVE);
    query_number(&q, delivery);
    return query_run(&q);
}

/* Collect the ids that a statement gives, because the changes would disturb its run. Owned by the
 * caller. */
static int gather(struct query *q, int64_t **ret_ids, size_t *ret_count)
{
    *ret_ids = NULL;
    *ret_count = 0;
    for (;;) {
        bool row;
        int r = query_step(q, &row);
        if (r || !row)
            return r;
        if ((*ret_count & (*ret_count - 1)) == 0)
            *ret_ids = memory_resize(*ret_ids, *ret_count ? *ret_count * 2 : 1, sizeof(**ret_ids));
        (*ret_ids)[(*ret_count)++] = query_get_number(q);
    }
}

int store_hasten(struct store *store, int64_t webhook, uint64_t delay_usec)
{
    AUTOFREE int64_t *ids = NULL;
    size_t count;
    CLEANUP(query_end) struct query q = query_start(store, SQL_HASTEN);
    query_number(&q, webhook);
    query_number(&q, (int64_t)delay_usec);
    query_number(&q, HASTEN_MAX);
    int r = gather(&q, &ids, &count);
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
    int r = gather(&q, &ids, &count);
    query_end(&q);
    *ret_count = count;
    for (size_t i = 0; r == 0 && i < count; i++)
        r = recover_one(store, ids[i], now_usec);
    return r;
}
