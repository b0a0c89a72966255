/* SPDX-License-Identifier: MIT */
#ifndef SRC_UPKEEP_RETENTION_H
#define SRC_UPKEEP_RETENTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "announced.h"
#include "ended.h"
#include "upkeep/janitor.h"

/*
 * keep_dead and keep_held: reports the end of dead and held deliveries three days ahead, then
 * removes them. The janitor calls it once a minute, and again while it wants more.
 */
struct retention {
    const struct janitor_options *o; /* the janitor's */
    struct announced announced;
    bool loaded;                 /* the announcements and since_usec are loaded */
    uint64_t since_usec;         /* nothing was kept before: the periods run from here */
    bool known;                  /* the counts below are known, since the start */
    struct retention_near *near; /* per webhook, then of none */
    struct ended ended;          /* by the step that is not committed yet */
};

/* Prepare a struct retention. options: borrowed until retention_clear. */
void retention_init(struct retention *retention, const struct janitor_options *options);
/* Free the memory of a struct retention, but not the struct. */
void retention_clear(struct retention *retention);

/* Do one step. Return whether it wants another. */
bool retention_work(struct retention *retention, uint64_t now_usec);

/* Whether it is known that nothing of the webhook (NULL: of no configured webhook) is removed
 * soon. */
bool retention_is_far(const struct retention *retention, const char *webhook);

#endif
