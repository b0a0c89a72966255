/* SPDX-License-Identifier: MIT */
#ifndef RELAY_TRUSTED_TIME_H
#define RELAY_TRUSTED_TIME_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Whether trusted time (base/clock.h) is certain enough to expire and prune by. It is not certain
 * before a Date header from Amazon was seen; nor between a jump of the wall clock against
 * CLOCK_BOOTTIME and the next Date; nor while it is behind the newest stored row. Then nothing
 * expires and nothing is pruned. The uncertainty and its end are reported once each.
 */

/* A wall clock that moved by more than this against CLOCK_BOOTTIME has jumped. */
#define TRUSTED_TIME_JUMP_USEC (300 * 1000000ULL)
/* If the wall clock is off by more than this, that is an event: receivers of webhooks tolerate five
 * minutes. */
#define TRUSTED_TIME_OFF_USEC (120 * 1000000ULL)
/* For this long it is normal that no Date comes: after a start, or after a jump, which has its own
 * event. */
#define TRUSTED_TIME_PATIENCE_USEC (900 * 1000000ULL)

/* Why trusted time is not certain enough. */
enum time_doubt { TIME_CERTAIN, TIME_UNDATED, TIME_BEHIND };

struct trusted_time {
    bool known;                    /* a Date was seen since start or since the last jump */
    bool off;                      /* a wrong clock was reported */
    enum time_doubt reported;      /* the doubt that was last reported */
    uint64_t newest_usec;          /* of the stored rows, at start */
    uint64_t undated_boot_usec;    /* since when no Date has been seen, if not known */
    uint64_t wall_usec, boot_usec; /* of the last check */
};

/* Start with both clocks as they are. newest_usec: the newest time of receipt in the store, 0 if it
 * is empty. */
void trusted_time_init(struct trusted_time *time, uint64_t newest_usec);

/* Note that a Date header was learned (clock_learn). Report a wrong wall clock, and its end. */
void trusted_time_learn(struct trusted_time *time);

/* Compare both clocks. Report a jump, an uncertain time, and its end. To be called at least once a
 * minute. */
void trusted_time_look(struct trusted_time *time);

/* Return the trusted time in *ret_usec; false: there is none now. */
bool trusted_time_now(struct trusted_time *time, uint64_t *ret_usec);

#endif
