/* SPDX-License-Identifier: MIT */
#include "simclock.h"

#include <time.h>

#include "base/clock.h"

uint64_t simclock_wall_usec(const struct simclock *clock)
{
    return clock_now_usec() + (uint64_t)clock->offset_usec;
}

uint64_t simclock_passed_usec(const struct simclock *clock)
{
    return clock_boot_usec() + clock->leapt_usec;
}

void simclock_set_offset(struct simclock *clock, int64_t offset_usec)
{
    if (offset_usec > clock->offset_usec)
        clock->leapt_usec += (uint64_t)(offset_usec - clock->offset_usec);
    clock->offset_usec = offset_usec;
}

void simclock_http_date(char out[SIMCLOCK_HTTP_MAX], uint64_t wall_usec)
{
    time_t seconds = (time_t)(wall_usec / USEC_PER_SEC);
    struct tm tm;
    gmtime_r(&seconds, &tm);
    strftime(out, SIMCLOCK_HTTP_MAX, "%a, %d %b %Y %H:%M:%S GMT", &tm);
}
