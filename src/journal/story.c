/* SPDX-License-Identifier: MIT */
#include "story.h"

#include "base/clock.h"

static struct {
    uint64_t since_usec; /* boot clock */
    unsigned written;
    uint64_t left_out;
} minute;

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
