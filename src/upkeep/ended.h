/* SPDX-License-Identifier: MIT */
#ifndef SRC_UPKEEP_ENDED_H
#define SRC_UPKEEP_ENDED_H

#include <stddef.h>
#include <stdint.h>

#include "journal/events.h"

/*
 * Deliveries that a step of the janitor has ended. They are reported when the step is committed: if
 * the commit fails, they still wait, and the next step ends them again.
 */
enum ending {
    ENDED_EXPIRED,      /* older than max_age: a dead letter now */
    ENDED_DEAD_REMOVED, /* keep_dead is over */
    ENDED_HELD_REMOVED, /* keep_held is over */
};

struct ended {
    struct ended_delivery *all;
    size_t count, room;
};

/* Note one. The strings of the subject are copied. */
void ended_add(struct ended *ended, enum ending ending, const struct event_subject *subject,
               int64_t delivery);

/* Log one event for each of them, and forget them. */
void ended_report(struct ended *ended);

/* Forget them: the commit has failed. */
void ended_drop(struct ended *ended);

/* Free the memory of a struct ended, but not the struct. */
void ended_clear(struct ended *ended);

#endif
