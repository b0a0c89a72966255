/* SPDX-License-Identifier: MIT */
#ifndef STORE_STALE_H
#define STORE_STALE_H

#include <stdbool.h>
#include <stdint.h>

struct store;

/*
 * Whether a newer event of the same lane and type was delivered before. The delivered rows are indexed
 * by (webhook, hour of the event, lane, type, event): with the hour in front, what is written now lies
 * together in a few pages however long the history is. The price is a look into each hour since the
 * event in which something was delivered, and an event in order is asked for without a look.
 */

/* Hours that a look goes through at most (more than a year of deliveries in every hour); an event that
 * is older still is not called stale. */
#define STALE_HOURS_MAX 10000

int stale_look(struct store *store, int64_t webhook, int64_t lane, int64_t kind, uint64_t event_usec,
               bool *ret_stale);

/* An event was delivered to the webhook. */
void stale_note(struct store *store, int64_t webhook, uint64_t event_usec);

#endif
