/* SPDX-License-Identifier: MIT */
#ifndef DELIVER_RAMP_H
#define DELIVER_RAMP_H

#include <stdint.h>

/*
 * The number of requests that may be in flight to one webhook. It is small at first, doubles after
 * as many good answers in a row, and is halved after a fault of the destination. After a recovery
 * it starts small again. Faults of requests that were under way together count as one, because they
 * show the same limit. A delivery that failed before while others arrived is not counted: it fails
 * at any speed.
 */

#define RAMP_START 4U

struct ramp {
    unsigned limit;       /* in flight now, at most */
    unsigned ceiling;     /* the configured concurrency */
    unsigned good;        /* good answers since the limit last changed */
    uint64_t halved_usec; /* when it was last halved; 0: never */
};

/* Start with RAMP_START requests, or with `ceiling` if that is less. */
void ramp_init(struct ramp *ramp, unsigned ceiling);

/* Note a good answer. */
void ramp_good(struct ramp *ramp);

/* Note that a request that began at began_usec failed. Both times are of one clock. */
void ramp_fault(struct ramp *ramp, uint64_t began_usec, uint64_t now_usec);

void ramp_restart(struct ramp *ramp); /* start small again: the breaker closed */

/* Continue with the state of `other`, within the own ceiling. */
void ramp_take_over(struct ramp *ramp, const struct ramp *other);

#endif
