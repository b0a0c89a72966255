/* SPDX-License-Identifier: MIT */
#ifndef SRC_STORE_LANE_FILTER_H
#define SRC_STORE_LANE_FILTER_H

#include <stdbool.h>
#include <stdint.h>

/* The newest blocks of deliveries have a filter each, of LANE_FILTER_BITS bits. A block has up to
 * 1024 lanes. Fewer than one in four hundred of the other lanes are taken for one of its own. */
#define LANE_FILTERS     128
#define LANE_FILTER_BITS 16384

struct lane_filter {
    int64_t block;
    uint64_t bits[LANE_FILTER_BITS / 64];
};

/* The lanes that blocks of deliveries may have, without a look at the disk. A lane is a hash
 * already; its pieces are the places of its bits. */
struct lane_filters {
    struct lane_filter *slots[LANE_FILTERS];
};

/* Return the block's filter; NULL: it has none. */
struct lane_filter *lane_filters_find(const struct lane_filters *filters, int64_t block);

/* Make an empty filter in place of an older block's. Return NULL if a newer block has the place. */
struct lane_filter *lane_filters_add(struct lane_filters *filters, int64_t block);

/* Remove the block's filter, if it has one. */
void lane_filters_remove(struct lane_filters *filters, int64_t block);
/* Remove all filters and free the memory. */
void lane_filters_clear(struct lane_filters *filters);

/* Add a lane of the block. */
void lane_filter_add(struct lane_filter *filter, int64_t lane);
/* Whether the block may have the lane; false: it has not. */
bool lane_filter_may_have(const struct lane_filter *filter, int64_t lane);

#endif
