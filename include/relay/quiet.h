/* SPDX-License-Identifier: MIT */
#ifndef RELAY_QUIET_H
#define RELAY_QUIET_H

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "relay/trusted_time.h"
#include "store/store.h"

/*
 * Silence: queues and sellers that bring nothing for longer than they should (quiet_alarm). That is
 * judged by the trusted time, and only while the queue answers: a queue that cannot be read is
 * another event. One far timer for all of them.
 */
struct quiet_watch;

/* One queue or seller. */
struct quiet;

/* A queue must have answered for so long, or for the shortest threshold where that is less, before
 * its silence means anything: what waited in it comes first. */
#define QUIET_SETTLE_USEC (300 * 1000000ULL)
/* The longest time between two looks, as the clock may be set; and without a trusted time. */
#define QUIET_LOOK_USEC      (3600 * 1000000ULL)
#define QUIET_UNTRUSTED_USEC (60 * 1000000ULL)
/* How often what was heard is written for status and the next start. */
#define QUIET_NOTE_USEC (60 * 1000000ULL)

/* event: a reference is taken; time is borrowed. 0 or negative errno. */
int quiet_watch_new(struct quiet_watch **ret, sd_event *event, struct trusted_time *time);
void quiet_watch_free(struct quiet_watch *watch); /* NULL is fine */

struct quiet_options {
    const char *name;          /* copied */
    const struct quiet *queue; /* of a seller; NULL: this is a queue itself */
    uint64_t limit_usec;       /* 0: any silence is fine */
    uint64_t heard_usec;       /* when something came last, as far as known; 0: from now on */
    bool told;                 /* that it is silent is told already */
};

/* Adds one; it lives as long as the watch. */
struct quiet *quiet_add(struct quiet_watch *watch, const struct quiet_options *options);

/* Takes over what an older watch has heard of the same queues and sellers, and its looks. */
void quiet_follow(struct quiet_watch *watch, struct quiet_watch *older);

/* Something came, at that (Amazon's) time. NULL is fine. */
void quiet_heard(struct quiet *quiet, uint64_t now_usec);

/* Whether a queue (seller false) or seller of that name is known to bring nothing for longer than
 * its limit, by the limit of today. */
bool quiet_is_silent(struct quiet_watch *watch, bool seller, const char *name);

/* The queue answers, or cannot be read: looking begins with the first answer. NULL is fine. */
void quiet_answers(struct quiet *queue, bool answers);

/* Inside the turn's transaction: writes when sellers were heard last. */
int quiet_write_notes(struct quiet_watch *watch, struct store *store);

/* They are written with the next turn, however lately they were. */
void quiet_note_now(struct quiet_watch *watch);

#endif
