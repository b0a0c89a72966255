/* SPDX-License-Identifier: MIT */
#include "deliver/breaker.h"

#include <string.h>

#include "base/backoff.h"
#include "base/states.h"

static const struct state_row states[] = {
    [BREAKER_CLOSED] = {"closed", TO(BREAKER_OPEN)},
    [BREAKER_OPEN] = {"open", TO(BREAKER_PROBING) | TO(BREAKER_CLOSED)},
    [BREAKER_PROBING] = {"probing", TO(BREAKER_OPEN) | TO(BREAKER_CLOSED)},
};

const char *breaker_name(const struct breaker *breaker)
{
    return states[breaker_shown(breaker)].name;
}

enum breaker_state breaker_shown(const struct breaker *b)
{
    return b->doubted ? BREAKER_CLOSED : (enum breaker_state)b->state;
}

int64_t breaker_lane(int64_t lane, int64_t delivery)
{
    return lane ? lane : -delivery;
}

static void remember(struct breaker *b, int64_t delivery, int64_t lane, bool refusal)
{
    if (b->n_streak == BREAKER_STREAK_MAX)
        memmove(b->streak, b->streak + 1, --b->n_streak * sizeof(*b->streak));
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

static uint64_t later(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static void wait_for_probe(struct breaker *b, uint64_t wait_usec, uint64_t boot_usec)
{
    uint64_t probe = schedule_probe_usec(b->schedule, b->probes);
    b->probe_usec =
        later(boot_usec + schedule_wait_usec(b->schedule, probe, wait_usec), b->asked_usec);
}

static void move(struct breaker *b, enum breaker_state to)
{
    states_move(states, &b->state, to, "breaker", 0);
}

static bool open_it(struct breaker *b, uint64_t wait_usec, uint64_t boot_usec)
{
    if (b->state != BREAKER_OPEN)
        move(b, BREAKER_OPEN);
    b->doubted = b->restored = false;
    b->opened_usec = boot_usec;
    b->probes = 0;
    wait_for_probe(b, wait_usec, boot_usec);
    return true;
}

/* A streak is complete: doubt the destination until a witness is heard. If the receiver asks for
 * time, no witness may be asked, and the breaker opens now. Return whether it opens. */
static bool doubt_it(struct breaker *b, uint64_t wait_usec, uint64_t boot_usec)
{
    b->unwitnessed = false;
    if (wait_usec)
        return open_it(b, wait_usec, boot_usec);
    move(b, BREAKER_OPEN);
    b->doubted = true;
    b->opened_usec = b->probe_usec = boot_usec;
    b->probes = 0;
    return false;
}

/* Return whether the breaker is to be reported open now. */
static bool probe_failed(struct breaker *b, uint64_t wait_usec, uint64_t boot_usec)
{
    bool said = !b->restored;
    if (b->doubted)
        return open_it(b, wait_usec, boot_usec);
    move(b, BREAKER_OPEN);
    b->restored = false;
    b->probes++;
    wait_for_probe(b, wait_usec, boot_usec);
    return !said;
}

static bool is_probe(const struct breaker *b, int64_t lane)
{
    return b->state == BREAKER_PROBING && lane == b->probe_lane;
}

/* Close the breaker from any state, unless the receiver has asked for more time. Return whether it
 * was reported open and is closed now. */
static bool close_it(struct breaker *b, int64_t lane, uint64_t boot_usec)
{
    bool told = !b->doubted;
    if (boot_usec < b->asked_usec) {
        if (is_probe(b, lane))
            move(b, BREAKER_OPEN);
        b->probe_usec = later(b->probe_usec, b->asked_usec);
        return false;
    }
    b->doubted = b->restored = false;
    b->asked_usec = 0;
    move(b, BREAKER_CLOSED);
    return told;
}

bool breaker_success(struct breaker *b, int64_t lane, uint64_t now_usec, uint64_t boot_usec)
{
    if (b->success_lane[0] != lane) {
        b->success_lane[1] = b->success_lane[0];
        b->success_usec[1] = b->success_usec[0];
        b->success_lane[0] = lane;
    }
    b->success_usec[0] = now_usec;
    forget_streak(b);
    return b->state != BREAKER_CLOSED && close_it(b, lane, boot_usec);
}

/* Handle a fault that opens the breaker at once. It may also be a fault of the probe, or of a
 * request that was under way when the breaker opened. */
static bool fault_at_once(struct breaker *b, const struct breaker_report *report,
                          uint64_t boot_usec)
{
    if (report->wait_usec)
        b->asked_usec =
            later(b->asked_usec, boot_usec + schedule_wait_usec(b->schedule, 0, report->wait_usec));
    if (is_probe(b, report->lane))
        return probe_failed(b, report->wait_usec, boot_usec);
    if (b->state == BREAKER_CLOSED || (b->doubted && b->state == BREAKER_OPEN)) {
        b->by_refusals = b->unwitnessed = false;
        return open_it(b, report->wait_usec, boot_usec);
    }
    b->probe_usec = later(b->probe_usec, b->asked_usec);
    return false;
}

/* If a probe failed whose lane had no part in the streak, it is the witness. */
static void hear_witness(struct breaker *b, int64_t lane, bool refusal)
{
    if (is_probe(b, lane) && !streak_has(b, b->n_streak, lane, refusal))
        b->unwitnessed = false;
}

bool breaker_fault(struct breaker *b, const struct breaker_report *report, size_t all_lanes,
                   uint64_t boot_usec)
{
    hear_witness(b, report->lane, false);
    if (!report->repeated || report->at_once) {
        b->faults++;
        remember(b, report->delivery, report->lane, false);
    }
    if (report->at_once)
        return fault_at_once(b, report, boot_usec);
    if (is_probe(b, report->lane))
        return probe_failed(b, report->wait_usec, boot_usec);
    size_t lanes = breaker_streak_lanes(b, false);
    bool streak =
        b->faults >= b->schedule->breaker_faults && (lanes >= BREAKER_LANES || lanes >= all_lanes);
    if (b->state != BREAKER_CLOSED || report->repeated || !streak)
        return false;
    b->by_refusals = false;
    return doubt_it(b, report->wait_usec, boot_usec);
}

bool breaker_trip(struct breaker *b, uint64_t wait_usec, uint64_t boot_usec)
{
    bool opens = b->state == BREAKER_CLOSED || (b->doubted && b->state == BREAKER_OPEN);
    if (opens) {
        b->by_refusals = b->unwitnessed = false;
        open_it(b, wait_usec, boot_usec);
    } else if (breaker_may_probe(b, boot_usec)) {
        opens = b->restored;
        b->restored = false;
        b->probes++;
        wait_for_probe(b, wait_usec, boot_usec);
    }
    /* Answers that arrive meanwhile are for requests that were sent before. They do not close
     * it. */
    b->asked_usec = later(b->asked_usec, b->state == BREAKER_OPEN ? b->probe_usec : 0);
    return opens;
}

bool breaker_refusal(struct breaker *b, const struct breaker_report *report, uint64_t boot_usec,
                     bool *ret_closed)
{
    *ret_closed = false;
    hear_witness(b, report->lane, true);
    if (!report->repeated) {
        b->refusals++;
        remember(b, report->delivery, report->lane, true);
    }
    if (is_probe(b, report->lane)) {
        if (b->by_refusals)
            return probe_failed(b, report->wait_usec, boot_usec);
        forget_streak(b);
        *ret_closed = close_it(b, report->lane, boot_usec);
        return false;
    }
    unsigned needed = b->schedule->breaker_faults;
    if (b->state != BREAKER_CLOSED || report->repeated || b->refusals < needed ||
        breaker_streak_lanes(b, true) < needed)
        return false;
    b->by_refusals = true;
    return doubt_it(b, report->wait_usec, boot_usec);
}

bool breaker_lets_pass(const struct breaker *b)
{
    return b->state == BREAKER_CLOSED;
}

bool breaker_may_probe(const struct breaker *b, uint64_t boot_usec)
{
    return b->state == BREAKER_OPEN && boot_usec >= b->probe_usec;
}

void breaker_probe(struct breaker *b, int64_t lane)
{
    move(b, BREAKER_PROBING);
    b->probe_lane = lane;
}

void breaker_probe_void(struct breaker *b, uint64_t boot_usec)
{
    if (b->state == BREAKER_PROBING)
        move(b, BREAKER_OPEN);
    if (!b->doubted)
        wait_for_probe(b, 0, boot_usec);
}

bool breaker_wants_witness(const struct breaker *b, uint64_t boot_usec)
{
    return b->state == BREAKER_OPEN && (b->doubted || b->unwitnessed) && boot_usec >= b->asked_usec;
}

void breaker_no_witness(struct breaker *b, uint64_t boot_usec)
{
    b->unwitnessed = true;
    open_it(b, 0, boot_usec);
}

bool breaker_probes_newest(const struct breaker *b)
{
    return b->probes % 2 == 0;
}

void breaker_restore(struct breaker *b, uint64_t opened_usec, uint64_t boot_usec)
{
    move(b, BREAKER_OPEN);
    b->restored = true;
    b->opened_usec = opened_usec;
    b->probe_usec = boot_usec;
}

void breaker_take_over(struct breaker *b, const struct breaker *other, uint64_t boot_usec)
{
    const struct schedule *schedule = b->schedule;
    *b = *other;
    b->schedule = schedule;
    uint64_t longest = boot_usec + schedule->retry_after_longest_usec;
    if (b->asked_usec > longest)
        b->asked_usec = longest;
    if (b->state == BREAKER_PROBING)
        breaker_probe_void(b, boot_usec);
    uint64_t probe_usec = b->probe_usec;
    if (b->state == BREAKER_OPEN)
        wait_for_probe(b, 0, boot_usec);
    if (probe_usec < b->probe_usec)
        b->probe_usec = later(probe_usec, b->asked_usec);
}

void breaker_hurry(struct breaker *b, uint64_t boot_usec)
{
    b->asked_usec = 0;
    b->probes = 0;
    if (b->state == BREAKER_OPEN)
        b->probe_usec = boot_usec;
}

bool breaker_others_work(const struct breaker *b, int64_t lane, uint64_t since_usec)
{
    for (int i = 0; i < 2; i++)
        if (b->success_usec[i] > since_usec && b->success_lane[i] != lane)
            return true;
    return false;
}
