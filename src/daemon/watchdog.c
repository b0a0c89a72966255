/* SPDX-License-Identifier: MIT */
#include <systemd/sd-daemon.h>

#include "base/clock.h"
#include "daemon.h"
#include "journal/events.h"

/*
 * The watchdog is fed when our own side moved (law 7): that this timer fires shows that the loop
 * turns and that commits return, as they are made in it; what remains are calls that should have
 * ended by their own deadline and did not. Amazon or the WMS not answering ends in such a deadline
 * and is fine.
 */

/* Calls may be late by so much, for a loaded machine. */
#define LATE_USEC (30 * USEC_PER_SEC)

static bool moves(const struct daemon *d)
{
    uint64_t poll = parts_overdue_poll_usec(d->parts);
    uint64_t request = parts_overdue_request_usec(d->parts);
    if (poll > LATE_USEC)
        event_stalled("a poll of SQS did not end by its own deadline", poll);
    if (request > LATE_USEC)
        event_stalled("a request to a webhook did not end by its own deadline", request);
    return poll <= LATE_USEC && request <= LATE_USEC;
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
    struct daemon *d = userdata;
    uint64_t period = 0;
    (void)usec;
    if (moves(d))
        sd_notify(0, "WATCHDOG=1");
    sd_watchdog_enabled(0, &period);
    sd_event_source_set_time_relative(source, period / 2);
    return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

int daemon_watch(struct daemon *d)
{
    uint64_t period = 0;
    int r = sd_watchdog_enabled(0, &period);
    if (r <= 0)
        return r;
    return sd_event_add_time_relative(d->event, &d->watchdog_timer, CLOCK_BOOTTIME, period / 2,
                                      period / 10, on_timer, d);
}
