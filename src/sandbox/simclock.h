/* SPDX-License-Identifier: MIT */
#ifndef SRC_SANDBOX_SIMCLOCK_H
#define SRC_SANDBOX_SIMCLOCK_H

#include <stdint.h>

/*
 * The sandbox's own time: the machine's clock plus an offset that POST /_sandbox/clock sets.
 *
 * There are two times. The wall clock is the time that Amazon would write into dates. If the offset
 * goes back, it goes back too. The time passed only grows: a step forward counts as passed time, a
 * step back does not. So a correction never lets a wait (visibility, limits, tokens) last longer.
 */
struct simclock {
    int64_t offset_usec; /* wall clock against the machine's */
    uint64_t leapt_usec; /* sum of the steps forward */
};

#define SIMCLOCK_OFFSET_MAX_S (400LL * 86400) /* largest offset that can be set, both ways */

/* Return the wall clock. */
uint64_t simclock_wall_usec(const struct simclock *clock);

/* Return the time passed. */
uint64_t simclock_passed_usec(const struct simclock *clock);

/* Set the offset of the wall clock. A step forward is added to the time passed. */
void simclock_set_offset(struct simclock *clock, int64_t offset_usec);

/* Write a time as the Date header wants it: "Fri, 04 Apr 2025 11:45:40 GMT". */
#define SIMCLOCK_HTTP_MAX 32
void simclock_http_date(char out[SIMCLOCK_HTTP_MAX], uint64_t wall_usec);

#endif
