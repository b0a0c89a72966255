/* SPDX-License-Identifier: MIT */
#include "deliver/pace.h"

#include <string.h>

#include "base/clock.h"

#define PIECE_USEC (USEC_PER_SEC / PACE_PIECES)

/* A request that is late by up to this much does not delay the one after it: timers are not
 * exact. */
#define SLACK_USEC (10 * USEC_PER_MSEC)

/* Shares of the rate. After a rest, it goes on with SHARE_BACK. SHARE_LESS is left of a rate that
 * cannot be held, and at least SHARE_MUCH of a rate that was too much. It stays at SHARE_HOLD, and
 * grows by SHARE_CLIMB in the first PACE_CLIMB_USEC after that. */
#define SHARE_BACK  0.5
#define SHARE_LESS  0.95
#define SHARE_MUCH  0.75
#define SHARE_HOLD  0.98
#define SHARE_CLIMB 0.5

/* The rate is held for this many times the rest that the last attempt at a higher rate has cost. */
#define HOLD_RESTS        6
#define HOLD_LONGEST_USEC (5 * USEC_PER_MIN)

/* Requests a second. A lower rate brings no answers to learn from; from the highest rate on there
 * is no limit any more. */
#define RATE_LEAST 1.0
#define RATE_MOST  10000.0

/* For this long, a success proves that the receiver works. */
#define PROOF_USEC USEC_PER_MIN

static uint64_t later(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static uint64_t shorter(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* ---- the sustained rate ---- */

/* Forget the pieces of time that are a second old. */
static void move_on(struct pace *p, uint64_t boot_usec)
{
    uint64_t piece = boot_usec / PIECE_USEC;
    for (uint64_t i = p->piece + 1; i <= piece && i <= p->piece + PACE_PIECES; i++)
        p->taken[i % PACE_PIECES] = 0;
    p->piece = piece;
}

static unsigned sustained(struct pace *p, uint64_t boot_usec)
{
    unsigned count = 0;
    move_on(p, boot_usec);
    for (size_t i = 0; i < PACE_PIECES; i++)
        count += p->taken[i];
    return count;
}

void pace_success(struct pace *p, uint64_t boot_usec)
{
    move_on(p, boot_usec);
    p->taken[p->piece % PACE_PIECES]++;
    p->success_usec = boot_usec;
    p->unbroken_usec = 0;
}

/* ---- the rate ---- */

static double cube(double x)
{
    return x * x * x;
}

double pace_throttled_to(const struct pace *p)
{
    if (p->plateau <= 0)
        return 0;
    if (p->climb_usec < PACE_CLIMB_USEC) {
        double left = 1 - (double)p->climb_usec / (double)PACE_CLIMB_USEC;
        return p->plateau * SHARE_HOLD * (1 - SHARE_BACK * cube(left));
    }
    uint64_t since = p->climb_usec - PACE_CLIMB_USEC;
    double beyond =
        since > p->hold_usec ? (double)(since - p->hold_usec) / (double)PACE_CLIMB_USEC : 0;
    return p->plateau * (SHARE_HOLD + SHARE_CLIMB * cube(beyond));
}

static double limit_rate(const struct pace *p)
{
    const struct pace_limit *l = p->limit;
    return l->count ? (double)l->count * (double)USEC_PER_SEC / (double)l->per_usec : 0;
}

double pace_rate(const struct pace *p)
{
    double limit = limit_rate(p), throttled = pace_throttled_to(p);
    return throttled > 0 && (limit <= 0 || throttled < limit) ? throttled : limit;
}

static uint64_t gap_usec(double rate)
{
    return rate > 0 ? (uint64_t)((double)USEC_PER_SEC / rate) : 0;
}

uint32_t pace_within(const struct pace *p, uint64_t usec)
{
    double rate = pace_rate(p), count = rate * (double)usec / (double)USEC_PER_SEC;
    if (rate <= 0)
        return UINT32_MAX;
    return count < 1 ? 1 : (uint32_t)count;
}

/* ---- throttling ---- */

static void rest(struct pace *p, uint64_t wait_usec, uint64_t boot_usec)
{
    p->resting = true;
    p->rest_usec = later(p->rest_usec, boot_usec + wait_usec);
}

static uint64_t hold_after(uint64_t wait_usec)
{
    return shorter(HOLD_RESTS * later(wait_usec, PACE_REST_USEC), HOLD_LONGEST_USEC);
}

/* Return the rate at which requests became too many. If nothing limited them, it is the number that
 * was sent. The receiver's limit lies between a rate that was held for a while and a rate that was
 * too much. */
static double new_plateau(struct pace *p, uint64_t boot_usec)
{
    double now = pace_throttled_to(p), taken = sustained(p, boot_usec);
    if (now <= 0)
        return taken;
    if (taken < now * SHARE_BACK)
        return now * SHARE_BACK; /* far fewer requests were sent than allowed */
    if (p->climb_usec < PACE_CLIMB_USEC)
        return now;
    if (p->climb_usec < PACE_CLIMB_USEC + p->hold_usec)
        return p->plateau * SHARE_LESS;
    double held = p->plateau * SHARE_HOLD, a_bit_more = held + (now - held) / 4;
    return a_bit_more > now * SHARE_MUCH ? a_bit_more : now * SHARE_MUCH;
}

bool pace_throttle(struct pace *p, uint64_t began_usec, uint64_t asked_usec, uint64_t boot_usec)
{
    bool first = p->plateau <= 0;
    uint64_t wait = shorter(asked_usec ? asked_usec : PACE_REST_USEC, p->limit->rest_longest_usec);
    p->throttled_usec = boot_usec;
    if (!p->unbroken_usec)
        p->unbroken_usec = boot_usec;
    if (first || began_usec > p->rest_began_usec) {
        p->plateau = new_plateau(p, boot_usec);
        if (p->plateau < RATE_LEAST)
            p->plateau = RATE_LEAST;
        p->climb_usec = 0;
        p->hold_usec = first ? 0 : hold_after(wait); /* a rate never held may be far too low */
        p->rest_began_usec = boot_usec;
    }
    rest(p, wait, boot_usec);
    return first;
}

bool pace_others_succeed(const struct pace *p, uint64_t began_usec, uint64_t boot_usec)
{
    if (!p->success_usec || boot_usec - p->success_usec > PROOF_USEC)
        return false;
    return !p->rest_began_usec || p->success_usec >= p->rest_began_usec ||
           began_usec <= p->rest_began_usec;
}

bool pace_is_hopeless(const struct pace *p, uint64_t boot_usec)
{
    return p->unbroken_usec && boot_usec - p->unbroken_usec >= PACE_HOPELESS_USEC;
}

static void forget(struct pace *p)
{
    p->plateau = 0;
    p->next_usec = 0;
}

void pace_look(struct pace *p, uint64_t boot_usec)
{
    p->resting = p->resting && boot_usec < p->rest_usec;
    if (p->plateau > 0 && !p->resting && boot_usec - p->throttled_usec >= PACE_FORGET_USEC)
        forget(p);
}

void pace_hurry(struct pace *p)
{
    p->resting = false;
    p->rest_usec = 0;
}

/* ---- sending ---- */

static uint64_t limit_gap(const struct pace *p)
{
    return p->limit->count ? p->limit->per_usec / p->limit->count : 0;
}

uint64_t pace_next_usec(const struct pace *p)
{
    uint64_t next = p->resting ? p->rest_usec : 0;
    if (p->plateau > 0)
        next = later(next, p->next_usec);
    uint64_t ahead = p->limit->burst > 1 ? (p->limit->burst - 1) * limit_gap(p) : 0;
    return p->limit_usec > ahead ? later(next, p->limit_usec - ahead) : next;
}

static void take_limit(struct pace *p, uint64_t boot_usec)
{
    uint64_t earliest = boot_usec - shorter(boot_usec, SLACK_USEC);
    p->limit_usec = later(p->limit_usec, earliest) + limit_gap(p);
}

static void take_plateau(struct pace *p, uint64_t boot_usec)
{
    uint64_t gap = gap_usec(pace_throttled_to(p));
    uint64_t earliest = boot_usec - shorter(boot_usec, SLACK_USEC);
    uint64_t waited = boot_usec > p->next_usec ? boot_usec - p->next_usec : 0;
    /* If a request comes long after it was due, it did not wait for the rate. */
    p->climb_usec += waited < later(gap, SLACK_USEC) ? gap + waited : 0;
    p->next_usec = later(p->next_usec, earliest) + gap;
    if (pace_throttled_to(p) > RATE_MOST)
        forget(p);
}

void pace_take(struct pace *p, uint64_t boot_usec)
{
    pace_look(p, boot_usec);
    if (p->limit->count)
        take_limit(p, boot_usec);
    if (p->plateau > 0)
        take_plateau(p, boot_usec);
}

/* ---- a reload ---- */

void pace_take_over(struct pace *p, const struct pace *other, uint64_t boot_usec)
{
    const struct pace_limit *l = p->limit;
    *p = *other;
    p->limit = l;
    p->rest_usec = shorter(p->rest_usec, boot_usec + l->rest_longest_usec);
    p->limit_usec = shorter(p->limit_usec, boot_usec + limit_gap(p));
}
