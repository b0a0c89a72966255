/* SPDX-License-Identifier: MIT */
#include <time.h>

#include "base/clock.h"

static uint64_t read_clock(clockid_t id)
{
    struct timespec time;
    clock_gettime(id, &time);
    return (uint64_t)time.tv_sec * USEC_PER_SEC + (uint64_t)time.tv_nsec / 1000;
}

uint64_t clock_now_usec(void)
{
    return read_clock(CLOCK_REALTIME);
}

uint64_t clock_boot_usec(void)
{
    return read_clock(CLOCK_BOOTTIME);
}
