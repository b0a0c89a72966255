/* SPDX-License-Identifier: MIT */
#ifndef RELAY_ANNOUNCED_H
#define RELAY_ANNOUNCED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/store.h"

/*
 * How long ago the end of dead and held deliveries was announced, in time in which Dockbell ran: a
 * machine that was off, or a clock that was set, does not shorten the days that an operator has.
 * Kept in facts of the store (docs/decisions/0031-retention.md).
 */

/* An announcement counts after so much running time. */
#define ANNOUNCED_AHEAD_USEC (3 * 24 * 3600 * 1000000ULL)
/* Between two of them, in running time or in what they are about; so a removal may come so much
 * later than due. */
#define ANNOUNCED_EVERY_USEC (6 * 3600 * 1000000ULL)
/* The most of a minute's look that counts as running: a machine that slept did not run. */
#define ANNOUNCED_LOOK_MAX_USEC (600 * 1000000ULL)
/* If there are so many, the next one waits until one is ripe. */
#define ANNOUNCED_MAX 32

/* At `ran_usec` of running time, what had been dead or held since before these times. 0: nothing.
 */
struct announcement {
    uint64_t ran_usec, dead_usec, held_usec;
};

struct announced {
    int64_t webhooks; /* a hash of those that the announcements are about */
    uint64_t ran_usec;
    uint64_t boot_usec;                      /* of the last look; 0: there was none */
    struct announcement list[ANNOUNCED_MAX]; /* oldest first */
    size_t count;
};

/* Reads it. Announcements for other webhooks do not count: some deliveries had none. */
int announced_load(struct announced *announced, struct store *store, int64_t webhooks);

/* Counts the running time since the last look, and notes what is announced now. Writes it. */
int announced_look(struct announced *announced, struct store *store, uint64_t dead_usec,
                   uint64_t held_usec);

/* What was announced long enough ago. */
struct announcement announced_ripe(const struct announced *announced);

/* How much running time is left for a delivery that has been dead or held since then. */
uint64_t announced_wait(const struct announced *announced, bool dead, uint64_t since_usec);

#endif
