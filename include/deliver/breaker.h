/* SPDX-License-Identifier: MIT */
#ifndef DELIVER_BREAKER_H
#define DELIVER_BREAKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "relay/schedule.h"

/*
 * The circuit breaker of one webhook, as a plain value. It is given outcomes, and says whether to
 * send.
 *
 *     closed --- faults ---> open --- its time has come ---> probing
 *        ^                    ^                                 |
 *        +---- success -------+----------- fault ---------------+
 *
 * It separates two kinds of faults. If the destination fails, that must not use up the tries of
 * events. If an event fails, that must not stop the others. So before a streak of faults opens the
 * breaker, a witness is sent, at once and without a report: the newest delivery that was never
 * tried. If only the oldest orders fail, the witness arrives, and no delivery has waited. If there
 * is no witness, the first delivery that comes becomes the witness. If a delivery fails again
 * although others arrived meanwhile, its fault proves nothing about the destination.
 */

/* The faults in a row that open it (struct schedule) must come from this many lanes, or from all
 * lanes if there are fewer. As many event faults open it as well, if each is from another lane. */
#define BREAKER_LANES 3
/* The last faults of a streak are remembered. When the breaker opens, their deliveries get their
 * fault back. */
#define BREAKER_STREAK_MAX 64

enum breaker_state { BREAKER_CLOSED, BREAKER_OPEN, BREAKER_PROBING };

struct breaker_entry {
    int64_t delivery, lane;
    bool refusal; /* an event fault */
};

struct breaker {
    const struct schedule *schedule; /* the owner's */
    unsigned state;
    unsigned probes;      /* since it opened: the interval doubles */
    bool doubted;         /* not reported open yet: a witness is sent */
    bool unwitnessed;     /* there was no witness: the next delivery is one */
    bool restored;        /* open since an earlier process; not reported yet */
    uint64_t asked_usec;  /* by the receiver: no request before this time */
    uint64_t opened_usec; /* CLOCK_BOOTTIME, like all times here */
    uint64_t probe_usec;  /* when the next probe may go */
    int64_t probe_lane;   /* of the last probe */
    unsigned faults;      /* destination faults in a row */
    unsigned refusals;    /* event faults in a row */
    bool by_refusals;     /* whether refusals opened it */
    struct breaker_entry streak[BREAKER_STREAK_MAX]; /* since the last success */
    size_t n_streak;
    int64_t success_lane[2];  /* the last success, and the last one of another lane */
    uint64_t success_usec[2]; /* wall clock */
};

/* Return the lane of a delivery. If it has none, it is a lane of its own, with a number that no
 * real lane has. */
int64_t breaker_lane(int64_t lane, int64_t delivery);

/* Note that the receiver accepted a delivery. Return whether this closed a breaker that was
 * reported open. If a request from before arrives, a wait that the receiver asked for still
 * holds. */
bool breaker_success(struct breaker *breaker, int64_t lane, uint64_t now_usec, uint64_t boot_usec);

/* An attempt that failed. */
struct breaker_report {
    int64_t delivery, lane;
    uint64_t wait_usec; /* a Retry-After; 0: none */
    bool at_once;       /* a kind of fault that opens it without a streak */
    bool repeated;      /* it fails while others do not: no part of a streak */
};

/* Note a fault of the destination. all_lanes: how many lanes have something to send now, counted up
 * to BREAKER_LANES. Return whether this opened the breaker: the streak then holds the deliveries
 * that get their fault back. A fault of the probe postpones the next probe. */
bool breaker_fault(struct breaker *breaker, const struct breaker_report *report, size_t all_lanes,
                   uint64_t boot_usec);

/* Note that nothing can be sent, for a reason that has nothing to do with any delivery. Return
 * whether this opened the breaker. If a probe was due, the next one is postponed. */
bool breaker_trip(struct breaker *breaker, uint64_t wait_usec, uint64_t boot_usec);

/* Note that the receiver refused an event. Return whether this opened the breaker. A refused probe
 * proves that the destination works, so it closes the breaker, unless refusals opened it;
 * *ret_closed is whether it did. */
bool breaker_refusal(struct breaker *breaker, const struct breaker_report *report,
                     uint64_t boot_usec, bool *ret_closed);

/* Whether requests may be sent that are no probes. */
bool breaker_lets_pass(const struct breaker *breaker);

/* Whether a probe may be sent now. */
bool breaker_may_probe(const struct breaker *breaker, uint64_t boot_usec);

/* Note that a probe of that lane was claimed. */
void breaker_probe(struct breaker *breaker, int64_t lane);

/* Note that the probe ended without an outcome (cancelled, nothing to claim). */
void breaker_probe_void(struct breaker *breaker, uint64_t boot_usec);

/* Whether a probe may be sent now. It must be a delivery that was never tried. */
bool breaker_wants_witness(const struct breaker *breaker, uint64_t boot_usec);

/* Open the breaker, as there is no witness. */
void breaker_no_witness(struct breaker *breaker, uint64_t boot_usec);

/* Whether the next probe is the newest delivery that was never tried, if there is one. Otherwise
 * the heads of lanes are probes in turn. Both are used, because either end of the line may fail. */
bool breaker_probes_newest(const struct breaker *breaker);

/* Continue from an earlier process whose breaker was open since opened_usec (boot clock, which may
 * lie before the boot). A probe may be sent at once. If it fails, that counts as opening the
 * breaker. */
void breaker_restore(struct breaker *breaker, uint64_t opened_usec, uint64_t boot_usec);

/* Continue from another breaker, which has an older schedule. Its probe is void here. */
void breaker_take_over(struct breaker *breaker, const struct breaker *other, uint64_t boot_usec);

/* Note that somebody has repaired the destination, or put another one in its place: no Retry-After
 * holds any longer. If the breaker is open, the next probe is due. */
void breaker_hurry(struct breaker *breaker, uint64_t boot_usec);

/* Whether a lane other than this one had a success since `since_usec` (wall clock). */
bool breaker_others_work(const struct breaker *breaker, int64_t lane, uint64_t since_usec);

/* How many lanes are in the streak of destination faults or, with `refusals`, of event faults. */
size_t breaker_streak_lanes(const struct breaker *breaker, bool refusals);

/* Return the state as it is reported: a breaker that waits for its witness is reported closed. */
enum breaker_state breaker_shown(const struct breaker *breaker);

/* The name of the reported state: "closed", "open", "probing". */
const char *breaker_name(const struct breaker *breaker);

#endif
