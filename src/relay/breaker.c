/* SPDX-License-Identifier: MIT */
#include "relay/breaker.h"

#include "base/backoff.h"
#include "base/states.h"

static const struct state_row states[] = {
    [BREAKER_CLOSED] = {"closed", TO(BREAKER_OPEN)},
    [BREAKER_OPEN] = {"open", TO(BREAKER_PROBING) | TO(BREAKER_CLOSED)},
    [BREAKER_PROBING] = {"probing", TO(BREAKER_OPEN) | TO(BREAKER_CLOSED)},
};

const char *breaker_name(const struct breaker *breaker)
{
    return states[breaker->state].name;
}

int64_t breaker_lane(int64_t lane, int64_t delivery)
{
    return lane ? lane : -delivery;
}

static void remember(struct breaker *b, int64_t delivery, int64_t lane, bool refusal)
{
    if (b->n_streak < BREAKER_STREAK_MAX)
        b->streak[b->n_streak++] = (struct breaker_entry){delivery, lane, refusal};
}

static bool streak_has(const struct breaker *b, size_t before, int64_t lane, bool refusals)
{
    for (size_t i = 0; i < before; i++)
        if (b->streak[i].lane == lane && b->streak[i].refusal == refusals)
            return true;
    return false;
}

size_t breaker_streak_lanes(const struct breaker *b, bool refusals)
{
    size_t lanes = 0;
    for (size_t i = 0; i < b->n_streak; i++)
        lanes += b->streak[i].refusal == refusals && !streak_has(b, i, b->streak[i].lane, refusals);
    return lanes;
}

static void forget_streak(struct breaker *b)
{
    b->faults = b->refusals = 0;
    b->n_streak = 0;
}

static void wait_for_probe(struct breaker *b, uint64_t wait_usec, uint64_t boot_usec)
{
    uint64_t delay = schedule_probe_usec(b->schedule, b->probes);
    b->probe_usec = boot_usec + backoff_jitter_usec(wait_usec > delay ? wait_usec : delay);
}

static bool open_it(struct breaker *b, bool by_refusals, uint64_t wait_usec, uint64_t boot_usec)
{
    states_move(states, &b->state, BREAKER_OPEN);
    b->opened_usec = boot_usec;
    b->probes = 0;
    b->by_refusals = by_refusals;
    wait_for_probe(b, wait_usec, boot_usec);
    return true;
}

static void probe_failed(struct breaker *b, uint64_t wait_usec, uint64_t boot_usec)
{
    states_move(states, &b->state, BREAKER_OPEN);
    b->probes++;
    wait_for_probe(b, wait_usec, boot_usec);
}

bool breaker_success(struct breaker *b, int64_t lane, uint64_t now_usec)
{
    if (b->success_lane[0] != lane) {
        b->success_lane[1] = b->success_lane[0];
        b->success_usec[1] = b->success_usec[0];
        b->success_lane[0] = lane;
    }
    b->success_usec[0] = now_usec;
    forget_streak(b);
    if (b->state == BREAKER_CLOSED)
        return false;
    states_move(states, &b->state, BREAKER_CLOSED);
    return true;
}

bool breaker_fault(struct breaker *b, int64_t delivery, int64_t lane, bool at_once,
                   uint64_t wait_usec, size_t all_lanes, uint64_t boot_usec)
{
    b->faults++;
    remember(b, delivery, lane, false);
    if (b->state == BREAKER_PROBING && lane == b->probe_lane) {
        probe_failed(b, wait_usec, boot_usec);
        return false;
    }
    if (b->state != BREAKER_CLOSED)
        return false;
    size_t lanes = breaker_streak_lanes(b, false);
    bool streak =
        b->faults >= b->schedule->breaker_faults && (lanes >= BREAKER_LANES || lanes >= all_lanes);
    return (at_once || streak) && open_it(b, false, wait_usec, boot_usec);
}

bool breaker_refusal(struct breaker *b, int64_t delivery, int64_t lane, uint64_t boot_usec,
                     bool *ret_closed)
{
    *ret_closed = false;
    b->refusals++;
    remember(b, delivery, lane, true);
    if (b->state == BREAKER_PROBING && lane == b->probe_lane) {
        if (b->by_refusals) {
            probe_failed(b, 0, boot_usec);
            return false;
        }
        forget_streak(b);
        states_move(states, &b->state, BREAKER_CLOSED);
        *ret_closed = true;
        return false;
    }
    if (b->state != BREAKER_CLOSED || b->refusals < b->schedule->breaker_faults ||
        breaker_streak_lanes(b, true) < b->schedule->breaker_faults)
        return false;
    return open_it(b, true, 0, boot_usec);
}

bool breaker_may_probe(const struct breaker *b, uint64_t boot_usec)
{
    return b->state == BREAKER_OPEN && boot_usec >= b->probe_usec;
}

void breaker_probe(struct breaker *b, int64_t lane)
{
    states_move(states, &b->state, BREAKER_PROBING);
    b->probe_lane = lane;
}

void breaker_probe_void(struct breaker *b, uint64_t boot_usec)
{
    if (b->state == BREAKER_PROBING)
        states_move(states, &b->state, BREAKER_OPEN);
    wait_for_probe(b, 0, boot_usec);
}

bool breaker_others_work(const struct breaker *b, int64_t lane, uint64_t since_usec)
{
    for (int i = 0; i < 2; i++)
        if (b->success_usec[i] > since_usec && b->success_lane[i] != lane)
            return true;
    return false;
}
