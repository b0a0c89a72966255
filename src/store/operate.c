/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "coalesce.h"
#include "inside.h"
#include "lanes.h"

static int unfit(struct store *store, const struct lane_row *row, const char *why)
{
    return store_say(store, STORE_UNFIT, "delivery %lld is %s%s%s", (long long)row->id,
                     delivery_state_name(row->state), *why ? ": " : "", why);
}

/* Whether a delivery could ever be sent. */
static bool is_sendable(const struct lane_row *row)
{
    return row->webhook && (row->state != DELIVERY_DEAD || dead_cause_is_outcome(row->cause));
}

static uint64_t webhook_time(struct store *store, const struct lane_row *row, uint64_t now_usec)
{
    return webhooks_time_usec(webhooks_find(store, row->webhook), now_usec);
}

/* Note the retry for the daemon: it must not wait any longer for the time that the receiver asked
 * for. */
static int note_retry(struct store *store, const struct lane_row *row)
{
    const struct webhook *webhook = webhooks_find(store, row->webhook);
    AUTOFREE char *when = memory_format("%llu", (unsigned long long)store_delay_usec(store));
    return store_set_fact(store, "webhook", webhook ? webhook->name : "", STORE_RETRIED, when);
}

static int retry(struct store *store, struct lane_row *row, uint64_t now_usec)
{
    bool in_line = row->state == DELIVERY_READY || row->state == DELIVERY_BEHIND;
    if (!in_line && row->state != DELIVERY_DEAD)
        return unfit(store, row, "");
    if (!is_sendable(row))
        return unfit(store, row, "it can never be sent");
    row->faults = row->event_faults = 0;
    row->next_usec = delays_from_time(store, now_usec);
    row->not_before_usec = 0;
    row->age_usec = webhook_time(store, row, now_usec);
    row->cause = DEAD_NOT;
    row->done_usec = 0;
    int r = note_retry(store, row);
    if (r)
        return r;
    return in_line ? lane_write(store, row) : coalesce_enter(store, row, now_usec);
}

/* Hold a delivery. While held, the age column keeps the age reached so far. */
static int hold(struct store *store, struct lane_row *row, uint64_t now_usec)
{
    if (row->state != DELIVERY_READY && row->state != DELIVERY_BEHIND)
        return unfit(store, row, "");
    uint64_t time = webhook_time(store, row, now_usec);
    row->age_usec = time > row->age_usec ? time - row->age_usec : 0;
    row->done_usec = now_usec;
    return lane_move(store, row, DELIVERY_HELD, NULL);
}

static int release(struct store *store, struct lane_row *row, uint64_t now_usec)
{
    if (row->state != DELIVERY_HELD)
        return unfit(store, row, "");
    if (!is_sendable(row))
        return unfit(store, row, "no webhook takes it");
    uint64_t time = webhook_time(store, row, now_usec);
    row->age_usec = time > row->age_usec ? time - row->age_usec : 0;
    return coalesce_enter(store, row, now_usec);
}

static int drop(struct store *store, struct lane_row *row, uint64_t now_usec)
{
    if (!delivery_state_may(row->state, DELIVERY_DROPPED))
        return unfit(store, row, "");
    row->next_usec = row->not_before_usec = row->age_usec = 0;
    row->done_usec = now_usec;
    return lane_move(store, row, DELIVERY_DROPPED, NULL);
}

/* Set *ret to whether Amazon's bytes and our part of the body are still there. */
static int has_body(struct store *store, int64_t notification, bool *ret)
{
    CLEANUP(query_end) struct query q = query_start(store, SQL_BODY_IS_THERE);
    query_number(&q, notification);
    return query_step(&q, ret);
}

static int count_resend(struct store *store, int64_t delivery)
{
    CLEANUP(query_end) struct query q = query_start(store, SQL_DELIVERY_RESEND);
    query_number(&q, delivery);
    return query_run(&q);
}

static int resend(struct store *store, struct lane_row *row, uint64_t now_usec)
{
    bool there = false;
    if (row->state != DELIVERY_DELIVERED && row->state != DELIVERY_SUPERSEDED)
        return unfit(store, row, "only what was delivered or superseded can be resent");
    int r = has_body(store, row->notification, &there);
    if (r == 0 && !there)
        return unfit(store, row, "its body is not kept any more (keep_bodies)");
    if (r == 0)
        r = count_resend(store, row->id);
    if (r)
        return r;
    row->faults = row->event_faults = 0;
    row->retry = true; /* the operator's time: store_hasten and store_hurry leave it as it is */
    row->next_usec = delays_from_time(store, now_usec);
    row->age_usec = webhook_time(store, row, now_usec);
    row->done_usec = 0;
    row->resend++;
    return coalesce_enter(store, row, now_usec);
}

int store_operate(struct store *store, enum operation operation, int64_t delivery,
                  uint64_t now_usec)
{
    struct lane_row row;
    int r = lane_load(store, delivery, &row);
    if (r)
        return r;
    if (row.state == DELIVERY_INFLIGHT)
        return store_say(store, STORE_IN_FLIGHT, "delivery %lld is in flight, try again",
                         (long long)delivery);
    switch (operation) {
    case OPERATE_RETRY:
        return retry(store, &row, now_usec);
    case OPERATE_HOLD:
        return hold(store, &row, now_usec);
    case OPERATE_RELEASE:
        return release(store, &row, now_usec);
    case OPERATE_DROP:
        return drop(store, &row, now_usec);
    case OPERATE_RESEND:
        return resend(store, &row, now_usec);
    }
    return -EINVAL;
}
