/* SPDX-License-Identifier: MIT */
#include "base/clock.h"

/* The trusted time runs on CLOCK_BOOTTIME, so setting the wall clock does not move it. */
static struct {
    bool is_set, learned;
    int64_t base_usec; /* trusted time minus CLOCK_BOOTTIME */
} trusted;

int64_t clock_trusted_base_usec(void)
{
    if (!trusted.is_set)
        clock_trust((int64_t)clock_now_usec() - (int64_t)clock_boot_usec(), false);
    return trusted.base_usec;
}

uint64_t clock_trusted_usec(void)
{
    int64_t base = clock_trusted_base_usec();
    return clock_boot_usec() + (uint64_t)base;
}

bool clock_is_learned(void)
{
    return trusted.learned;
}

void clock_trust(int64_t base_usec, bool learned)
{
    trusted.is_set = true;
    trusted.learned = learned;
    trusted.base_usec = base_usec;
}

void clock_learn(uint64_t date_usec, uint64_t took_usec)
{
    int64_t date = (int64_t)date_usec, now = (int64_t)clock_boot_usec();
    int64_t base = clock_trusted_base_usec();
    int64_t earliest = date - now, latest = earliest + (int64_t)(USEC_PER_SEC + took_usec);
    if (base < earliest || base > latest)
        base = earliest + (int64_t)USEC_PER_SEC / 2;
    clock_trust(base, true);
}

int64_t clock_offset_usec(void)
{
    return (int64_t)clock_trusted_usec() - (int64_t)clock_now_usec();
}
