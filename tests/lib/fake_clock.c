/* SPDX-License-Identifier: MIT */
#include "fake_clock.h"

#include "base/clock.h"

uint64_t fake_now_usec = 1440938160 * USEC_PER_SEC;
uint64_t fake_boot_usec = USEC_PER_HOUR;

void fake_clock_advance(uint64_t usec)
{
    fake_now_usec += usec;
    fake_boot_usec += usec;
}

void fake_clock_learn(int64_t offset_usec)
{
    clock_trust((int64_t)(fake_now_usec - fake_boot_usec) + offset_usec, true);
}

void fake_clock_forget(void)
{
    clock_trust((int64_t)(fake_now_usec - fake_boot_usec), false);
}

uint64_t clock_now_usec(void)
{
    return fake_now_usec;
}

uint64_t clock_boot_usec(void)
{
    return fake_boot_usec;
}
