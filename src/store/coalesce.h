/* SPDX-License-Identifier: MIT */
#ifndef SRC_STORE_COALESCE_H
#define SRC_STORE_COALESCE_H

#include "lanes.h"

/*
 * Webhooks that want only the newest state of an order (store_set_coalesce). Of the deliveries of a
 * lane that report the state of one type, at most one waits: the newest by (event time, id). An
 * older one becomes SUPERSEDED when the newer one enters the line, when one of them comes back from
 * being in flight, or when the newer one was delivered. Not superseded are deliveries that report
 * no state; deliveries that are in flight, held or dead; and deliveries that an operator has sent
 * once more (resend), because the operator wants them sent. For other webhooks, nothing is looked
 * up.
 *
 * Why at these moments: docs/decisions/0018-newest-state.md.
 */

/* The most deliveries of a lane that one call supersedes. More wait only if `coalesce` was set
 * after they came; the next call continues with them. */
#define COALESCE_MAX 200

/* lane_place for a new delivery. It may become SUPERSEDED; `done` is now_usec then. A
 * store_result. */
int coalesce_place(struct store *store, struct lane_row *row, uint64_t now_usec);

/* lane_enter for a delivery that is not in line. STORE_SUPERSEDED: it was superseded. */
int coalesce_enter(struct store *store, struct lane_row *row, uint64_t now_usec);

/* Set *ret to whether coalesce_enter would supersede the delivery. */
int coalesce_would(struct store *store, const struct lane_row *row, bool *ret);

/* Supersede the delivery or older ones. It was INFLIGHT and waits again. */
int coalesce_returned(struct store *store, struct lane_row *row, uint64_t now_usec);

/* Supersede older deliveries. This one was INFLIGHT and was delivered. */
int coalesce_delivered(struct store *store, const struct lane_row *row, uint64_t now_usec);

#endif
