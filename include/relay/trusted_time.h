/* SPDX-License-Identifier: MIT */
#ifndef RELAY_TRUSTED_TIME_H
#define RELAY_TRUSTED_TIME_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Whether trusted time (base/clock.h) is certain enough to expire and prune by. It is not before a
 * Date of Amazon's was seen, after a jump of the wall clock against CLOCK_BOOTTIME until a new Date
 * came, and while it is behind the newest stored row: then nothing expires and nothing is pruned.
 * That is reported once, and so is its end.
 */

/* A wall clock that moved by more than this against CLOCK_BOOTTIME has jumped. */
#define TRUSTED_TIME_JUMP_USEC (300 * 1000000ULL)
/* An offset beyond this is worth an event: receivers of webhooks tolerate five minutes. */
#define TRUSTED_TIME_OFF_USEC (120 * 1000000ULL)
/* For so long no Date is normal: after a start, or after a jump, which has its own event. */
#define TRUSTED_TIME_PATIENCE_USEC (900 * 1000000ULL)

/* Why trusted time is not certain enough. */
enum time_doubt { TIME_CERTAIN, TIME_UNDATED, TIME_BEHIND };

struct trusted_time {
    bool known;                    /* a Date was seen since start or since the last jump */
    bool off;                      /* the event about a wrong clock is out */
    enum time_doubt reported;      /* the event about it is out */
    uint64_t newest_usec;          /* of the stored rows, at start */
    uint64_t undated_boot_usec;    /* since when no Date was seen, if not known */
    uint64_t wall_usec, boot_usec; /* of the last look */
};

/* newest_usec: the newest moment of receipt in the store, 0 when it is empty. */
void trusted_time_init(struct trusted_time *time, uint64_t newest_usec);

/* A Date header has been learned (clock_learn). Reports a wall clock that is wrong, and its end. */
void trusted_time_learn(struct trusted_time *time);

/* Looks at both clocks. Reports a jump, a time that is not certain, and its end. Called once a
 * minute at least. */
void trusted_time_look(struct trusted_time *time);

/* The trusted time into *ret_usec; false: there is none now. */
bool trusted_time_now(struct trusted_time *time, uint64_t *ret_usec);

#endif
