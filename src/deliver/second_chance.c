/* SPDX-License-Identifier: MIT */
#include "second_chance.h"

bool second_chance_give(struct second_chance *chances, int64_t delivery, bool fresh)
{
    if (chances->count >= SECOND_CHANCE_MAX)
        return false;
    chances->rows[chances->count].delivery = delivery;
    chances->rows[chances->count++].fresh = fresh;
    return true;
}

/* Return the index of the delivery's row; `count`: it has none. */
static size_t find(const struct second_chance *chances, int64_t delivery)
{
    size_t at = 0;
    while (at < chances->count && chances->rows[at].delivery != delivery)
        at++;
    return at;
}

bool second_chance_has(const struct second_chance *chances, int64_t delivery)
{
    return find(chances, delivery) < chances->count;
}

bool second_chance_take(struct second_chance *chances, int64_t delivery, bool *ret_fresh)
{
    size_t at = find(chances, delivery);
    bool found = at < chances->count;
    *ret_fresh = found && chances->rows[at].fresh;
    if (found)
        chances->rows[at] = chances->rows[--chances->count];
    return found;
}
