/* SPDX-License-Identifier: MIT */
#ifndef STORE_DELIVERY_H
#define STORE_DELIVERY_H

#include <stdbool.h>

/*
 *                      +--------- release ----------- held
 *                      v                                ^
 *   accept ----> behind <--> ready <--> inflight        | hold (behind, ready)
 *      |                       |           |
 *      +--> held, filtered,    |           +--> delivered, dead
 *           dead, superseded   +--> superseded, dropped, dead (expired)
 *
 * dead, delivered, superseded, dropped ----> behind or ready: retry, resend, revival by a copy.
 * held, dead ----> superseded: released or retried after a newer state of the order replaced it.
 *
 * At most one delivery of a lane is ready or inflight. The numbers are on disk: new ones are added,
 * and old ones keep their meaning.
 */
enum delivery_state {
    DELIVERY_READY = 1,    /* head of its lane, or without one: sent when its time has come */
    DELIVERY_INFLIGHT = 2, /* claimed by the daemon; its next start makes it ready again */
    DELIVERY_BEHIND = 3,   /* waits behind the head of its lane */
    DELIVERY_HELD = 4,     /* waits for an operator */
    DELIVERY_DELIVERED = 5,
    DELIVERY_SUPERSEDED = 6, /* a newer one of its lane was sent instead */
    DELIVERY_FILTERED = 7,   /* no webhook wanted it */
    DELIVERY_DROPPED = 8,    /* an operator gave it up */
    DELIVERY_DEAD = 9,       /* not tried any more; stays until somebody decides */
    DELIVERY_ORPHANED = 10,  /* shown, never stored: open, and its webhook has left the config */
    DELIVERY_STATES = 11,
};

/* Why a delivery is dead; on disk. */
enum dead_cause {
    DEAD_NOT = 0,
    DEAD_REFUSED = 1,     /* event faults */
    DEAD_ATTEMPTS = 2,    /* max_attempts while the webhook worked for others */
    DEAD_EXPIRED = 3,     /* max_age */
    DEAD_UNREADABLE = 4,  /* it could not be parsed: never sendable */
    DEAD_ID_CONFLICT = 5, /* its NotificationId came before with another payload: never sendable */
    DEAD_DAMAGED = 6,     /* its sealed body does not open any more: never sendable */
};

/* The name of a state: "ready", "inflight", ... as `dockbell queue list` shows them. Never NULL. */
const char *delivery_state_name(enum delivery_state state);

/* Return the state of a name; 0: there is no such state. */
enum delivery_state delivery_state_from_name(const char *name);

/* Whether the state is open: ready, inflight, behind or held. */
bool delivery_state_is_open(enum delivery_state state);

/* Whether the diagram above allows the move. */
bool delivery_state_may(enum delivery_state from, enum delivery_state to);

/* Whether sending caused the death, so that a copy or a retry revives the delivery. */
bool dead_cause_is_outcome(enum dead_cause cause);

#endif
