/* SPDX-License-Identifier: MIT */
#ifndef DAEMON_REGISTER_PLAN_H
#define DAEMON_REGISTER_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"

/*
 * When each seller is registered, and registered again. All times are of the boot clock, so a
 * suspended machine and a clock that is set delay nothing.
 *
 *   all is well, or Amazon has something else than the config: once a day
 *   a failure that may pass by itself: after a minute, doubling to an hour
 *   any other failure: once an hour
 */

#define REGISTER_AGAIN_USEC     USEC_PER_MIN
#define REGISTER_AGAIN_CAP_USEC USEC_PER_HOUR
#define REGISTER_FINAL_USEC     USEC_PER_HOUR
#define REGISTER_DAILY_USEC     USEC_PER_DAY
/* At least so long lies between a round and one that a recovery brings about. */
#define REGISTER_HURRY_USEC (10 * USEC_PER_SEC)
/* Sellers that are due so soon join a round. */
#define REGISTER_TOGETHER_USEC (5 * USEC_PER_SEC)

struct register_seller {
    bool wanted;    /* there is something to register for them */
    bool in_round;  /* of the round under way */
    bool troubled;  /* something failed or differs, in this round or the last */
    bool failed;    /* in the round under way something failed ... */
    bool passes;    /* ... that may pass by itself; kept until the next round */
    unsigned tries; /* rounds in a row that failed so */
    uint64_t next_boot_usec;
    uint64_t *told; /* failures as told last: hashes, one per type and one for the seller */
    size_t n_told;
};

struct register_plan {
    struct register_seller *sellers; /* as many as the config has; NULL: nothing yet */
    size_t count;
    bool running, hurried;
    uint64_t ended_boot_usec; /* the last round */
};

/* Makes a plan in which nobody is wanted; register_plan_clear ends it. */
void register_plan_init(struct register_plan *plan, size_t sellers);
void register_plan_clear(struct register_plan *plan);

/* The seller has something to register, for so many types; they are due at once. */
void register_plan_want(struct register_plan *plan, size_t seller, size_t types);

/* Begins a round with all that are due. Returns how many they are; 0: no round. */
size_t register_plan_begin(struct register_plan *plan);

/* A failure of the seller: when it is tried again, on the boot clock. Outside of a round the plan
 * does not change. */
uint64_t register_plan_fail(struct register_plan *plan, size_t seller, bool passes);

/* What was found differs from the config. */
void register_plan_differ(struct register_plan *plan, size_t seller);

/* Whether a failure or difference is new, by its hash; type: its place, or the number of types for
 * the seller as a whole. 0: nothing is wrong there any more. */
bool register_plan_is_new(struct register_plan *plan, size_t seller, size_t type, uint64_t hash);

/* Ends the round: settles when everybody of it is due next. */
void register_plan_end(struct register_plan *plan);

/* Amazon can be reached again: failures that may pass by themselves are due. */
void register_plan_hurry(struct register_plan *plan);

/* When the next round is to begin; UINT64_MAX: never, or one is under way. */
uint64_t register_plan_next(const struct register_plan *plan);

#endif
