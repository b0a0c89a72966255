/* SPDX-License-Identifier: MIT */
#include "fake_monotonic.h"

#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

/* Shared libraries must find it in place of libc's. */
__attribute__((visibility("default"))) int clock_gettime(clockid_t clock, struct timespec *ret);

int clock_gettime(clockid_t clock, struct timespec *ret)
{
    switch (clock) {
    case CLOCK_MONOTONIC:
    case CLOCK_MONOTONIC_COARSE:
    case CLOCK_MONOTONIC_RAW:
    case CLOCK_BOOTTIME:
        ret->tv_sec = (time_t)(fake_boot_usec / USEC_PER_SEC);
        ret->tv_nsec = (long)(fake_boot_usec % USEC_PER_SEC) * 1000;
        return 0;
    default:
        return (int)syscall(SYS_clock_gettime, clock, ret);
    }
}
