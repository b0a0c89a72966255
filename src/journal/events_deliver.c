/* SPDX-License-Identifier: MIT */
#include "base/clock.h"
#include "journal/events.h"
#include "journal/record.h"
#include "story.h"
#include "words.h"

/* Write "webhook wms: ORDER_CHANGE 91e6..., order 408-..." */
static struct text *about(struct text *out, const struct event_subject *subject)
{
    text_appendf(out, "webhook %s: %s %s", words_or(subject->webhook, "(none)"),
                 words_or(subject->type, "notification"), words_or(subject->notification_id, "?"));
    if (subject->order_id)
        text_appendf(out, ", order %s", subject->order_id);
    return out;
}

void event_delivered(const struct event_subject *subject)
{
    struct record record;
    if (!story_begin(&record, ID_DELIVERED))
        return;
    AUTOTEXT struct text whom = {0};
    record_subject(&record, subject);
    record_send(&record, "%s, delivered: status %d, attempt %u, %llu ms",
                about(&whom, subject)->data, subject->status, subject->attempt,
                (unsigned long long)(subject->duration_usec / 1000));
}

void event_superseded(const struct event_subject *subject, int64_t by)
{
    struct record record;
    if (!story_begin(&record, ID_SUPERSEDED))
        return;
    AUTOTEXT struct text whom = {0};
    record_subject(&record, subject);
    record_send(&record, "%s, is superseded: delivery %lld has a newer state of the order",
                about(&whom, subject)->data, (long long)by);
}

void event_postponed(const struct event_subject *subject, const char *reason, uint64_t wait_usec)
{
    struct record record;
    if (!story_begin(&record, ID_POSTPONED))
        return;
    AUTOTEXT struct text whom = {0};
    record_subject(&record, subject);
    record_string(&record, FIELD_REASON, reason);
    record_send(&record, "%s, attempt %u has failed: %s. Next try in %s",
                about(&whom, subject)->data, subject->attempt, reason, words_span(wait_usec).text);
}

void event_refused(const struct event_subject *subject, const char *reason, uint64_t wait_usec)
{
    struct record record;
    if (!record_begin(&record, ID_REFUSED))
        return;
    AUTOTEXT struct text whom = {0};
    record_subject(&record, subject);
    record_string(&record, FIELD_REASON, reason);
    record_send(&record, "%s, was refused: %s. Next try in %s", about(&whom, subject)->data, reason,
                words_span(wait_usec).text);
}

void event_dead(const struct event_subject *subject, const char *cause, const char *reason)
{
    struct record record;
    if (!record_begin(&record, ID_DEAD))
        return;
    AUTOTEXT struct text whom = {0};
    record_subject(&record, subject);
    record_string(&record, FIELD_REASON, reason);
    record_send(
        &record,
        "%s, is a dead letter after attempt %u (%s): %s. It stays until you decide: dockbell "
        "queue list --state=dead",
        about(&whom, subject)->data, subject->attempt, cause, reason);
}

void event_revived(const struct event_subject *subject, unsigned deliveries)
{
    struct record record;
    if (!record_begin(&record, ID_REVIVED))
        return;
    AUTOTEXT struct text what = {0};
    text_appendf(&what, "%s %s", words_or(subject->type, "notification"),
                 words_or(subject->notification_id, "?"));
    if (subject->order_id)
        text_appendf(&what, ", order %s", subject->order_id);
    record_subject(&record, subject);
    record_number(&record, FIELD_COUNT, deliveries);
    record_send(&record, "%s, came again from Amazon: %s of it lives again with a fresh budget",
                what.data, words_count(deliveries, "dead letter", "dead letters").text);
}

void event_breaker_opened(const char *webhook, const char *reason, uint64_t probe_in_usec,
                          uint64_t probe_longest_usec)
{
    struct record record;
    if (!record_begin(&record, ID_BREAKER_OPENED))
        return;
    record_string(&record, FIELD_WEBHOOK, webhook);
    record_string(&record, FIELD_REASON, reason);
    record_send(
        &record,
        "webhook %s does not work: %s. Deliveries wait in the store; it is tried again in %s "
        "and then every %s at most",
        webhook, reason, words_span(probe_in_usec).text, words_span(probe_longest_usec).text);
}

void event_breaker_closed(const char *webhook, uint64_t for_usec)
{
    struct record record;
    if (!record_begin(&record, ID_BREAKER_CLOSED))
        return;
    record_string(&record, FIELD_WEBHOOK, webhook);
    record_number(&record, FIELD_DURATION_USEC, (int64_t)for_usec);
    record_send(&record, "webhook %s works again after %s: what waited is being sent", webhook,
                words_span(for_usec).text);
}

void event_throttled(const char *webhook, const char *reason, uint64_t rest_usec, double per_second)
{
    struct record record;
    if (!record_begin(&record, ID_THROTTLED))
        return;
    record_string(&record, FIELD_WEBHOOK, webhook);
    record_string(&record, FIELD_REASON, reason);
    record_send(&record,
                "webhook %s asks for fewer requests: %s. Nothing is sent to it for %s, then %.1f "
                "requests a second and more as it takes them. No delivery is charged for this",
                webhook, reason, words_span(rest_usec).text, per_second);
}

void event_webhook_gone(const char *webhook)
{
    struct record record;
    if (!record_begin(&record, ID_WEBHOOK_GONE))
        return;
    record_string(&record, FIELD_WEBHOOK, webhook);
    record_number(&record, FIELD_HTTP_STATUS, 410);
    record_send(
        &record,
        "webhook %s answered 410 Gone: it is paused and everything for it is kept. When its "
        "URL is right again: dockbell queue resume %s",
        webhook, webhook);
}

void event_webhook_paused(const char *webhook, uint64_t since_usec)
{
    struct record record;
    char since[CLOCK_TEXT_MAX];
    if (!record_begin(&record, ID_WEBHOOK_PAUSED))
        return;
    clock_rfc3339(since, since_usec);
    record_string(&record, FIELD_WEBHOOK, webhook);
    record_send(&record,
                "webhook %s is paused since %s, by an operator: nothing is sent to it and "
                "everything for it is kept. To go on: dockbell queue resume %s",
                webhook, since, webhook);
}

void event_webhook_resumed(const char *webhook)
{
    struct record record;
    if (!record_begin(&record, ID_WEBHOOK_RESUMED))
        return;
    record_string(&record, FIELD_WEBHOOK, webhook);
    record_send(&record, "webhook %s was resumed: what waited is being sent", webhook);
}

void event_token_failed(const char *webhook, const struct error *error)
{
    struct record record;
    if (!record_begin(&record, ID_TOKEN_FAILED))
        return;
    record_string(&record, FIELD_WEBHOOK, webhook);
    record_error(&record, error);
    record_send(&record, "webhook %s gets no access token, and without one nothing is sent: %s",
                webhook, error->text);
}

void event_token_works_again(const char *webhook, uint64_t for_usec)
{
    struct record record;
    if (!record_begin(&record, ID_TOKEN_WORKS_AGAIN))
        return;
    record_string(&record, FIELD_WEBHOOK, webhook);
    record_number(&record, FIELD_DURATION_USEC, (int64_t)for_usec);
    record_send(&record, "webhook %s gets access tokens again, after %s without", webhook,
                words_span(for_usec).text);
}

void event_expiring(const char *webhook, uint64_t deliveries)
{
    struct record record;
    if (!record_begin(&record, ID_EXPIRING))
        return;
    record_string(&record, FIELD_WEBHOOK, webhook);
    record_number(&record, FIELD_COUNT, (int64_t)deliveries);
    record_send(&record,
                "webhook %s: %s within the hour (max_age) and will be a dead letter. To give more "
                "time: dockbell queue retry ALL --webhook=%s --state=ready,behind",
                webhook, words_count(deliveries, "delivery expires", "deliveries expire").text,
                webhook);
}

void event_expired(const struct event_subject *subject)
{
    struct record record;
    if (!record_begin(&record, ID_EXPIRED))
        return;
    AUTOTEXT struct text whom = {0};
    record_subject(&record, subject);
    record_send(
        &record,
        "%s, could not be delivered within max_age and is a dead letter. It stays until you "
        "decide: dockbell queue list --state=dead",
        about(&whom, subject)->data);
}

void event_orphans(const char *webhook, uint64_t deliveries)
{
    struct record record;
    if (!record_begin(&record, ID_ORPHANS))
        return;
    record_string(&record, FIELD_WEBHOOK, webhook);
    record_number(&record, FIELD_COUNT, (int64_t)deliveries);
    record_send(&record,
                "%s for webhook %s, which is not in the configuration any more: kept, not sent and "
                "not expired. Put [webhook %s] back, or: dockbell queue drop ALL --webhook=%s",
                words_count(deliveries, "delivery waits", "deliveries wait").text, webhook, webhook,
                webhook);
}
