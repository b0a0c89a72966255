/* SPDX-License-Identifier: MIT */
#include <systemd/sd-daemon.h>

#include "base/clock.h"
#include "daemon.h"
#include "journal/events.h"

static void tell_systemd(struct daemon *d)
{
    d->ready = true;
    sd_event_source_set_enabled(d->ready_timer, SD_EVENT_OFF);
    daemon_tell_status(d);
    sd_notify(0, "READY=1");
}

static int on_late(sd_event_source *source, uint64_t usec, void *userdata)
{
    struct daemon *d = userdata;
    (void)source;
    (void)usec;
    if (d->ready)
        return 0;
    event_degraded("no queue has answered yet");
    tell_systemd(d);
    return 0;
}

/* A receiver's first signed call worked. */
void daemon_answered(const char *queue, void *userdata)
{
    struct daemon *d = userdata;
    (void)queue;
    if (d->stopping)
        return;
    d->answering = true;
    if (!d->ready) {
        event_ready((unsigned)d->config->n_queues, daemon_waiting(d));
        tell_systemd(d);
    } else {
        daemon_tell_status(d);
    }
    daemon_register_soon(d);
}

/* The way to Amazon was broken, perhaps not only to this queue: registrations are tried again
 * too. */
void daemon_answers_again(const char *queue, void *userdata)
{
    struct daemon *d = userdata;
    (void)queue;
    if (!d->stopping)
        daemon_register_soon(d);
}

int daemon_await_ready(struct daemon *d)
{
    return sd_event_add_time_relative(d->event, &d->ready_timer, CLOCK_BOOTTIME, DAEMON_READY_USEC,
                                      USEC_PER_SEC / 10, on_late, d);
}
