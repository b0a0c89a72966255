/* SPDX-License-Identifier: MIT */
#ifndef STORE_LANE_FILTER_H
#define STORE_LANE_FILTER_H

#include <stdbool.h>
#include <stdint.h>

/* The newest blocks of deliveries that have a filter each, of so many bits: a block has up to 1024
 * lanes, of those that it has not one in four hundred is taken for one of its own. */
#define LANE_FILTERS     128
#define LANE_FILTER_BITS 16384

struct lane_filter {
    int64_t block;
    uint64_t bits[LANE_FILTER_BITS / 64];
};

/* Which lanes blocks of deliveries may have, without a look at the disk. A lane is a hash already;
 * pieces of it are the places of its bits. */
struct lane_filters {
    struct lane_filter *slots[LANE_FILTERS];
};

/* The block's filter; NULL: it has none. */
struct lane_filter *lane_filters_find(const struct lane_filters *filters, int64_t block);

/* Makes an empty one in place of an older block's. NULL where a newer block stands. */
struct lane_filter *lane_filters_add(struct lane_filters *filters, int64_t block);

void lane_filters_remove(struct lane_filters *filters, int64_t block);
void lane_filters_clear(struct lane_filters *filters);

void lane_filter_add(struct lane_filter *filter, int64_t lane);
bool lane_filter_may_have(const struct lane_filter *filter, int64_t lane);

#endif
