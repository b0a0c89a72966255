/* SPDX-License-Identifier: MIT */
#ifndef BASE_HISTOGRAM_H
#define BASE_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

/* A histogram of durations: the number in each bucket. A plain value; all zero, it has one bucket
 * for everything. */
#define HISTOGRAM_BOUNDS_MAX 16

struct histogram {
    const uint64_t *bounds_usec; /* upper bounds, rising */
    size_t n_bounds;
    /* Of each bucket alone; the last: beyond all bounds. */
    uint64_t counts[HISTOGRAM_BOUNDS_MAX + 1];
    uint64_t sum_usec;
};

/* Make it empty, with buckets up to and including these bounds (borrowed for good,
 * HISTOGRAM_BOUNDS_MAX at most). */
void histogram_init(struct histogram *histogram, const uint64_t *bounds_usec, size_t n_bounds);

/* Count one duration. */
void histogram_add(struct histogram *histogram, uint64_t usec);

#endif
