/* SPDX-License-Identifier: MIT */
#include <systemd/sd-daemon.h>

#include "base/clock.h"
#include "base/memory.h"
#include "daemon.h"
#include "journal/events.h"

/* Time between two checks whether the drain has ended. */
#define LOOK_USEC (20 * USEC_PER_MSEC)
/* Part of the drain's time that is kept for the last commit. */
#define LAST_USEC USEC_PER_SEC
/* Time between two tries to save a store that has lost its place. */
#define SAVE_USEC (5 * USEC_PER_SEC)

static bool is_drained(const struct daemon *d)
{
    /* On a full disk, outcomes would wait until the end of the time. They are tried once more at
     * the end. */
    return parts_idle(d->parts) && (turn_unsettled(d->turn) == 0 || d->full_since_usec);
}

void daemon_end(struct daemon *d, enum daemon_exit status)
{
    d->exit = status;
    sd_event_exit(d->event, 0);
}

static int on_drain(sd_event_source *source, uint64_t usec, void *userdata)
{
    struct daemon *d = userdata;
    (void)usec;
    uint64_t pause = LOOK_USEC;
    bool late = clock_boot_usec() - d->stop_boot_usec > DAEMON_DRAIN_USEC - LAST_USEC;
    if (late || is_drained(d)) {
        if (!d->lost || daemon_save_store(d)) {
            daemon_end(d, d->drained);
            return 0;
        }
        pause = SAVE_USEC;
    }
    sd_event_source_set_time_relative(source, pause);
    return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

void daemon_drain(struct daemon *d, const char *why)
{
    if (d->stopping)
        return;
    d->stopping = true;
    d->stop_boot_usec = clock_boot_usec();
    sd_notify(0, "STOPPING=1\nSTATUS=Stopping: requests under way are given time to end");
    event_stopping(why, parts_in_flight(d->parts));
    parts_stop(d->parts);
    daemon_close_admin(d);
    registrar_free(TAKE(d->registrar));
    sd_event_add_time_relative(d->event, &d->drain_timer, CLOCK_BOOTTIME, 0, USEC_PER_MSEC,
                               on_drain, d);
}
