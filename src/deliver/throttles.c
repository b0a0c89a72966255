/* SPDX-License-Identifier: MIT */
/* Return the index of the lane's row; THROTTLES_MAX: it has none. */
#include "forwarder_private.h"

static unsigned find(const struct throttles *throttles, int64_t lane)
{
    unsigned i = 0;
    while (i < THROTTLES_MAX && throttles->rows[i].lane != lane)
        i++;
    return i;
}

unsigned throttles_add(struct throttles *throttles, int64_t lane)
{
    unsigned i = find(throttles, lane);
    if (i == THROTTLES_MAX) {
        i = throttles->next;
        throttles->next = (i + 1) % THROTTLES_MAX;
        throttles->rows[i].lane = lane;
        throttles->rows[i].count = 0;
    }
    return ++throttles->rows[i].count;
}

void throttles_end(struct throttles *throttles, int64_t lane)
{
    unsigned i = find(throttles, lane);
    if (i < THROTTLES_MAX)
        throttles->rows[i].lane = throttles->rows[i].count = 0;
}
