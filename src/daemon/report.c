/* SPDX-License-Identifier: MIT */
/* Facts that several files of the daemon report. */
#include "daemon.h"
#include "journal/events.h"

uint64_t daemon_waiting(struct daemon *d)
{
    uint64_t waiting = 0;
    return store_waiting(d->store, &waiting) ? 0 : waiting;
}

void daemon_report_superseded(const struct superseded *superseded, void *userdata)
{
    (void)userdata;
    struct event_subject subject = {
        .webhook = superseded->webhook,
        .seller = superseded->seller,
        .notification_id = superseded->id,
        .order_id = superseded->order_id,
        .type = superseded->type,
    };
    event_superseded(&subject, superseded->by);
}
