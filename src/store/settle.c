/* SPDX-License-Identifier: MIT */
#include "coalesce.h"
#include "inside.h"
#include "lanes.h"
#include "stale.h"

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
