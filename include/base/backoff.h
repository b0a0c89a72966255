/* SPDX-License-Identifier: MIT */
#ifndef BASE_BACKOFF_H
#define BASE_BACKOFF_H

#include <stdint.h>

/* Return the wait before try number `failures` + 1: base, doubled for each failure after the first,
 * at most cap. failures = 0 gives 0. */
uint64_t backoff_step_usec(uint64_t base_usec, uint64_t cap_usec, unsigned failures);

/* The same, plus up to a tenth of it as jitter. Jitter is only added, so a wait that the other side
 * asked for is never shortened. */
uint64_t backoff_usec(uint64_t base_usec, uint64_t cap_usec, unsigned failures);

/* Return `usec` plus up to a tenth of it. */
uint64_t backoff_jitter_usec(uint64_t usec);

/* Return the longest wait that backoff_jitter_usec can make of `usec`. */
uint64_t backoff_latest_usec(uint64_t usec);

#endif
