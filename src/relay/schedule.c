/* SPDX-License-Identifier: MIT */
#include "relay/schedule.h"

#include "base/backoff.h"

uint64_t schedule_retry_usec(const struct schedule *s, unsigned tries)
{
    return backoff_step_usec(s->retry_first_usec, s->retry_longest_usec, tries);
}

unsigned schedule_refused_tries(const struct schedule *s)
{
    return s->refused.count + 1;
}

/* If there are no waits for refused deliveries, for example when refusals have opened the breaker,
 * a delivery is tried again as after a fault. */
uint64_t schedule_refused_usec(const struct schedule *s, unsigned refusals)
{
    unsigned last = s->refused.count;
    if (refusals == 0)
        return 0;
    if (last == 0)
        return schedule_retry_usec(s, refusals);
    return s->refused.usec[(refusals < last ? refusals : last) - 1];
}

uint64_t schedule_probe_usec(const struct schedule *s, unsigned probes)
{
    return backoff_step_usec(s->probe_first_usec, s->probe_longest_usec, probes + 1);
}

uint64_t schedule_wait_usec(const struct schedule *s, uint64_t wait_usec, uint64_t asked_usec)
{
    if (asked_usec < wait_usec)
        return backoff_jitter_usec(wait_usec);
    uint64_t wait = backoff_jitter_usec(asked_usec);
    return wait < s->retry_after_longest_usec ? wait : s->retry_after_longest_usec;
}

uint64_t schedule_asked_usec(const struct schedule *s, uint64_t asked_usec)
{
    return asked_usec < s->retry_after_longest_usec ? asked_usec : s->retry_after_longest_usec;
}
