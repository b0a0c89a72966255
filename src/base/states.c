/* SPDX-License-Identifier: MIT */
#include "base/states.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/trace.h"

bool states_may(const struct state_row *table, unsigned from, unsigned to)
{
    return to < 32 && (table[from].to & TO(to));
}

void states_move_at(const struct state_row *table, unsigned *state, unsigned to,
                    const struct states_mover *mover)
{
    const char *before = table[*state].name, *after = table[to].name;
    if (!states_may(table, *state, to)) {
        fprintf(stderr, "%s:%d: %s %lld: state %s may not become %s\n", mover->file, mover->line,
                mover->what, (long long)mover->id, before, after);
        abort();
    }
    if (trace_sink)
        trace_put(mover->file, mover->line, mover->function, "%s %lld: %s -> %s", mover->what,
                  (long long)mover->id, before, after);
    *state = to;
}
