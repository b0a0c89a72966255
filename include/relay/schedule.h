/* SPDX-License-Identifier: MIT */
#ifndef RELAY_SCHEDULE_H
#define RELAY_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * When a webhook is tried again: what its section of the config says, as a plain value, and what
 * follows from it. The forwarder waits by these functions and `dockbell check --schedule` prints
 * them. Waits are without jitter, if not said otherwise: the forwarder adds some
 * (backoff_jitter_usec), never takes any off.
 */

/* Waits between the tries of an event that the receiver refuses. */
#define SCHEDULE_REFUSED_MAX 16

struct schedule_waits {
    uint64_t usec[SCHEDULE_REFUSED_MAX];
    unsigned count;
    bool given; /* not the default: more is added to it */
};

struct schedule {
    uint64_t retry_first_usec, retry_longest_usec; /* after faults of the destination, doubling */
    struct schedule_waits refused;                 /* after each refusal but the last */
    uint64_t probe_first_usec, probe_longest_usec; /* of the open breaker, doubling */
    uint64_t retry_after_longest_usec;             /* what is asked for beyond it is cut to it */
    unsigned breaker_faults;                       /* in a row, that open the breaker */
};

/* The wait before try number `tries` + 1 of a delivery, after a fault of the destination. */
uint64_t schedule_retry_usec(const struct schedule *schedule, unsigned tries);

/* Tries of an event that the receiver refuses each time; after the last it is dead. */
unsigned schedule_refused_tries(const struct schedule *schedule);

/* The wait after so many refusals (1, 2, ...). When they are as many as there are tries, and it is
 * tried again for some other reason, the last wait holds. */
uint64_t schedule_refused_usec(const struct schedule *schedule, unsigned refusals);

/* The wait before the next probe of the open breaker, after so many failed ones. */
uint64_t schedule_probe_usec(const struct schedule *schedule, unsigned probes);

/* The wait before the next try, jitter included: wait_usec by the rules above, or what the receiver
 * asks for (schedule_asked_usec) if that is longer. The latter never exceeds
 * retry_after_longest_usec. */
uint64_t schedule_wait_usec(const struct schedule *schedule, uint64_t wait_usec,
                            uint64_t asked_usec);

/* A Retry-After as far as it is obeyed. */
uint64_t schedule_asked_usec(const struct schedule *schedule, uint64_t asked_usec);

#endif
