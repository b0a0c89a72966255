/* SPDX-License-Identifier: MIT */
#ifndef SRC_UPKEEP_ANNOUNCED_H
#define SRC_UPKEEP_ANNOUNCED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/store.h"

/*
 * How long ago the end of dead and held deliveries was announced. This is measured in the time in
 * which Dockbell ran. If the machine was off or its clock was set, operators do not lose any of
 * their days. Kept in facts of the store (docs/decisions/0031-retention.md).
 */

/* An announcement counts after this much running time. */
#define ANNOUNCED_AHEAD_USEC (3 * 24 * 3600 * 1000000ULL)
/* The distance between two announcements, in running time or in the times that they are about. A
 * removal may therefore come this much later than due. */
#define ANNOUNCED_EVERY_USEC (6 * 3600 * 1000000ULL)
/* The most running time that is counted between two looks, which are a minute apart. If more time
 * has passed, the machine slept and did not run. */
#define ANNOUNCED_LOOK_MAX_USEC (600 * 1000000ULL)
/* The most announcements. If there are as many, the next one waits until one is ripe. */
#define ANNOUNCED_MAX 32

/* An announcement, made at `ran_usec` of running time: of the deliveries that had been dead or held
 * since before these times. 0: of none. */
struct announcement {
    uint64_t ran_usec, dead_usec, held_usec;
};

struct announced {
    int64_t webhooks; /* a hash of the webhooks that the announcements are about */
    uint64_t ran_usec;
    uint64_t boot_usec;                      /* of the last look; 0: there was none */
    struct announcement list[ANNOUNCED_MAX]; /* oldest first */
    size_t count;
};

/* Load the announcements. If they are for other webhooks they do not count: some deliveries had
 * none. Return 0 or the store's error. */
int announced_load(struct announced *announced, struct store *store, int64_t webhooks);

/* Count the running time since the last look, note which deliveries are announced now, and write
 * both to the store. Return 0 or the store's error. */
int announced_look(struct announced *announced, struct store *store, uint64_t dead_usec,
                   uint64_t held_usec);

/* Return the newest announcement that was made long enough ago; all 0: there is none. */
struct announcement announced_ripe(const struct announced *announced);

/* Return the running time that is left for a delivery that has been dead (or held, if not `dead`)
 * since `since_usec`. */
uint64_t announced_wait(const struct announced *announced, bool dead, uint64_t since_usec);

#endif
