/* SPDX-License-Identifier: MIT */
#ifndef SANDBOX_SIMCLOCK_H
#define SANDBOX_SIMCLOCK_H

#include <stdint.h>

/*
 * The sandbox's own time: the machine's clock plus an offset that POST /_sandbox/clock sets.
 *
 * Two faces. The wall clock is what Amazon would write into dates; it goes back when the offset
 * does. The time passed only grows: a step forward counts as time that went by, a step back does
 * not, so nothing that waits (visibility, limits, tokens) is stranded by a correction.
 */
struct simclock {
    int64_t offset_usec; /* wall clock against the machine's */
    uint64_t leapt_usec; /* sum of the steps forward */
};

#define SIMCLOCK_OFFSET_MAX_S (400LL * 86400) /* largest offset that can be set, both ways */

uint64_t simclock_wall_usec(const struct simclock *clock);
uint64_t simclock_passed_usec(const struct simclock *clock);
void simclock_set_offset(struct simclock *clock, int64_t offset_usec);

/* "Fri, 04 Apr 2025 11:45:40 GMT", as the Date header wants it. */
#define SIMCLOCK_HTTP_MAX 32
void simclock_http_date(char out[SIMCLOCK_HTTP_MAX], uint64_t wall_usec);

#endif
