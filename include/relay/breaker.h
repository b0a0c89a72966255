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
 * events, and an event that fails must not stop the others. So before a streak of faults opens it,
 * a witness is asked, at once and untold: the newest delivery that was never tried. Where the
 * oldest orders happen to be the ones that fail, it arrives, and nobody has waited. While there is
 * none, the first that comes is asked. And what fails again although others arrived meanwhile says
 * nothing about the destination.
 */

/* The faults in a row that open it (struct schedule) come from so many lanes, or from all there
 * are. Event faults open it as well when they are as many, each from another lane. */
#define BREAKER_LANES 3
/* The last ones of a streak are remembered, to give their fault back when it opens. */
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
    bool doubted;                                    /* not told yet: a witness is asked */
    bool unwitnessed;                                /* there was none: the next one is asked */
    bool restored;                                   /* open since an earlier process; not said */
    uint64_t asked_usec;                             /* by the receiver: no request before */
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

/* A delivery was accepted by the receiver. Returns whether this closed the breaker after it was
 * told open. What the receiver asked for is not undercut because a request from before arrived. */
bool breaker_success(struct breaker *breaker, int64_t lane, uint64_t now_usec, uint64_t boot_usec);

/* An attempt that failed. */
struct breaker_report {
    int64_t delivery, lane;
    uint64_t wait_usec; /* a Retry-After; 0: none */
    bool at_once;       /* a kind of fault that opens it without a streak */
    bool repeated;      /* it is known to fail where others do not: no part of a streak */
};

/* The destination failed. all_lanes: how many lanes have something to send now, as far as it
 * matters (up to BREAKER_LANES). Returns whether this opened the breaker: the streak then holds
 * the deliveries that get their fault back. A fault of the probe pushes the next probe out. */
bool breaker_fault(struct breaker *breaker, const struct breaker_report *report, size_t all_lanes,
                   uint64_t boot_usec);

/* Nothing can be sent for a reason that no delivery has to do with. Returns whether this opened it;
 * when a probe was due, the next one is pushed out. */
bool breaker_trip(struct breaker *breaker, uint64_t wait_usec, uint64_t boot_usec);

/* The receiver refused an event. Returns whether this opened the breaker. A refused probe closes
 * it, unless refusals opened it: the destination works. *ret_closed tells. */
bool breaker_refusal(struct breaker *breaker, const struct breaker_report *report,
                     uint64_t boot_usec, bool *ret_closed);

/* Whether requests may go without being probes. */
bool breaker_lets_pass(const struct breaker *breaker);

/* Whether a probe may go now. */
bool breaker_may_probe(const struct breaker *breaker, uint64_t boot_usec);

/* A probe of that lane was claimed. */
void breaker_probe(struct breaker *breaker, int64_t lane);

/* The probe ended without an outcome (cancelled, nothing to claim). */
void breaker_probe_void(struct breaker *breaker, uint64_t boot_usec);

/* Whether a delivery that was never tried, and only such a one, may be a probe now. */
bool breaker_wants_witness(const struct breaker *breaker, uint64_t boot_usec);

/* There is no witness: it opens. */
void breaker_no_witness(struct breaker *breaker, uint64_t boot_usec);

/* Whether the next probe is the newest delivery that was never tried, if there is one; otherwise
 * lane heads in turn. Both, as either end of the line may be what fails. */
bool breaker_probes_newest(const struct breaker *breaker);

/* Goes on where an earlier process left off: it was open since then (boot clock, which may lie
 * before the boot). A probe may go at once; if it fails, that counts as opening it. */
void breaker_restore(struct breaker *breaker, uint64_t opened_usec, uint64_t boot_usec);

/* Goes on where another one, with an older schedule, leaves off. Its probe is not ours. */
void breaker_take_over(struct breaker *breaker, const struct breaker *other, uint64_t boot_usec);

/* Somebody has repaired the destination, or put another one in its place: no Retry-After holds any
 * longer, and if it is open, the next probe is due. */
void breaker_hurry(struct breaker *breaker, uint64_t boot_usec);

/* Whether a lane other than this one had a success since `since_usec` (wall clock). */
bool breaker_others_work(const struct breaker *breaker, int64_t lane, uint64_t since_usec);

/* Lanes in the streak of destination faults. */
size_t breaker_streak_lanes(const struct breaker *breaker, bool refusals);

/* The state as it is told: what is only doubted is closed. */
enum breaker_state breaker_shown(const struct breaker *breaker);

/* Its name: "closed", "open", "probing". */
const char *breaker_name(const struct breaker *breaker);

#endif
