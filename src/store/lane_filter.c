/* SPDX-License-Identifier: MIT */
#include "lane_filter.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* Bits per lane, and the width of the piece of the lane that is the place of a bit. */
#define BITS  4
#define WIDTH 14

_Static_assert(1 << WIDTH == LANE_FILTER_BITS && BITS * WIDTH <= 64, "pieces of a lane");

static size_t slot_of(int64_t block)
{
    return (size_t)block % LANE_FILTERS;
}

struct lane_filter *lane_filters_find(const struct lane_filters *filters, int64_t block)
{
    struct lane_filter *filter = filters->slots[slot_of(block)];
    return filter && filter->block == block ? filter : NULL;
}

struct lane_filter *lane_filters_add(struct lane_filters *filters, int64_t block)
{
    struct lane_filter **slot = &filters->slots[slot_of(block)];
    if (!*slot)
        *slot = NEW(struct lane_filter);
    else if ((*slot)->block > block)
        return NULL;
    **slot = (struct lane_filter){.block = block};
    return *slot;
}

void lane_filters_remove(struct lane_filters *filters, int64_t block)
{
    struct lane_filter **slot = &filters->slots[slot_of(block)];
    if (!*slot || (*slot)->block != block)
        return;
    free(*slot);
    *slot = NULL;
}

void lane_filters_clear(struct lane_filters *filters)
{
    for (size_t i = 0; i < LANE_FILTERS; i++)
        free(filters->slots[i]);
    *filters = (struct lane_filters){0};
}

void lane_filter_add(struct lane_filter *filter, int64_t lane)
{
    uint64_t left = (uint64_t)lane;
    for (int i = 0; i < BITS; i++, left >>= WIDTH) {
        uint64_t bit = left % LANE_FILTER_BITS;
        filter->bits[bit / 64] |= (uint64_t)1 << (bit % 64);
    }
}

bool lane_filter_may_have(const struct lane_filter *filter, int64_t lane)
{
    uint64_t left = (uint64_t)lane;
    for (int i = 0; i < BITS; i++, left >>= WIDTH) {
        uint64_t bit = left % LANE_FILTER_BITS;
        if (!(filter->bits[bit / 64] & (uint64_t)1 << (bit % 64)))
            return false;
    }
    return true;
}
