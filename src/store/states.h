/* SPDX-License-Identifier: MIT */
#ifndef SRC_STORE_STATES_H
#define SRC_STORE_STATES_H

#include "base/states.h"
#include "store/delivery.h"

/* The moves that store/delivery.h draws, for states_move. */
extern const struct state_row delivery_states[DELIVERY_STATES];

#endif
