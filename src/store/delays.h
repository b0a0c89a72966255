/* SPDX-License-Identifier: MIT */
#ifndef SRC_STORE_DELAYS_H
#define SRC_STORE_DELAYS_H

#include <stdbool.h>
#include <stdint.h>

struct store;

/*
 * The clock of delays: `next` and `not_before` of every delivery. It runs on CLOCK_BOOTTIME, so a
 * wall clock that is set back or forward delays nothing. From one boot of the machine to the next
 * it advances by the time that has passed by trusted time, and never goes back. It looks like a
 * time since 1970, but only differences have a meaning.
 *
 * A fact of the store keeps its position, for the next process of this boot or of a later one.
 */
struct delays {
    bool known;
    bool first;                     /* the store has no such fact yet */
    int64_t base_usec;              /* this clock minus CLOCK_BOOTTIME */
    bool kept;                      /* the store has a fact about this boot */
    bool written;                   /* it was written in the transaction under way */
    uint64_t kept_boot_usec;        /* CLOCK_BOOTTIME of the writing */
    int64_t kept_trusted_base_usec; /* trusted time minus CLOCK_BOOTTIME, in the fact */
    bool kept_learned;
};

/* The greatest age of the fact in the store, while transactions are written. */
#define DELAYS_KEEP_USEC (60 * 1000000ULL)

/* Load the position of the clock; inside a transaction. The second call does nothing. */
int delays_load(struct store *store);

/* Write the fact if it is missing or old; before a commit. A store without the fact was written by
 * a version that waited by the wall clock: waits that no clock of today explains are ended. */
int delays_write(struct store *store);

/* The transaction has ended. `committed`: the fact that delays_write wrote is kept. */
void delays_ended(struct store *store, bool committed);

/* Return a moment of trusted time on this clock, as of now. 0 stays 0. */
uint64_t delays_from_time(const struct store *store, uint64_t usec);
/* Return a moment of this clock in trusted time, as of now. 0 stays 0. */
uint64_t delays_to_time(const struct store *store, uint64_t delay_usec);

#endif
