/* SPDX-License-Identifier: MIT */
/* Whether notifications come in time and undamaged, and whether Amazon has deleted some unread. */
#include "base/clock.h"
#include "base/digest.h"
#include "journal/events.h"
#include "receiver_private.h"

/* SQS keeps messages for a minute at least. */
#define SHORTEST_USEC USEC_PER_MIN

/* ---- from publication to receipt ---- */

static void is_late(struct receiver *r)
{
    uint64_t boot = clock_boot_usec();
    if (!r->late_boot_usec)
        r->late_boot_usec = boot;
    if (r->lag_told || boot - r->late_boot_usec < RECEIVER_LAG_USEC)
        return;
    r->lag_told = true;
    event_lag_high(r->queue, r->lag_usec, r->options.lag_alarm_usec);
}

static void is_in_time(struct receiver *r)
{
    r->late_boot_usec = 0;
    if (r->lag_told)
        event_lag_normal(r->queue, r->lag_usec);
    r->lag_told = false;
}

void receiver_judge_lag(struct receiver *r, uint64_t published_usec, uint64_t received_usec)
{
    if (!published_usec)
        return;
    r->lag_usec = received_usec > published_usec ? received_usec - published_usec : 0;
    if (r->options.lag_alarm_usec && r->lag_usec > r->options.lag_alarm_usec)
        is_late(r);
    else
        is_in_time(r);
}

/* ---- messages that the queue no longer keeps ---- */

static uint64_t retention_of(const struct receiver *r)
{
    return r->retention_usec ? r->retention_usec : RECEIVER_RETENTION_USEC;
}

void receiver_gap_grows(struct receiver *r)
{
    uint64_t now = clock_trusted_usec();
    if (r->gap_told || !r->read_usec || now < r->read_usec)
        return;
    if (now - r->read_usec < retention_of(r) / 2)
        return;
    r->gap_told = true;
    event_gap_near(r->queue, r->read_usec, retention_of(r));
}

static void judge(struct receiver *r)
{
    uint64_t from = r->gap_from_usec, to = r->gap_to_usec, retention = retention_of(r);
    r->gap_to_usec = 0;
    if (to - from > retention)
        event_gap(r->queue, from, to - retention, retention);
}

/* The queue's retention is known only some time after the first answer. The time without answers is
 * judged when it is known. */
void receiver_gap_ends(struct receiver *r)
{
    uint64_t now = clock_trusted_usec();
    bool gap = r->read_usec && now > r->read_usec && now - r->read_usec > SHORTEST_USEC;
    if (gap && !r->gap_to_usec) {
        r->gap_from_usec = r->read_usec;
        r->gap_to_usec = now;
    }
    r->read_usec = now;
    r->gap_told = false;
    if (r->gap_to_usec && r->retention_usec)
        judge(r);
    else if (r->gap_to_usec)
        receiver_ask_attributes(r);
}

void receiver_learn_retention(struct receiver *r, uint64_t retention_usec)
{
    if (retention_usec)
        r->retention_usec = retention_usec;
    if (r->gap_to_usec)
        judge(r);
}

/* ---- damaged messages ---- */

static bool is_known(const struct receiver *r, uint64_t hash)
{
    for (unsigned i = 0; i < RECEIVER_DAMAGED_MAX && i < r->n_damaged; i++)
        if (r->damaged[i] == hash)
            return true;
    return false;
}

void receiver_take_damaged(struct receiver *r, const struct sqs_batch *batch)
{
    unsigned fresh = 0;
    for (unsigned i = 0; i < batch->damaged; i++) {
        const char *id = batch->damaged_ids[i] ? batch->damaged_ids[i] : "";
        uint64_t hash = (uint64_t)digest_key64(&id, 1);
        if (is_known(r, hash))
            continue;
        r->damaged[r->n_damaged++ % RECEIVER_DAMAGED_MAX] = hash;
        fresh++;
    }
    if (!fresh)
        return;
    r->tally->damaged += fresh;
    r->note = true;
    event_damaged(r->queue, fresh);
}
