/* SPDX-License-Identifier: MIT */
#include "deliver/ramp.h"

static unsigned at_most(unsigned value, unsigned ceiling)
{
    return value < ceiling ? value : ceiling;
}

void ramp_init(struct ramp *ramp, unsigned ceiling)
{
    *ramp = (struct ramp){.ceiling = ceiling, .limit = at_most(RAMP_START, ceiling)};
}

void ramp_good(struct ramp *ramp)
{
    if (++ramp->good < ramp->limit)
        return;
    ramp->good = 0;
    ramp->limit = at_most(ramp->limit * 2, ramp->ceiling);
}

void ramp_fault(struct ramp *ramp, uint64_t began_usec, uint64_t now_usec)
{
    ramp->good = 0;
    if (ramp->halved_usec && began_usec <= ramp->halved_usec)
        return;
    ramp->halved_usec = now_usec;
    ramp->limit = ramp->limit > 1 ? ramp->limit / 2 : 1;
}

void ramp_restart(struct ramp *ramp)
{
    ramp_init(ramp, ramp->ceiling);
}

void ramp_take_over(struct ramp *ramp, const struct ramp *other)
{
    unsigned ceiling = ramp->ceiling;
    *ramp = *other;
    ramp->ceiling = ceiling;
    if (ramp->limit > ceiling)
        ramp->limit = ceiling;
}
