/* SPDX-License-Identifier: MIT */
#ifndef SRC_SANDBOX_RNG_H
#define SRC_SANDBOX_RNG_H

#include <stdint.h>

/*
 * Numbers that look random and depend only on their seed, so the same seed gives the same bytes on
 * every machine. They are not fit for secrets.
 */

/* Mix all bits of x (the finaliser of SplitMix64, public domain by Sebastiano Vigna). */
uint64_t rng_mix(uint64_t x);

/* Combine two numbers into one, for "the n-th of that seed". */
uint64_t rng_pair(uint64_t a, uint64_t b);

/* Return the next number of the sequence that starts at *state. */
uint64_t rng_next(uint64_t *state);

/* Return the next number below `limit` (not 0). */
uint64_t rng_below(uint64_t *state, uint64_t limit);

/* Return the next number from 0 to below 1. */
double rng_unit(uint64_t *state);

/* Make a version 4 UUID of two numbers. */
#define RNG_UUID_MAX 37
void rng_uuid(char out[RNG_UUID_MAX], uint64_t high, uint64_t low);

#endif
