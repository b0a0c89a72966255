/* SPDX-License-Identifier: MIT */
#ifndef STORE_DELAYS_H
#define STORE_DELAYS_H

#include <stdbool.h>
#include <stdint.h>

struct store;

/*
 * The clock of delays: `next` and `not_before` of every delivery. It runs on CLOCK_BOOTTIME, so a
 * wall clock that is set back or forward delays nothing. From one boot of the machine to the next
 * it goes on by what trusted time says has passed, and never backwards. It looks like a time since
 * 1970, but only differences mean something.
 *
 * A fact of the store says where it stands, for the next process of this boot or of a later one.
 */
struct delays {
    bool known;
    bool first;                     /* the store has no such fact yet */
    int64_t base_usec;              /* this clock minus CLOCK_BOOTTIME */
    bool kept;                      /* the store has a fact about this boot ... */
    bool written;                   /* ... since the transaction under way ... */
    uint64_t kept_boot_usec;        /* ... as of this moment ... */
    int64_t kept_trusted_base_usec; /* ... with trusted time minus CLOCK_BOOTTIME */
    bool kept_learned;
};

/* How old the fact in the store may become while transactions are written. */
#define DELAYS_KEEP_USEC (60 * 1000000ULL)

/* Finds out where the clock stands; inside a transaction. Does nothing the second time. */
int delays_load(struct store *store);

/* Writes the fact if it is missing or old; before a commit. A store without the fact was written by
 * a version that waited by the wall clock: waits that no clock of today explains end with it. */
int delays_write(struct store *store);

/* The transaction has ended; `committed`: what delays_write wrote is kept. */
void delays_ended(struct store *store, bool committed);

/* A moment of trusted time on this clock; and back, as of now. 0 stays 0. */
uint64_t delays_from_time(const struct store *store, uint64_t usec);
uint64_t delays_to_time(const struct store *store, uint64_t delay_usec);

#endif
