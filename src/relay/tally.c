/* SPDX-License-Identifier: MIT */
#include "relay/tally.h"

#include "base/clock.h"
#include "base/memory.h"

/* From the time that a fast network takes to that of a weekend without the warehouse. */
static const uint64_t way_bounds_usec[] = {
    100 * USEC_PER_MSEC,  250 * USEC_PER_MSEC, 500 * USEC_PER_MSEC, 1 * USEC_PER_SEC,
    2500 * USEC_PER_MSEC, 5 * USEC_PER_SEC,    10 * USEC_PER_SEC,   30 * USEC_PER_SEC,
    1 * USEC_PER_MIN,     5 * USEC_PER_MIN,    15 * USEC_PER_MIN,   1 * USEC_PER_HOUR,
    6 * USEC_PER_HOUR,    1 * USEC_PER_DAY,    3 * USEC_PER_DAY,
};

/* Up to the longest sensible timeout. */
static const uint64_t request_bounds_usec[] = {
    5 * USEC_PER_MSEC,    10 * USEC_PER_MSEC,  25 * USEC_PER_MSEC,  50 * USEC_PER_MSEC,
    100 * USEC_PER_MSEC,  250 * USEC_PER_MSEC, 500 * USEC_PER_MSEC, 1 * USEC_PER_SEC,
    2500 * USEC_PER_MSEC, 5 * USEC_PER_SEC,    10 * USEC_PER_SEC,   30 * USEC_PER_SEC,
};

_Static_assert(ELEMENTS(way_bounds_usec) <= HISTOGRAM_BOUNDS_MAX, "histogram.h has less room");

void queue_tally_init(struct queue_tally *tally)
{
    *tally = (struct queue_tally){0};
    histogram_init(&tally->lag, way_bounds_usec, ELEMENTS(way_bounds_usec));
}

void webhook_tally_init(struct webhook_tally *tally)
{
    *tally = (struct webhook_tally){0};
    histogram_init(&tally->duration, request_bounds_usec, ELEMENTS(request_bounds_usec));
    histogram_init(&tally->delivery, way_bounds_usec, ELEMENTS(way_bounds_usec));
}
