/* SPDX-License-Identifier: MIT */
#include "base/states.h"

#include <stdio.h>
#include <stdlib.h>

bool states_may(const struct state_row *table, unsigned from, unsigned to)
{
    return to < 32 && (table[from].to & TO(to));
}

void states_move(const struct state_row *table, unsigned *state, unsigned to)
{
    if (!states_may(table, *state, to)) {
        fprintf(stderr, "state %s may not become %s\n", table[*state].name, table[to].name);
        abort();
    }
    *state = to;
}
