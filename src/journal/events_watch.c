/* SPDX-License-Identifier: MIT */
#include "base/clock.h"
#include "journal/events.h"
#include "journal/record.h"
#include "words.h"

static void put_silence(struct record *record, const char *queue, const char *seller,
                        uint64_t for_usec)
{
    record_string(record, FIELD_QUEUE, queue);
    record_string(record, FIELD_SELLER, seller);
    record_number(record, FIELD_DURATION_USEC, (int64_t)for_usec);
}

void event_quiet(const char *queue, const char *seller, uint64_t for_usec, uint64_t since_usec)
{
    struct record record;
    char since[CLOCK_TEXT_MAX];
    if (!record_begin(&record, seller ? ID_SELLER_QUIET : ID_QUEUE_QUIET))
        return;
    clock_rfc3339(since, since_usec);
    put_silence(&record, queue, seller, for_usec);
    if (seller)
        record_send(&record,
                    "seller %s: nothing has come over queue %s for %s, since %s (quiet_alarm). Are "
                    "there orders in Seller Central? Then see whether he is still subscribed: "
                    "dockbell check --online",
                    seller, queue, words_span(for_usec).text, since);
    else
        record_send(&record,
                    "queue %s answers, but nothing has come for %s, since %s (quiet_alarm). Are "
                    "there orders in Seller Central? Then see whether Amazon still publishes to "
                    "it: dockbell check --online",
                    queue, words_span(for_usec).text, since);
}

void event_heard(const char *queue, const char *seller, uint64_t for_usec)
{
    struct record record;
    if (!record_begin(&record, seller ? ID_SELLER_HEARD : ID_QUEUE_HEARD))
        return;
    put_silence(&record, queue, seller, for_usec);
    record_send(&record, "%s %s: something comes again%s%s%s", seller ? "seller" : "queue",
                words_or(seller, queue), for_usec ? " after " : "",
                for_usec ? words_span(for_usec).text : "", for_usec ? " of silence" : "");
}

void event_filter_blocks(const char *webhook, const char *keys, uint64_t blocked, uint64_t for_usec,
                         uint64_t since_usec)
{
    struct record record;
    char since[CLOCK_TEXT_MAX];
    if (!record_begin(&record, ID_FILTER_BLOCKS))
        return;
    clock_rfc3339(since, since_usec);
    record_string(&record, FIELD_WEBHOOK, webhook);
    record_string(&record, FIELD_REASON, keys);
    record_number(&record, FIELD_COUNT, (int64_t)blocked);
    record_number(&record, FIELD_DURATION_USEC, (int64_t)for_usec);
    record_send(&record,
                "webhook %s: its filters (%s) have let nothing pass for %s, and blocked %s since "
                "%s (filter_alarm). Compare their values with the orders; see: dockbell check",
                webhook, keys, words_span(for_usec).text,
                words_count(blocked, "notification", "notifications").text, since);
}

void event_filter_passes(const char *webhook, uint64_t blocked, uint64_t for_usec)
{
    struct record record;
    if (!record_begin(&record, ID_FILTER_PASSES))
        return;
    record_string(&record, FIELD_WEBHOOK, webhook);
    record_number(&record, FIELD_COUNT, (int64_t)blocked);
    record_number(&record, FIELD_DURATION_USEC, (int64_t)for_usec);
    record_send(&record, "webhook %s: a notification passes its filters again, after %s and %s",
                webhook, words_span(for_usec).text,
                words_count(blocked, "blocked notification", "blocked notifications").text);
}

void event_lag_high(const char *queue, uint64_t lag_usec, uint64_t limit_usec)
{
    struct record record;
    if (!record_begin(&record, ID_LAG_HIGH))
        return;
    record_string(&record, FIELD_QUEUE, queue);
    record_number(&record, FIELD_DURATION_USEC, (int64_t)lag_usec);
    record_send(&record,
                "queue %s: notifications arrive %s after Amazon has published them, and have been "
                "more than %s late (lag_alarm) for some time. See whether many wait in SQS: "
                "dockbell status",
                queue, words_span(lag_usec).text, words_span(limit_usec).text);
}

void event_lag_normal(const char *queue, uint64_t lag_usec)
{
    struct record record;
    if (!record_begin(&record, ID_LAG_NORMAL))
        return;
    record_string(&record, FIELD_QUEUE, queue);
    record_number(&record, FIELD_DURATION_USEC, (int64_t)lag_usec);
    record_send(&record, "queue %s: notifications arrive in time again, %s after publication",
                queue, words_span(lag_usec).text);
}

void event_gap_near(const char *queue, uint64_t since_usec, uint64_t retention_usec)
{
    struct record record;
    char since[CLOCK_TEXT_MAX], end[CLOCK_TEXT_MAX];
    if (!record_begin(&record, ID_GAP_NEAR))
        return;
    clock_rfc3339(since, since_usec);
    clock_rfc3339(end, since_usec + retention_usec);
    record_string(&record, FIELD_QUEUE, queue);
    record_number(&record, FIELD_DURATION_USEC, (int64_t)retention_usec);
    record_send(&record,
                "queue %s has not been read since %s and keeps messages for %s only: from %s on "
                "Amazon deletes what nobody has read. End what hinders it, or raise the queue's "
                "MessageRetentionPeriod to 14 days",
                queue, since, words_span(retention_usec).text, end);
}

void event_gap(const char *queue, uint64_t from_usec, uint64_t to_usec, uint64_t retention_usec)
{
    struct record record;
    char from[CLOCK_TEXT_MAX], to[CLOCK_TEXT_MAX];
    if (!record_begin(&record, ID_GAP))
        return;
    clock_rfc3339(from, from_usec);
    clock_rfc3339(to, to_usec);
    AUTOFREE char *when = memory_format("from %s to %s", from, to);
    record_string(&record, FIELD_QUEUE, queue);
    record_string(&record, FIELD_REASON, when);
    record_number(&record, FIELD_DURATION_USEC, (int64_t)retention_usec);
    record_send(&record,
                "queue %s was not read for longer than it keeps messages (%s): what Amazon "
                "published from %s to %s may be lost. Ask the Orders API for what changed in that "
                "time (LastUpdatedAfter, LastUpdatedBefore)",
                queue, words_span(retention_usec).text, from, to);
}
