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
 * held, dead ----> superseded: released or retried when a newer state of the order made it
 * needless. At most one delivery of a lane is ready or inflight; the numbers are on disk, so they
 * only grow.
 */
enum delivery_state {
    DELIVERY_READY = 1,    /* head of its lane, or without one: sent when its time has come */
    DELIVERY_INFLIGHT = 2, /* claimed by the daemon; becomes ready again when that starts anew */
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
    DEAD_UNREADABLE = 4,  /* could not be understood: never sendable */
    DEAD_ID_CONFLICT = 5, /* its NotificationId came before with another payload: never sendable */
    DEAD_DAMAGED = 6,     /* its sealed body does not open any more: never sendable */
};

/* "ready", "inflight", ... as design 4.1 lists them. Never NULL. */
const char *delivery_state_name(enum delivery_state state);

/* The state of a name; 0: no such state. */
enum delivery_state delivery_state_from_name(const char *name);

/* Whether it is neither done nor given up: ready, inflight, behind or held. */
bool delivery_state_is_open(enum delivery_state state);

/* Whether the table of moves (drawn above) allows it. */
bool delivery_state_may(enum delivery_state from, enum delivery_state to);

/* Whether the cause is an outcome of sending, so that a copy or a retry revives it (law 3). */
bool dead_cause_is_outcome(enum dead_cause cause);

#endif
