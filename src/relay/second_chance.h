/* SPDX-License-Identifier: MIT */
#ifndef RELAY_SECOND_CHANCE_H
#define RELAY_SECOND_CHANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Deliveries whose last attempt broke on a kept connection. That says nothing about the webhook or
 * the delivery, so it is charged to neither and the next attempt follows at once. That one uses a
 * new connection, and counts whatever comes of it: an event that always breaks the connection would
 * otherwise be sent for ever.
 */
#define SECOND_CHANCE_MAX 256

struct second_chance {
    int64_t deliveries[SECOND_CHANCE_MAX];
    size_t count;
};

/* Whether the delivery gets one: false when there are too many, and the attempt counts as it is. */
bool second_chance_give(struct second_chance *chances, int64_t delivery);

/* Whether the delivery has one; it has none afterwards. */
bool second_chance_take(struct second_chance *chances, int64_t delivery);

#endif
