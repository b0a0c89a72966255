/* SPDX-License-Identifier: MIT */
#ifndef RELAY_RAMP_H
#define RELAY_RAMP_H

/*
 * How many requests may be in flight to one webhook: few at first, twice as many after as many good
 * answers in a row, half after a fault of the destination. It is the ramp after a recovery, too.
 */
#define RAMP_START 4U

struct ramp {
    unsigned limit;   /* in flight now, at most */
    unsigned ceiling; /* the configured concurrency */
    unsigned good;    /* good answers since the limit last changed */
};

void ramp_init(struct ramp *ramp, unsigned ceiling);
void ramp_good(struct ramp *ramp);
void ramp_fault(struct ramp *ramp);
void ramp_restart(struct ramp *ramp); /* the breaker closed */

#endif
