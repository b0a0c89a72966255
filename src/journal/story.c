/* SPDX-License-Identifier: MIT */
#include "story.h"

#include "base/clock.h"
#include "journal/events.h"
#include "put.h"
#include "words.h"

static struct {
    uint64_t since_usec; /* boot clock */
    unsigned written;
    uint64_t left_out;
} minute;

void event_orders_unlisted(unsigned written)
{
    struct record record;
    if (!record_begin(&record, ID_ORDERS_UNLISTED))
        return;
    record_number(&record, FIELD_LIMIT, written);
    record_put(&record,
               "more than %u messages a minute about single orders: the rest is counted only. "
               "Each is known to: dockbell queue log ORDER",
               written);
}

void event_orders_listed(uint64_t left_out)
{
    struct record record;
    if (!record_begin(&record, ID_ORDERS_LISTED))
        return;
    record_number(&record, FIELD_COUNT, (int64_t)left_out);
    record_put(&record, "single orders are listed again; %s left out meanwhile",
               words_count(left_out, "message about them was", "messages about them were").text);
}

void story_end(void)
{
    if (minute.left_out)
        event_orders_listed(minute.left_out);
    minute.left_out = 0;
    minute.written = 0;
}

bool story_begin(struct record *record, enum journal_id id)
{
    if (!events_wanted(EVENT_INFO) || events_wanted(EVENT_DEBUG))
        return record_begin(record, id);
    uint64_t now = clock_boot_usec();
    if (now - minute.since_usec >= USEC_PER_MIN) {
        story_end();
        minute.since_usec = now;
    }
    if (minute.written < STORY_MINUTE_MAX) {
        minute.written++;
        return record_begin(record, id);
    }
    if (minute.left_out++ == 0)
        event_orders_unlisted(STORY_MINUTE_MAX);
    return false;
}
