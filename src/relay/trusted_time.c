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
        .undated_boot_usec = clock_boot_usec(),
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

static void look_for_jump(struct trusted_time *time)
{
    uint64_t wall = clock_now_usec(), boot = clock_boot_usec();
    int64_t moved = (int64_t)(wall - time->wall_usec) - (int64_t)(boot - time->boot_usec);
    time->wall_usec = wall;
    time->boot_usec = boot;
    if (moved && !clock_is_learned())
        clock_trust((int64_t)wall - (int64_t)boot, false);
    if (llabs(moved) <= (long long)TRUSTED_TIME_JUMP_USEC)
        return;
    if (time->known)
        time->undated_boot_usec = boot;
    time->known = false;
    event_clock_jumped(moved);
}

/* Return by how much trusted time is behind the newest row; 0: it is not. */
static uint64_t behind_usec(const struct trusted_time *time)
{
    uint64_t now = clock_trusted_usec();
    return now < time->newest_usec ? time->newest_usec - now : 0;
}

static enum time_doubt doubt(const struct trusted_time *time)
{
    if (!time->known)
        return TIME_UNDATED;
    return behind_usec(time) ? TIME_BEHIND : TIME_CERTAIN;
}

static void report_doubt(struct trusted_time *time)
{
    enum time_doubt now = doubt(time);
    uint64_t undated_usec = time->boot_usec - time->undated_boot_usec;
    if (now == time->reported || (now == TIME_UNDATED && undated_usec < TRUSTED_TIME_PATIENCE_USEC))
        return;
    time->reported = now;
    if (now == TIME_UNDATED)
        event_clock_undated(undated_usec);
    else if (now == TIME_BEHIND)
        event_clock_behind(behind_usec(time));
    else
        event_clock_proved();
}

void trusted_time_look(struct trusted_time *time)
{
    look_for_jump(time);
    report_doubt(time);
}

bool trusted_time_now(struct trusted_time *time, uint64_t *ret_usec)
{
    trusted_time_look(time);
    if (doubt(time) != TIME_CERTAIN)
        return false;
    *ret_usec = clock_trusted_usec();
    return true;
}
