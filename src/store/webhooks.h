/* SPDX-License-Identifier: MIT */
#ifndef SRC_STORE_WEBHOOKS_H
#define SRC_STORE_WEBHOOKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stale.h"

struct store;

/* A row of `webhook`, kept in memory: there are few and every accept and claim asks for one. */
struct webhook {
    int64_t id;
    char *name;
    bool configured;
    uint64_t paused_usec; /* paused since then; 0: not paused */
    char *paused_why;
    uint64_t paused_total_usec; /* of the pauses that are over */
    bool coalesces;             /* coalesce.h */

    struct sent sent;      /* stale.c */
    int64_t expire_cursor; /* where the next step of store_expire continues */
};

struct webhooks {
    struct webhook *rows; /* by name */
    size_t count;
};

/* Read the table again. A store_result. */
int webhooks_load(struct store *store);
/* Forget the webhooks and free their memory. */
void webhooks_clear(struct webhooks *webhooks);

/* Return the webhook; NULL: there is no such webhook, also for 0. Valid until the next
 * webhooks_load. */
struct webhook *webhooks_find(const struct store *store, int64_t id);

/* Return the webhook's time: it runs with `now`, but stands still while the webhook is paused. Ages
 * are differences of it. If webhook is NULL, it is `now`. */
uint64_t webhooks_time_usec(const struct webhook *webhook, uint64_t now_usec);

#endif
