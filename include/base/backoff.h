/* SPDX-License-Identifier: MIT */
#ifndef BASE_BACKOFF_H
#define BASE_BACKOFF_H

#include <stdint.h>

/* The wait before try number `failures` + 1: base doubled for each failure after the first, at most
 * cap. failures = 0 gives 0. */
uint64_t backoff_step_usec(uint64_t base_usec, uint64_t cap_usec, unsigned failures);

/* The same, plus up to a tenth of jitter that is only ever added (a wait that somebody asked for is
 * never undercut). */
uint64_t backoff_usec(uint64_t base_usec, uint64_t cap_usec, unsigned failures);

/* `usec` plus up to a tenth of it. */
uint64_t backoff_jitter_usec(uint64_t usec);

/* The most that backoff_jitter_usec makes of `usec`. */
uint64_t backoff_latest_usec(uint64_t usec);

#endif
