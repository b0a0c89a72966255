/* SPDX-License-Identifier: MIT */
#ifndef BASE_STATES_H
#define BASE_STATES_H

#include <stdbool.h>
#include <stdint.h>

/*
 * A small state machine as a table: a name for each state, and the states that may follow it.
 * states_may reads it. states_move enforces it: a move that is not in the table is a bug and
 * aborts.
 */
struct state_row {
    const char *name;
    uint32_t to; /* bit n set: may move to state n */
};

#define TO(state) (1U << (state))

/* Whether the move is in the table. Staying is a move only if the table has it. */
bool states_may(const struct state_row *table, unsigned from, unsigned to);

/* Move *state and trace both names. If the table does not allow the move, abort with both names.
 * `what` and `id` name the thing that moves; file and line are those of the caller. */
#define states_move(table, state, to, what, id)                                                    \
    states_move_at((table), (state), (to),                                                         \
                   &(struct states_mover){(what), (id), __FILE__, __LINE__, __func__})

/* A move, for traces and for the abort. */
struct states_mover {
    const char *what;
    int64_t id;
    const char *file;
    int line;
    const char *function;
};

/* The function behind states_move. */
void states_move_at(const struct state_row *table, unsigned *state, unsigned to,
                    const struct states_mover *mover);

#endif
