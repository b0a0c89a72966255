/* SPDX-License-Identifier: MIT */
#ifndef RELAY_PACE_H
#define RELAY_PACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * How many requests a second one webhook gets, as a plain value: told of answers, asked when the
 * next request may go. All times are CLOCK_BOOTTIME.
 *
 * A limit of the configuration (`rate`) holds from the start. Without one there is no limit until
 * the receiver asks for fewer requests (429, or 503 with Retry-After). Then the webhook rests for
 * as long as it asks, goes on at half the rate that was sustained, is back close to that rate
 * within PACE_CLIMB_USEC, stays there for some time, and then looks for more, slowly at first (the
 * shape of CUBIC, RFC 9438). It climbs only while requests wait for it: an idle hour proves
 * nothing.
 */

/* From half the rate to the rate. */
#define PACE_CLIMB_USEC 2000000ULL

/* A rest without a Retry-After. */
#define PACE_REST_USEC 1000000ULL

/* So long without an answer of this kind, and the rate is forgotten. So long without any other
 * answer, and it is no throttling but a receiver that does not work. */
#define PACE_FORGET_USEC   (10 * 60 * 1000000ULL)
#define PACE_HOPELESS_USEC (10 * 60 * 1000000ULL)

/* What the configuration of a webhook says. */
struct pace_limit {
    unsigned count; /* so many requests ... */
    uint64_t per_usec;
    unsigned burst;             /* ... of which so many at once; 0 counts as 1 */
    uint64_t rest_longest_usec; /* the longest rest of the whole webhook */
};

/* Successes are counted in pieces of the last second. */
#define PACE_PIECES 8

struct pace {
    const struct pace_limit *limit; /* the owner's */
    uint64_t limit_usec; /* by the limit: when the next is due; one of a burst goes before */
    double plateau;      /* requests a second that were sustained; 0: no throttling */
    uint64_t climb_usec; /* how long requests have waited for it since the last rest */
    uint64_t hold_usec;  /* how long it stays close to the plateau */
    uint64_t next_usec;  /* by the plateau: when the next request is due */
    bool resting;        /* nothing is sent before rest_usec */
    uint64_t rest_began_usec, rest_usec;
    uint64_t throttled_usec;     /* the last answer that asked for fewer; 0: none came */
    uint64_t unbroken_usec;      /* the first of them since the last success; 0: none */
    uint64_t success_usec;       /* the last success; 0: none */
    unsigned taken[PACE_PIECES]; /* successes by piece of a second */
    uint64_t piece;              /* the number of the newest */
};

/* A delivery was accepted by the receiver. */
void pace_success(struct pace *pace, uint64_t boot_usec);

/* The receiver asks for fewer requests. began_usec: when the request was sent; asked_usec: its
 * Retry-After, 0: none. Requests that were sent before the last rest began only prolong it. Returns
 * whether this is the first answer of its kind since the rate was last forgotten. */
bool pace_throttle(struct pace *pace, uint64_t began_usec, uint64_t asked_usec, uint64_t boot_usec);

/* Whether others succeed, so that a 503 with Retry-After asks for fewer requests and is no fault:
 * there was a success within the last minute, and since the last rest if the request was sent after
 * it. */
bool pace_others_succeed(const struct pace *pace, uint64_t began_usec, uint64_t boot_usec);

/* Whether nothing but throttling has been answered for PACE_HOPELESS_USEC. */
bool pace_is_hopeless(const struct pace *pace, uint64_t boot_usec);

/* Ends a rest whose time is over, and forgets what is old. */
void pace_look(struct pace *pace, uint64_t boot_usec);

/* When the next request may go; a time that is over: now. */
uint64_t pace_next_usec(const struct pace *pace);

/* A request goes. */
void pace_take(struct pace *pace, uint64_t boot_usec);

/* Requests a second that the receiver's throttling leaves; 0: it does not throttle. */
double pace_throttled_to(const struct pace *pace);

/* Requests a second, by the limit and by throttling; 0: no limit. */
double pace_rate(const struct pace *pace);

/* How many requests may go within so long, one at least; UINT32_MAX: no limit. */
uint32_t pace_within(const struct pace *pace, uint64_t usec);

/* Somebody has repaired the destination, or put another one in its place: a rest ends now. */
void pace_hurry(struct pace *pace);

/* Goes on where another one, with an older limit, leaves off. */
void pace_take_over(struct pace *pace, const struct pace *other, uint64_t boot_usec);

#endif
