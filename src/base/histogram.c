/* SPDX-License-Identifier: MIT */
#include "base/histogram.h"

void histogram_init(struct histogram *h, const uint64_t *bounds_usec, size_t n_bounds)
{
    *h = (struct histogram){.bounds_usec = bounds_usec, .n_bounds = n_bounds};
}

void histogram_add(struct histogram *h, uint64_t usec)
{
    size_t i = 0;
    while (i < h->n_bounds && usec > h->bounds_usec[i])
        i++;
    h->counts[i]++;
    h->sum_usec += usec;
}
