/* SPDX-License-Identifier: MIT */
#ifndef CONFIG_REGISTER_PLAN_H
#define CONFIG_REGISTER_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"

/*
 * When each seller is registered for the first time, and again. All times are of the boot clock, so
 * suspending the machine or setting a clock delays nothing.
 *
 *   all is well, or Amazon's state differs from the config: once a day
 *   a failure that may not repeat: after a minute, doubling to an hour
 *   any other failure: once an hour
 */

#define REGISTER_AGAIN_USEC     USEC_PER_MIN
#define REGISTER_AGAIN_CAP_USEC USEC_PER_HOUR
#define REGISTER_FINAL_USEC     USEC_PER_HOUR
#define REGISTER_DAILY_USEC     USEC_PER_DAY
/* The shortest time between the end of a round and one that a recovery causes. */
#define REGISTER_HURRY_USEC (10 * USEC_PER_SEC)
/* A seller that is due within this time joins a round. */
#define REGISTER_TOGETHER_USEC (5 * USEC_PER_SEC)

struct register_seller {
    bool wanted;    /* there is something to register for the seller */
    bool in_round;  /* of the round under way */
    bool troubled;  /* something failed or differs, in this round or the last */
    bool failed;    /* something failed in the round under way ... */
    bool passes;    /* ... and a later try may work; kept until the next round */
    unsigned tries; /* rounds in a row with such a failure */
    uint64_t next_boot_usec;
    uint64_t *told; /* hashes of the last reported failures, one per type and one for the seller */
    size_t n_told;
};

struct register_plan {
    struct register_seller *sellers; /* as many as the config has; NULL: nothing yet */
    size_t count;
    bool running, hurried;
    uint64_t ended_boot_usec; /* end of the last round */
};

/* Make a plan in which no seller is wanted. register_plan_clear ends it. */
void register_plan_init(struct register_plan *plan, size_t sellers);
void register_plan_clear(struct register_plan *plan);

/* Note that the seller has something to register, for `types` types. It is due at once. */
void register_plan_want(struct register_plan *plan, size_t seller, size_t types);

/* Begin a round with all sellers that are due. Return their number; 0: no round. */
size_t register_plan_begin(struct register_plan *plan);

/* Note a failure of the seller; `passes`: a later try may work. Return when it is tried again, on
 * the boot clock. Outside of a round the plan does not change. */
uint64_t register_plan_fail(struct register_plan *plan, size_t seller, bool passes);

/* Note that the seller's state at Amazon differs from the config. */
void register_plan_differ(struct register_plan *plan, size_t seller);

/* Whether a failure or difference is new, by its hash (0: nothing is wrong any more). type: its
 * place, or the number of types for the seller as a whole. */
bool register_plan_is_new(struct register_plan *plan, size_t seller, size_t type, uint64_t hash);

/* End the round: decide when each of its sellers is due next. */
void register_plan_end(struct register_plan *plan);

/* Amazon can be reached again: sellers with a failure that a later try may not have are due
 * soon. */
void register_plan_hurry(struct register_plan *plan);

/* Return when the next round begins; UINT64_MAX: never, or one is under way. */
uint64_t register_plan_next(const struct register_plan *plan);

#endif
