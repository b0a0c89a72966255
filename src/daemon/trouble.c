/* SPDX-License-Identifier: MIT */
#include <inttypes.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/process.h"
#include "daemon.h"
#include "journal/events.h"
#include "store/place.h"

/*
 * Failures that keep the running daemon from writing and that pass: a full disk, or another process
 * that holds the write lock.
 */

/* A command or a backup may write for this time before it is reported. */
#define LOCKED_USEC (5 * USEC_PER_SEC)

void daemon_store_is_full(struct daemon *d, const char *why)
{
    if (!d->full_since_usec) {
        d->full_since_usec = clock_boot_usec();
        d->room.full = true;
        event_store_full(why);
        daemon_tell_status(d);
    }
    daemon_answer_askers(d);
}

void daemon_store_is_locked(struct daemon *d, uint64_t for_usec)
{
    if (!d->locked_since_usec && for_usec >= LOCKED_USEC) {
        d->locked_since_usec = clock_boot_usec() - for_usec;
        free(d->writer);
        d->writer = process_words(store_writer(d->store));
        event_store_locked(d->writer, for_usec);
        daemon_tell_status(d);
    }
    if (d->locked_since_usec)
        daemon_answer_askers(d);
}

void daemon_store_works(struct daemon *d)
{
    uint64_t now = clock_boot_usec();
    if (!d->full_since_usec && !d->locked_since_usec)
        return;
    if (d->full_since_usec)
        event_store_works_again(now - d->full_since_usec);
    if (d->locked_since_usec)
        event_store_unlocked(now - d->locked_since_usec);
    d->full_since_usec = d->locked_since_usec = 0;
    d->room.full = false;
    parts_poke(d->parts);
    daemon_tell_status(d);
}
