/* SPDX-License-Identifier: MIT */
#include "base/memory.h"
#include "journal/events.h"
#include "journal/record.h"
#include "words.h"

static uint64_t distance(int64_t usec)
{
    return usec < 0 ? 0 - (uint64_t)usec : (uint64_t)usec;
}

void event_clock_off(int64_t offset_usec)
{
    struct record record;
    if (!record_begin(&record, ID_CLOCK_OFF))
        return;
    record_number(&record, FIELD_OFFSET_USEC, offset_usec);
    record_send(&record,
                "the clock of this machine is %s %s by Amazon's: requests are signed with Amazon's "
                "time. Set the clock: timedatectl",
                words_span(distance(offset_usec)).text, offset_usec > 0 ? "slow" : "fast");
}

void event_clock_right(int64_t offset_usec)
{
    struct record record;
    if (!record_begin(&record, ID_CLOCK_RIGHT))
        return;
    record_number(&record, FIELD_OFFSET_USEC, offset_usec);
    record_send(&record, "the clock of this machine agrees with Amazon's again");
}

void event_clock_jumped(int64_t by_usec)
{
    struct record record;
    if (!record_begin(&record, ID_CLOCK_JUMPED))
        return;
    record_number(&record, FIELD_OFFSET_USEC, by_usec);
    record_send(&record,
                "the clock of this machine jumped %s by %s: until Amazon's clock confirms the new "
                "time nothing expires and nothing is removed",
                by_usec > 0 ? "forwards" : "backwards", words_span(distance(by_usec)).text);
}

static void unproved(const char *why, const char *next)
{
    struct record record;
    if (!record_begin(&record, ID_CLOCK_UNPROVED))
        return;
    record_string(&record, FIELD_REASON, why);
    record_send(&record,
                "%s: nothing expires and nothing old is removed until the time is certain. %s", why,
                next);
}

void event_clock_undated(uint64_t for_usec)
{
    AUTOFREE char *why =
        memory_format("Amazon has sent no time (Date header) for %s", words_span(for_usec).text);
    unproved(why, "Check the network to Amazon: dockbell check --online");
}

void event_clock_behind(uint64_t by_usec)
{
    AUTOFREE char *why = memory_format("Amazon's time is %s behind the newest stored notification",
                                       words_span(by_usec).text);
    unproved(why, "Compare it with the clock of this machine: timedatectl");
}

void event_clock_proved(void)
{
    struct record record;
    if (!record_begin(&record, ID_CLOCK_PROVED))
        return;
    record_send(&record,
                "the time is certain again: expiry and the removal of old deliveries go on");
}
