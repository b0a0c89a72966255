/* SPDX-License-Identifier: MIT */
#include "hidden.h"

#include "base/clock.h"

/* Clear the counts of the hours that have passed since the last call, and return the place of this
 * hour. */
static unsigned this_hour(struct hidden *hidden)
{
    uint64_t hour = clock_boot_usec() / USEC_PER_HOUR;
    for (unsigned i = 0; hidden->hour < hour && i < HIDDEN_HOURS; i++)
        hidden->counts[++hidden->hour % HIDDEN_HOURS] = 0;
    hidden->hour = hour;
    return (unsigned)(hour % HIDDEN_HOURS);
}

bool hidden_has_room(struct hidden *hidden)
{
    unsigned all = 0;
    this_hour(hidden);
    for (unsigned i = 0; i < HIDDEN_HOURS; i++)
        all += hidden->counts[i];
    return all < HIDDEN_MAX;
}

void hidden_add(struct hidden *hidden)
{
    hidden->counts[this_hour(hidden)]++;
}
