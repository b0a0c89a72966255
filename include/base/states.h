/* SPDX-License-Identifier: MIT */
#ifndef BASE_STATES_H
#define BASE_STATES_H

#include <stdbool.h>
#include <stdint.h>

/*
 * A small state machine as a table: a name for each state and the set of states it may move to.
 * states_may answers, states_move enforces: a move that is not in the table is a bug and aborts.
 */
struct state_row {
    const char *name;
    uint32_t to; /* bit n set: may move to state n */
};

#define TO(state) (1U << (state))

/* Whether the move is in the table. Staying is not a move unless the table says so. */
bool states_may(const struct state_row *table, unsigned from, unsigned to);

/* Moves *state; aborts with both names when the table does not allow it. */
void states_move(const struct state_row *table, unsigned *state, unsigned to);

#endif
