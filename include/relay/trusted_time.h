/* SPDX-License-Identifier: MIT */
#ifndef RELAY_TRUSTED_TIME_H
#define RELAY_TRUSTED_TIME_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The time by which things are expired and pruned: the wall clock plus the offset learnt from
 * Amazon's Date headers. It is not trusted before a Date was seen, after a jump against
 * CLOCK_BOOTTIME until a new Date came, and while the clock is behind the newest stored row: then
 * nothing expires and nothing is pruned.
 */

/* A wall clock that moved by more than this against CLOCK_BOOTTIME has jumped. */
#define TRUSTED_TIME_JUMP_USEC (300 * 1000000ULL)
/* An offset beyond this is worth an event: receivers of webhooks tolerate five minutes. */
#define TRUSTED_TIME_OFF_USEC (120 * 1000000ULL)

struct trusted_time {
    bool known;                    /* a Date was seen since start or since the last jump */
    bool off;                      /* the event about a wrong clock is out */
    int64_t offset_usec;           /* Amazon's clock minus ours */
    uint64_t newest_usec;          /* of the stored rows, at start */
    uint64_t wall_usec, boot_usec; /* of the last look */
};

/* newest_usec: the newest moment of receipt in the store, 0 when it is empty. */
void trusted_time_init(struct trusted_time *time, uint64_t newest_usec);

/* Takes note of an offset that a Date header gave. */
void trusted_time_learn(struct trusted_time *time, int64_t offset_usec);

/* Looks at both clocks; tells about a jump. Called once a minute at least. */
void trusted_time_look(struct trusted_time *time);

/* The trusted time into *ret_usec; false: there is none now. */
bool trusted_time_now(struct trusted_time *time, uint64_t *ret_usec);

#endif
