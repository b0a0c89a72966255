/* SPDX-License-Identifier: MIT */
#include "relay/trusted_time.h"

#include <stdlib.h>

#include "base/clock.h"
#include "journal/events.h"

void trusted_time_init(struct trusted_time *time, uint64_t newest_usec)
{
    *time = (struct trusted_time){
        .newest_usec = newest_usec,
        .wall_usec = clock_now_usec(),
        .boot_usec = clock_boot_usec(),
    };
}

void trusted_time_learn(struct trusted_time *time)
{
    int64_t offset = clock_offset_usec();
    bool off = llabs(offset) > (long long)TRUSTED_TIME_OFF_USEC;
    time->known = true;
    if (off && !time->off)
        event_clock_off(offset);
    else if (!off && time->off)
        event_clock_right(offset);
    time->off = off;
}

void trusted_time_look(struct trusted_time *time)
{
    uint64_t wall = clock_now_usec(), boot = clock_boot_usec();
    int64_t moved = (int64_t)(wall - time->wall_usec) - (int64_t)(boot - time->boot_usec);
    time->wall_usec = wall;
    time->boot_usec = boot;
    if (moved && !clock_is_learned())
        clock_trust((int64_t)wall - (int64_t)boot, false);
    if (llabs(moved) <= (long long)TRUSTED_TIME_JUMP_USEC)
        return;
    time->known = false;
    event_clock_jumped(moved);
}

bool trusted_time_now(struct trusted_time *time, uint64_t *ret_usec)
{
    trusted_time_look(time);
    if (!time->known)
        return false;
    *ret_usec = clock_trusted_usec();
    return *ret_usec >= time->newest_usec;
}
