/* SPDX-License-Identifier: MIT */
#ifndef STORE_COALESCE_H
#define STORE_COALESCE_H

#include "lanes.h"

/*
 * Webhooks that want only the newest state of an order (store_set_coalesce). Of the deliveries of a
 * lane that tell the state of one type, at most one waits, the newest by (event time, id); what is
 * older becomes SUPERSEDED when the newer one enters the line, when it comes back from being in
 * flight, or when the newer one was delivered. Untouched are what tells no state, what is in
 * flight, held or dead, and what an operator has sent once more (resend): he wants it sent. With
 * other webhooks nothing is looked up.
 *
 * Why at these moments: docs/decisions/0018-newest-state.md.
 */

/* Superseded ones of a lane that one call changes at most: more wait only where `coalesce` was set
 * after they came, and the next call goes on. */
#define COALESCE_MAX 200

/* lane_place for a new delivery. It may end SUPERSEDED; `done` is now_usec then. */
int coalesce_place(struct store *store, struct lane_row *row, uint64_t now_usec);

/* lane_enter for one that is not in line. STORE_SUPERSEDED: that is what it is now. */
int coalesce_enter(struct store *store, struct lane_row *row, uint64_t now_usec);

/* Whether coalesce_enter would supersede it. */
int coalesce_would(struct store *store, const struct lane_row *row, bool *ret);

/* It was INFLIGHT and waits again. */
int coalesce_returned(struct store *store, struct lane_row *row, uint64_t now_usec);

/* It was INFLIGHT and was delivered. */
int coalesce_delivered(struct store *store, const struct lane_row *row, uint64_t now_usec);

#endif
