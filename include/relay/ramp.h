/* SPDX-License-Identifier: MIT */
#ifndef RELAY_RAMP_H
#define RELAY_RAMP_H

#include <stdint.h>

/*
 * How many requests may be in flight to one webhook: few at first, twice as many after as many good
 * answers in a row, half after a fault of the destination. It is the ramp after a recovery, too.
 * Faults of requests that were under way together are one fault: they tell of the same limit.
 * What failed before while others arrived is not counted: it fails at any speed.
 */

#define RAMP_START 4U

struct ramp {
    unsigned limit;       /* in flight now, at most */
    unsigned ceiling;     /* the configured concurrency */
    unsigned good;        /* good answers since the limit last changed */
    uint64_t halved_usec; /* when it was last halved; 0: never */
};

void ramp_init(struct ramp *ramp, unsigned ceiling);
void ramp_good(struct ramp *ramp);

/* A request that began at began_usec failed; both times are of one clock. */
void ramp_fault(struct ramp *ramp, uint64_t began_usec, uint64_t now_usec);

void ramp_restart(struct ramp *ramp); /* the breaker closed */

#endif
