/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <systemd/sd-daemon.h>

#include "base/clock.h"
#include "base/text.h"
#include "daemon.h"
#include "journal/events.h"

/*
 * The watchdog is fed while our own side moves. If this timer fires, the loop turns,
 * and commits return, because they are made in the loop. The other possible stalls are checked
 * here: a call that did not end by its own deadline, and an HTTP client that can start no call. If
 * Amazon or the WMS does not answer, the call ends by its deadline, and that is no stall.
 */

/* On a loaded machine, calls may be late by this time. */
#define LATE_USEC (30 * USEC_PER_SEC)

/* Time between two checks if no service manager waits for a signal. */
#define LOOK_USEC (30 * USEC_PER_SEC)

struct stall {
    char reason[160]; /* "": none */
    uint64_t usec;    /* how long it lasts; 0: unknown */
};

static void check_late(struct stall *stall, uint64_t usec, const char *reason)
{
    if (usec <= LATE_USEC || stall->reason[0])
        return;
    text_copy(stall->reason, sizeof(stall->reason), reason);
    stall->usec = usec;
}

static void find_stall(const struct daemon *d, struct stall *ret)
{
    const char *broken = http_broken(d->http);
    *ret = (struct stall){0};
    if (broken)
        snprintf(ret->reason, sizeof(ret->reason), "libcurl can start no request: %s", broken);
    check_late(ret, parts_overdue_poll_usec(d->parts), "a poll of SQS did not end by its deadline");
    check_late(ret, parts_overdue_request_usec(d->parts),
               "a request to a webhook did not end by its deadline");
    check_late(ret, http_overdue_usec(d->http), "a request did not end by its deadline");
}

static uint64_t period_usec(void)
{
    uint64_t period = 0;
    return sd_watchdog_enabled(0, &period) > 0 && period ? period / 2 : LOOK_USEC;
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
    struct daemon *d = userdata;
    struct stall stall;
    (void)usec;
    find_stall(d, &stall);
    if (!stall.reason[0])
        sd_notify(0, "WATCHDOG=1");
    else if (!d->stalled)
        event_stalled(stall.reason, stall.usec);
    d->stalled = stall.reason[0] != '\0';
    sd_event_source_set_time_relative(source, period_usec());
    return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

int daemon_watch(struct daemon *d)
{
    uint64_t period = period_usec();
    return sd_event_add_time_relative(d->event, &d->watchdog_timer, CLOCK_BOOTTIME, period,
                                      period / 5, on_timer, d);
}
