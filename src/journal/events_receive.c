/* SPDX-License-Identifier: MIT */
#include "journal/events.h"
#include "journal/record.h"
#include "story.h"
#include "words.h"

void event_receive_failed(const char *queue, const struct error *error)
{
    struct record record;
    if (!record_begin(&record, ID_RECEIVE_FAILED))
        return;
    record_string(&record, FIELD_QUEUE, queue);
    record_error(&record, error);
    record_send(&record,
                "queue %s cannot be read: %s. It is tried again by itself; messages stay in SQS",
                queue, words_of_queue(error->text, queue));
}

void event_receive_works_again(const char *queue, unsigned failures, uint64_t for_usec)
{
    struct record record;
    if (!record_begin(&record, ID_RECEIVE_WORKS_AGAIN))
        return;
    record_string(&record, FIELD_QUEUE, queue);
    record_number(&record, FIELD_COUNT, failures);
    record_number(&record, FIELD_DURATION_USEC, (int64_t)for_usec);
    record_send(&record, "queue %s can be read again after %s and %s", queue,
                words_span(for_usec).text,
                words_count(failures, "failed call", "failed calls").text);
}

void event_queue_silent(const char *queue, uint64_t for_usec)
{
    struct record record;
    if (!record_begin(&record, ID_QUEUE_SILENT))
        return;
    record_string(&record, FIELD_QUEUE, queue);
    record_number(&record, FIELD_DURATION_USEC, (int64_t)for_usec);
    record_send(
        &record,
        "queue %s: Amazon has not answered any call for %s, not even with an error. Look for "
        "a firewall or proxy that swallows traffic to SQS; it is tried again by itself",
        queue, words_span(for_usec).text);
}

void event_damaged(const char *queue, unsigned messages)
{
    struct record record;
    if (!record_begin(&record, ID_DAMAGED))
        return;
    record_string(&record, FIELD_QUEUE, queue);
    record_number(&record, FIELD_COUNT, messages);
    record_send(&record,
                "queue %s: %s damaged (the MD5 sum differs). Dockbell did not take them; SQS "
                "brings them again. Each is reported once",
                queue, words_count(messages, "message arrived", "messages arrived").text);
}

void event_delete_failed(const char *queue, unsigned messages, const struct error *error)
{
    struct record record;
    if (!record_begin(&record, ID_DELETE_FAILED))
        return;
    record_string(&record, FIELD_QUEUE, queue);
    record_number(&record, FIELD_COUNT, messages);
    record_error(&record, error);
    record_send(&record,
                "queue %s: %s could not be deleted from SQS: %s. They are stored and delivered "
                "once, although SQS brings them again. Until deleting works, Dockbell reads the "
                "queue more slowly",
                queue, words_count(messages, "message", "messages").text,
                words_of_queue(error->text, queue));
}

void event_delete_works_again(const char *queue, uint64_t for_usec)
{
    struct record record;
    if (!record_begin(&record, ID_DELETE_WORKS_AGAIN))
        return;
    record_string(&record, FIELD_QUEUE, queue);
    record_number(&record, FIELD_DURATION_USEC, (int64_t)for_usec);
    record_send(&record, "queue %s: messages can be deleted from SQS again after %s", queue,
                words_span(for_usec).text);
}

void event_client_secret_left(const char *queue, const char *why)
{
    struct record record;
    if (!record_begin(&record, ID_CLIENT_SECRET_LEFT))
        return;
    record_string(&record, FIELD_QUEUE, queue);
    record_string(&record, FIELD_REASON, why);
    record_send(&record,
                "queue %s: Amazon has sent a new client secret, which is left in the queue: %s. It "
                "is neither stored nor forwarded, and is looked at again when it comes back",
                queue, why);
}

void event_unreadable(const struct event_subject *subject, const char *why)
{
    struct record record;
    if (!record_begin(&record, ID_UNREADABLE))
        return;
    record_subject(&record, subject);
    record_string(&record, FIELD_REASON, why);
    record_send(&record,
                "queue %s: message %s could not be understood (%s): kept as a dead letter with its "
                "bytes. See: dockbell queue list --state=dead",
                words_or(subject->queue, "?"), words_or(subject->notification_id, "?"), why);
}

void event_id_conflict(const struct event_subject *subject)
{
    struct record record;
    if (!record_begin(&record, ID_ID_CONFLICT))
        return;
    record_subject(&record, subject);
    record_send(&record,
                "queue %s: notification %s came before with other contents: the second one is kept "
                "as a dead letter, not delivered. See: dockbell queue list --state=dead",
                words_or(subject->queue, "?"), words_or(subject->notification_id, "?"));
}

void event_accepted(const struct event_subject *subject)
{
    struct record record;
    if (!story_begin(&record, ID_ACCEPTED))
        return;
    record_subject(&record, subject);
    record_send(&record, "queue %s: accepted %s %s, order %s", words_or(subject->queue, "?"),
                words_or(subject->type, "notification"), words_or(subject->notification_id, "?"),
                words_or(subject->order_id, "none"));
}
