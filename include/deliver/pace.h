/* SPDX-License-Identifier: MIT */
#ifndef DELIVER_PACE_H
#define DELIVER_PACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The number of requests per second that one webhook gets, as a plain value. It is given answers,
 * and says when the next request may be sent. All times are CLOCK_BOOTTIME.
 *
 * A limit of the configuration (`rate`) holds from the start. Without one there is no limit until
 * the receiver asks for fewer requests (429, or 503 with Retry-After). Then the webhook rests for
 * as long as the receiver asks, and continues at half the rate that was sustained. It is back close
 * to that rate within PACE_CLIMB_USEC, stays there for some time, and then tries higher rates,
 * slowly at first (the shape of CUBIC, RFC 9438). It climbs only while requests wait for it,
 * because an idle hour proves nothing.
 */

/* Time of the climb from half the rate to the rate. */
#define PACE_CLIMB_USEC 2000000ULL

/* The length of a rest if there is no Retry-After. */
#define PACE_REST_USEC 1000000ULL

/* If no answer asks for fewer requests for PACE_FORGET_USEC, the rate is forgotten. If there is no
 * success for PACE_HOPELESS_USEC after such an answer, that is no throttling: the receiver does not
 * work. */
#define PACE_FORGET_USEC   (10 * 60 * 1000000ULL)
#define PACE_HOPELESS_USEC (10 * 60 * 1000000ULL)

/* The limit in a webhook's section of the configuration. */
struct pace_limit {
    unsigned count; /* this many requests ... */
    uint64_t per_usec;
    unsigned burst;             /* ... and this many at once; 0 counts as 1 */
    uint64_t rest_longest_usec; /* the longest rest of the whole webhook */
};

/* Successes are counted in pieces of the last second. */
#define PACE_PIECES 8

struct pace {
    const struct pace_limit *limit; /* the owner's */
    uint64_t limit_usec; /* by the limit: when the next request is due; a burst is sent earlier */
    double plateau;      /* requests per second that were sustained; 0: no throttling */
    uint64_t climb_usec; /* how long requests have waited for it since the last rest */
    uint64_t hold_usec;  /* how long it stays close to the plateau */
    uint64_t next_usec;  /* by the plateau: when the next request is due */
    bool resting;        /* nothing is sent before rest_usec */
    uint64_t rest_began_usec, rest_usec;
    uint64_t throttled_usec;     /* the last answer that asked for fewer requests; 0: none came */
    uint64_t unbroken_usec;      /* the first of them since the last success; 0: none */
    uint64_t success_usec;       /* the last success; 0: none */
    unsigned taken[PACE_PIECES]; /* successes by piece of a second */
    uint64_t piece;              /* the number of the newest */
};

/* Note that the receiver accepted a delivery. */
void pace_success(struct pace *pace, uint64_t boot_usec);

/* Note that the receiver asks for fewer requests. began_usec: when the request was sent;
 * asked_usec: its Retry-After, 0: none. Requests that were sent before the last rest began only
 * prolong it. Return whether this is the first answer of its kind since the rate was last
 * forgotten. */
bool pace_throttle(struct pace *pace, uint64_t began_usec, uint64_t asked_usec, uint64_t boot_usec);

/* Whether other requests succeed. If they do, a 503 with Retry-After asks for fewer requests and is
 * no fault. There must have been a success within the last minute and, if the request was sent
 * after the last rest began, since then. */
bool pace_others_succeed(const struct pace *pace, uint64_t began_usec, uint64_t boot_usec);

/* Whether the receiver has asked for fewer requests for PACE_HOPELESS_USEC, without a success. */
bool pace_is_hopeless(const struct pace *pace, uint64_t boot_usec);

/* End a rest whose time is over, and forget an old rate. */
void pace_look(struct pace *pace, uint64_t boot_usec);

/* Return when the next request may be sent. A time that is over means now. */
uint64_t pace_next_usec(const struct pace *pace);

/* Note that a request is sent. */
void pace_take(struct pace *pace, uint64_t boot_usec);

/* Return the requests per second that the receiver's throttling allows; 0: it does not throttle. */
double pace_throttled_to(const struct pace *pace);

/* Return the requests per second that limit and throttling allow; 0: no limit. */
double pace_rate(const struct pace *pace);

/* Return how many requests may be sent within `usec`, one at least; UINT32_MAX: no limit. */
uint32_t pace_within(const struct pace *pace, uint64_t usec);

/* End a rest now: somebody has repaired the destination, or put another one in its place. */
void pace_hurry(struct pace *pace);

/* Continue from another pace, which has an older limit. */
void pace_take_over(struct pace *pace, const struct pace *other, uint64_t boot_usec);

#endif
