/* SPDX-License-Identifier: MIT */
#include "base/backoff.h"

#include <sys/random.h>

#include "base/clock.h"

/* Return a random number for jitter (xorshift64*, seeded once from the kernel). It must differ
 * between machines that start at the same moment. No security depends on it. */
static uint64_t cheap_random(void)
{
    static uint64_t state;
    if (state == 0 && getrandom(&state, sizeof(state), GRND_NONBLOCK) != sizeof(state))
        state = clock_boot_usec();
    state |= state == 0;
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return state * 0x2545F4914F6CDD1DULL;
}

static uint64_t add(uint64_t usec, uint64_t extra)
{
    return usec > UINT64_MAX - extra ? UINT64_MAX : usec + extra;
}

uint64_t backoff_latest_usec(uint64_t usec)
{
    return add(usec, usec / 10);
}

uint64_t backoff_jitter_usec(uint64_t usec)
{
    return add(usec, cheap_random() % (usec / 10 + 1));
}

uint64_t backoff_step_usec(uint64_t base_usec, uint64_t cap_usec, unsigned failures)
{
    if (failures == 0)
        return 0;
    uint64_t wait = base_usec < cap_usec ? base_usec : cap_usec;
    for (unsigned i = 1; i < failures && wait < cap_usec && wait > 0; i++)
        wait = wait > cap_usec / 2 ? cap_usec : wait * 2;
    return wait;
}

uint64_t backoff_usec(uint64_t base_usec, uint64_t cap_usec, unsigned failures)
{
    return backoff_jitter_usec(backoff_step_usec(base_usec, cap_usec, failures));
}
