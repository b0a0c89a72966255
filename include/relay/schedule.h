/* SPDX-License-Identifier: MIT */
#ifndef RELAY_SCHEDULE_H
#define RELAY_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * When a webhook is tried again: the settings of its section of the config as a plain value, and
 * their consequences. The forwarder waits by these functions and `dockbell check --schedule` prints
 * them. Waits are without jitter, if not stated otherwise: the forwarder adds jitter
 * (backoff_jitter_usec) and never subtracts any.
 */

/* Waits between the tries of an event that the receiver refuses. */
#define SCHEDULE_REFUSED_MAX 16

struct schedule_waits {
    uint64_t usec[SCHEDULE_REFUSED_MAX];
    unsigned count;
    bool given; /* in the config; a further value is added, not replacing a default */
};

struct schedule {
    uint64_t retry_first_usec, retry_longest_usec; /* after faults of the destination, doubling */
    struct schedule_waits refused;                 /* after each refusal but the last */
    uint64_t probe_first_usec, probe_longest_usec; /* of the open breaker, doubling */
    uint64_t retry_after_longest_usec;             /* a longer Retry-After is cut to it */
    unsigned breaker_faults;                       /* in a row, that open the breaker */
};

/* Return the wait before try number `tries` + 1 of a delivery, after a fault of the destination. */
uint64_t schedule_retry_usec(const struct schedule *schedule, unsigned tries);

/* Return how often an event is tried that the receiver refuses each time. After the last try it is
 * dead. */
unsigned schedule_refused_tries(const struct schedule *schedule);

/* Return the wait after this many refusals (1, 2, ...). If there were as many refusals as tries,
 * and the event is tried again for some other reason, the last wait holds. */
uint64_t schedule_refused_usec(const struct schedule *schedule, unsigned refusals);

/* Return the wait before the next probe of the open breaker, after `probes` failed ones. */
uint64_t schedule_probe_usec(const struct schedule *schedule, unsigned probes);

/* Return the wait before the next try, jitter included: wait_usec by the rules above, or the longer
 * wait that the receiver asks for (schedule_asked_usec). The latter never exceeds
 * retry_after_longest_usec. */
uint64_t schedule_wait_usec(const struct schedule *schedule, uint64_t wait_usec,
                            uint64_t asked_usec);

/* Return a Retry-After as far as it is obeyed. */
uint64_t schedule_asked_usec(const struct schedule *schedule, uint64_t asked_usec);

#endif
