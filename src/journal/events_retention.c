/* SPDX-License-Identifier: MIT */
/* The end of deliveries that are kept: dead, held, or of an order that is forgotten. */
#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "journal/events.h"
#include "journal/record.h"
#include "words.h"

/* "webhook wms: ", or the queue of those that have none. */
static void append_place(struct text *out, const struct event_removal *removal)
{
    if (removal->webhook)
        text_appendf(out, "webhook %s: ", removal->webhook);
    else if (removal->queue)
        text_appendf(out, "queue %s, deliveries of no configured webhook: ", removal->queue);
    else
        text_append_string(out, "deliveries of no configured webhook: ");
}

static void append_counts(struct text *out, const struct event_removal *removal)
{
    if (removal->dead)
        text_appendf(out, "%llu dead", (unsigned long long)removal->dead);
    if (removal->held)
        text_appendf(out, "%s%llu held", removal->dead ? " and " : "",
                     (unsigned long long)removal->held);
    text_append_string(out,
                       removal->dead + removal->held == 1 ? " delivery is" : " deliveries are");
}

static void append_remedies(struct text *out, const struct event_removal *removal)
{
    text_appendf(out, "Look at %s: dockbell queue list --state=%s%s%s%s%s",
                 removal->dead + removal->held == 1 ? "it" : "them", removal->dead ? "dead" : "",
                 removal->dead && removal->held ? "," : "", removal->held ? "held" : "",
                 removal->webhook ? " --webhook=" : "", words_or(removal->webhook, ""));
    if (removal->dead)
        text_append_string(out, ". Send a dead one: dockbell queue retry ID");
    if (removal->held)
        text_append_string(out, ". Send a held one: dockbell queue release ID");
    text_appendf(out, ". Keep them longer: set %s%s%s in [daemon]",
                 removal->dead ? "keep_dead" : "", removal->dead && removal->held ? " and " : "",
                 removal->held ? "keep_held" : "");
}

void event_removal_near(const struct event_removal *removal)
{
    struct record record;
    char since[CLOCK_TEXT_MAX], when[CLOCK_TEXT_MAX];
    if (!record_begin(&record, ID_REMOVAL_NEAR))
        return;
    AUTOTEXT struct text sentence = {0};
    AUTOFREE char *oldest = memory_format("%lld", (long long)removal->oldest);
    clock_rfc3339(since, removal->since_usec);
    clock_rfc3339(when, removal->when_usec);
    append_place(&sentence, removal);
    append_counts(&sentence, removal);
    text_appendf(&sentence, " removed soon, from %s on. The oldest is %s, %s since %s. ", when,
                 oldest, removal->oldest_is_dead ? "dead" : "held", since);
    append_remedies(&sentence, removal);
    record_string(&record, FIELD_WEBHOOK, removal->webhook);
    record_string(&record, FIELD_QUEUE, removal->queue);
    record_number(&record, FIELD_COUNT, (int64_t)(removal->dead + removal->held));
    record_string(&record, FIELD_TARGET, oldest);
    record_send(&record, "%s", sentence.data);
}

void event_removal_over(const char *webhook)
{
    struct record record;
    if (!record_begin(&record, ID_REMOVAL_OVER))
        return;
    record_string(&record, FIELD_WEBHOOK, webhook);
    record_send(&record, "%s%s%sno dead or held delivery is removed within three days any more",
                webhook ? "webhook " : "", words_or(webhook, ""), webhook ? ": " : "");
}

void event_delivery_removed(const struct event_subject *subject, int64_t delivery, bool dead)
{
    struct record record;
    if (!record_begin(&record, ID_DELIVERY_REMOVED))
        return;
    AUTOFREE char *target = memory_format("%lld", (long long)delivery);
    record_subject(&record, subject);
    record_string(&record, FIELD_TARGET, target);
    record_send(&record,
                "%s%s%snotification %s%s%s: delivery %s was %s and is removed, as %s is over",
                subject->webhook ? "webhook " : "", words_or(subject->webhook, ""),
                subject->webhook ? ": " : "", words_or(subject->notification_id, "?"),
                subject->order_id ? ", order " : "", words_or(subject->order_id, ""), target,
                dead ? "dead" : "held", dead ? "keep_dead" : "keep_held");
}
