/* SPDX-License-Identifier: MIT */
#ifndef RELAY_BREAKER_H
#define RELAY_BREAKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "relay/schedule.h"

/*
 * The circuit breaker of one webhook, as a plain value: told of outcomes, asked whether to send.
 *
 *     closed --- faults ---> open --- its time has come ---> probing
 *        ^                    ^                                 |
 *        +---- success -------+----------- fault ---------------+
 *
 * Whose fault it is decides everything: a destination that fails must not use up the tries of the
 * events, and an event that fails must not stop the others.
 */

/* The faults in a row that open it (struct schedule) come from so many lanes, or from all there
 * are. Event faults open it as well when they are as many, each from another lane. */
#define BREAKER_LANES 3
/* Deliveries of a streak that are remembered, to give their fault back when it opens. */
#define BREAKER_STREAK_MAX 64

enum breaker_state { BREAKER_CLOSED, BREAKER_OPEN, BREAKER_PROBING };

struct breaker_entry {
    int64_t delivery, lane;
    bool refusal; /* an event fault */
};

struct breaker {
    const struct schedule *schedule; /* the owner's */
    unsigned state;
    unsigned probes;                                 /* since it opened: the interval doubles */
    uint64_t opened_usec;                            /* CLOCK_BOOTTIME, like all times here */
    uint64_t probe_usec;                             /* when the next probe may go */
    int64_t probe_lane;                              /* of the last probe */
    unsigned faults;                                 /* destination faults in a row */
    unsigned refusals;                               /* event faults in a row */
    bool by_refusals;                                /* what opened it */
    struct breaker_entry streak[BREAKER_STREAK_MAX]; /* since the last success */
    size_t n_streak;
    int64_t success_lane[2];  /* the last success, and the last one of another lane */
    uint64_t success_usec[2]; /* wall clock */
};

/* The lane of a delivery without one: its own. Never equal to a real lane's. */
int64_t breaker_lane(int64_t lane, int64_t delivery);

/* A delivery was accepted by the receiver. Returns whether this closed the breaker. */
bool breaker_success(struct breaker *breaker, int64_t lane, uint64_t now_usec);

/* The destination failed. `at_once`: a kind of fault that opens it without a streak; wait_usec: a
 * Retry-After, 0 for none; all_lanes: how many lanes have something to send now (asked only when
 * fewer than BREAKER_LANES failed). Returns whether this opened the breaker: the streak then holds
 * the deliveries that get their fault back. A fault of the probe pushes the next probe out. */
bool breaker_fault(struct breaker *breaker, int64_t delivery, int64_t lane, bool at_once,
                   uint64_t wait_usec, size_t all_lanes, uint64_t boot_usec);

/* The receiver refused an event. Returns whether this opened the breaker. A refused probe closes
 * it, unless refusals opened it: the destination works. *ret_closed tells. */
bool breaker_refusal(struct breaker *breaker, int64_t delivery, int64_t lane, uint64_t boot_usec,
                     bool *ret_closed);

/* Whether a probe may go now. */
bool breaker_may_probe(const struct breaker *breaker, uint64_t boot_usec);

/* A probe of that lane was claimed. */
void breaker_probe(struct breaker *breaker, int64_t lane);

/* The probe ended without an outcome (cancelled, nothing to claim). */
void breaker_probe_void(struct breaker *breaker, uint64_t boot_usec);

/* Whether a lane other than this one had a success since `since_usec` (wall clock). */
bool breaker_others_work(const struct breaker *breaker, int64_t lane, uint64_t since_usec);

/* Lanes in the streak of destination faults. */
size_t breaker_streak_lanes(const struct breaker *breaker, bool refusals);

/* "closed", "open", "probing". */
const char *breaker_name(const struct breaker *breaker);

#endif
