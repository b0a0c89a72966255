/* SPDX-License-Identifier: MIT */
#include "second_chance.h"

bool second_chance_give(struct second_chance *chances, int64_t delivery)
{
    if (chances->count >= SECOND_CHANCE_MAX)
        return false;
    chances->deliveries[chances->count++] = delivery;
    return true;
}

bool second_chance_take(struct second_chance *chances, int64_t delivery)
{
    for (size_t i = 0; i < chances->count; i++)
        if (chances->deliveries[i] == delivery) {
            chances->deliveries[i] = chances->deliveries[--chances->count];
            return true;
        }
    return false;
}
