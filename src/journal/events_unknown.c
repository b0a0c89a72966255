/* SPDX-License-Identifier: MIT */
/* Unknown senders: their messages, and who can send. */
#include "journal/events.h"
#include "journal/record.h"
#include "words.h"

static const char *fate_words(enum unknown_fate fate)
{
    switch (fate) {
    case UNKNOWN_HELD:
        return "held. If the seller is yours, add it to the configuration; Dockbell then releases "
               "it";
    case UNKNOWN_FORWARDED:
        return "forwarded and signed, as unknown_seller says";
    case UNKNOWN_DROPPED:
        return "counted and dropped, as unknown_seller says";
    case UNKNOWN_COUNTED:
        return "counted only, as max_unknown or max_unknown_size is reached";
    case UNKNOWN_LEFT:
        return "left in SQS for 12 hours, as max_unknown or max_unknown_size is reached";
    }
    return "";
}

void event_unknown_seller(const struct event_subject *subject, const char *seller_id,
                          const char *subscription, enum unknown_fate fate)
{
    struct record record;
    if (!record_begin(&record, ID_UNKNOWN_SELLER))
        return;
    record_subject(&record, subject);
    record_string(&record, FIELD_SELLER_ID, seller_id);
    if (seller_id)
        record_send(&record,
                    "queue %s: notification %s is of seller %s, which is not configured for this "
                    "queue: %s",
                    words_or(subject->queue, "?"), words_or(subject->notification_id, "?"),
                    seller_id, fate_words(fate));
    else
        record_send(&record,
                    "queue %s: notification %s (%s) names no seller, and its subscription "
                    "%s is not known: %s",
                    words_or(subject->queue, "?"), words_or(subject->notification_id, "?"),
                    words_or(subject->type, "without a type"), words_or(subscription, "(none)"),
                    fate_words(fate));
}

void event_unknown_limit(const char *queue, uint64_t count, uint64_t bytes)
{
    struct record record;
    if (!record_begin(&record, ID_UNKNOWN_LIMIT))
        return;
    record_string(&record, FIELD_QUEUE, queue);
    record_number(&record, FIELD_LIMIT, (int64_t)count);
    record_send(&record,
                "queue %s: no more notifications from unknown senders are kept, as there are %s "
                "(max_unknown) or %llu bytes (max_unknown_size) of them. Further ones that name a "
                "seller are only counted, others stay in SQS for 12 hours. Those of your sellers "
                "are not affected",
                queue, words_count(count, "notification", "notifications").text,
                (unsigned long long)bytes);
}

void event_unknown_room(uint64_t count)
{
    struct record record;
    if (!record_begin(&record, ID_UNKNOWN_ROOM))
        return;
    record_number(&record, FIELD_COUNT, (int64_t)count);
    record_send(&record, "notifications from unknown senders are kept again: there are %llu now",
                (unsigned long long)count);
}

void event_unknown_released(const char *queue, unsigned count)
{
    struct record record;
    if (!record_begin(&record, ID_UNKNOWN_RELEASED))
        return;
    record_string(&record, FIELD_QUEUE, queue);
    record_number(&record, FIELD_COUNT, count);
    record_send(&record,
                "queue %s: %s held as an unknown sender's and released, as the seller is known "
                "now",
                queue, words_count(count, "notification was", "notifications were").text);
}

void event_unknown_removed(uint64_t count)
{
    struct record record;
    if (!record_begin(&record, ID_UNKNOWN_REMOVED))
        return;
    record_number(&record, FIELD_COUNT, (int64_t)count);
    record_send(&record, "%s from unknown senders removed, as keep_unknown is over",
                words_count(count, "notification was", "notifications were").text);
}

void event_unknown_forwarded(void)
{
    struct record record;
    if (!record_begin(&record, ID_UNKNOWN_FORWARDED))
        return;
    record_send(&record, "unknown_seller = forward: everybody who can publish to a queue gets "
                         "notifications signed and delivered. Every application of SP-API can, if "
                         "it knows the ARN. Set it to hold");
}

void event_queue_open(const char *queue, const char *who)
{
    struct record record;
    if (!record_begin(&record, ID_QUEUE_OPEN))
        return;
    record_string(&record, FIELD_QUEUE, queue);
    record_string(&record, FIELD_REASON, who);
    record_send(&record,
                "queue %s: its access policy lets others than Amazon send: %s. They can forge "
                "orders, as seller ids are public. Remove that statement. See: dockbell policy %s",
                queue, who, queue);
}
