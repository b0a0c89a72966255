/* SPDX-License-Identifier: MIT */
#include "store/delivery.h"

#include <stddef.h>
#include <string.h>

#include "states.h"

const struct state_row delivery_states[DELIVERY_STATES] = {
    [DELIVERY_READY] = {"ready", TO(DELIVERY_INFLIGHT) | TO(DELIVERY_BEHIND) | TO(DELIVERY_HELD) |
                                     TO(DELIVERY_SUPERSEDED) | TO(DELIVERY_DROPPED) |
                                     TO(DELIVERY_DEAD)},
    [DELIVERY_INFLIGHT] = {"inflight",
                           TO(DELIVERY_READY) | TO(DELIVERY_DELIVERED) | TO(DELIVERY_DEAD)},
    [DELIVERY_BEHIND] = {"behind", TO(DELIVERY_READY) | TO(DELIVERY_HELD) |
                                       TO(DELIVERY_SUPERSEDED) | TO(DELIVERY_DROPPED) |
                                       TO(DELIVERY_DEAD)},
    [DELIVERY_HELD] = {"held", TO(DELIVERY_READY) | TO(DELIVERY_BEHIND) | TO(DELIVERY_SUPERSEDED) |
                                   TO(DELIVERY_DROPPED)},
    [DELIVERY_DELIVERED] = {"delivered", TO(DELIVERY_READY) | TO(DELIVERY_BEHIND)},
    [DELIVERY_SUPERSEDED] = {"superseded", TO(DELIVERY_READY) | TO(DELIVERY_BEHIND)},
    [DELIVERY_FILTERED] = {"filtered", 0},
    [DELIVERY_DROPPED] = {"dropped", TO(DELIVERY_READY) | TO(DELIVERY_BEHIND)},
    [DELIVERY_DEAD] = {"dead", TO(DELIVERY_READY) | TO(DELIVERY_BEHIND) | TO(DELIVERY_SUPERSEDED) |
                                   TO(DELIVERY_DROPPED)},
    [DELIVERY_ORPHANED] = {"orphaned", 0},
};

static bool is_state(unsigned state)
{
    return state > 0 && state < DELIVERY_STATES;
}

const char *delivery_state_name(enum delivery_state state)
{
    return is_state(state) ? delivery_states[state].name : "unknown";
}

enum delivery_state delivery_state_from_name(const char *name)
{
    for (unsigned state = 1; state < DELIVERY_STATES; state++)
        if (strcmp(delivery_states[state].name, name) == 0)
            return state;
    return 0;
}

bool delivery_state_is_open(enum delivery_state state)
{
    return state == DELIVERY_READY || state == DELIVERY_INFLIGHT || state == DELIVERY_BEHIND ||
           state == DELIVERY_HELD;
}

bool delivery_state_may(enum delivery_state from, enum delivery_state to)
{
    return is_state(from) && is_state(to) && states_may(delivery_states, from, to);
}

bool dead_cause_is_outcome(enum dead_cause cause)
{
    switch (cause) {
    case DEAD_REFUSED:
    case DEAD_ATTEMPTS:
    case DEAD_EXPIRED:
        return true;
    case DEAD_NOT:
    case DEAD_UNREADABLE:
    case DEAD_ID_CONFLICT:
    case DEAD_DAMAGED:
        return false;
    }
    return false;
}
