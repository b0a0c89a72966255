/* SPDX-License-Identifier: MIT */
#ifndef RECEIVE_QUIET_H
#define RECEIVE_QUIET_H

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "relay/trusted_time.h"
#include "store/store.h"

/*
 * Finds silent queues and sellers: those that bring nothing for longer than they should
 * (quiet_alarm). The trusted time decides, and only while the queue answers: a queue that cannot be
 * read is another event. There is one timer for all of them, which is rarely due.
 */
struct quiet_watch;

/* One queue or seller. */
struct quiet;

/* Before the silence of a queue means anything, the queue must have answered for this long, or for
 * the shortest threshold if that is less: messages that waited in it come first. */
#define QUIET_SETTLE_USEC (300 * 1000000ULL)
/* The longest time between two checks, because the clock may be set; and the time between them
 * while there is no trusted time. */
#define QUIET_LOOK_USEC      (3600 * 1000000ULL)
#define QUIET_UNTRUSTED_USEC (60 * 1000000ULL)
/* Interval in which the last times are written, for status and the next start. */
#define QUIET_FACTS_USEC (60 * 1000000ULL)

/* Make a watch. event: a reference is taken; time is borrowed. 0 or negative errno. */
int quiet_watch_new(struct quiet_watch **ret, sd_event *event, struct trusted_time *time);
void quiet_watch_free(struct quiet_watch *watch); /* NULL is fine */

struct quiet_options {
    const char *name;          /* copied */
    const struct quiet *queue; /* of a seller; NULL: this is a queue itself */
    uint64_t limit_usec;       /* 0: any silence is fine */
    uint64_t heard_usec;       /* when something last came, as far as known; 0: count from now */
    bool told;                 /* its silence was reported already */
};

/* Add one queue or seller. It lives as long as the watch. */
struct quiet *quiet_add(struct quiet_watch *watch, const struct quiet_options *options);

/* Take over the state of the same queues and sellers from an older watch, which stops checking. */
void quiet_follow(struct quiet_watch *watch, struct quiet_watch *older);

/* Note that something came at that time (Amazon's clock). NULL is fine. */
void quiet_heard(struct quiet *quiet, uint64_t now_usec);

/* Whether a queue (seller false) or seller of that name is known to bring nothing for longer than
 * its current limit. */
bool quiet_is_silent(struct quiet_watch *watch, bool seller, const char *name);

/* Note whether the queue answers. Checking begins with the first answer. NULL is fine. */
void quiet_answers(struct quiet *queue, bool answers);

/* Write when something last came for each seller. To be called inside the turn's transaction. 0, or
 * the result of the store's verb. */
int quiet_write_facts(struct quiet_watch *watch, struct store *store);

/* Write them with the next turn, even if they were written a moment ago. */
void quiet_hurry_facts(struct quiet_watch *watch);

#endif
