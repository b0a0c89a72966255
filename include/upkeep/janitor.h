/* SPDX-License-Identifier: MIT */
#ifndef UPKEEP_JANITOR_H
#define UPKEEP_JANITOR_H

#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "relay/room.h"
#include "relay/trusted_time.h"
#include "store/store.h"

/*
 * Maintains the store: expires deliveries that waited too long, prunes history, watches disk and
 * backlog. It works in small steps between turns, by trusted time. Nothing of this is urgent;
 * without a trusted time it removes nothing.
 */
struct janitor;

/* Rows per step, and the pause between two steps while there is more to do. */
#define JANITOR_STEP_ROWS 100
#define JANITOR_STEP_USEC (50 * 1000ULL)
/* Interval of its checks while there is nothing to do. */
#define JANITOR_LOOK_USEC (60 * 1000000ULL)
/* At most this share of the history (one tenth) is pruned in an hour. More would mean a wrong clock
 * or a typing error in the configuration. */
#define JANITOR_HOURLY_SHARE 10
/* This many may always be pruned in an hour. */
#define JANITOR_HOURLY_MIN 1000
/* History younger than SQS's longest retention is never pruned for space: its ids find copies. */
#define JANITOR_YOUNG_USEC (14 * 24 * 3600 * 1000000ULL)

struct janitor_webhook {
    int64_t id;
    const char *name;
    uint64_t max_age_usec;
};

struct janitor_options {
    sd_event *event; /* a reference is taken; the rest is borrowed until janitor_free */
    struct store *store;
    struct receive_room *room;
    struct trusted_time *time;
    const char *state_directory;
    const struct janitor_webhook *webhooks;
    size_t n_webhooks;
    uint64_t keep_delivered_usec, keep_bodies_usec;
    uint64_t keep_dead_usec;    /* 0: for ever */
    uint64_t keep_held_usec;    /* the same, of our sellers */
    uint64_t keep_unknown_usec; /* held ones of unknown senders */
    struct accept_limits unknown_limits;
    uint64_t max_history, max_backlog, min_free_disk; /* bytes, deliveries, bytes */
    void (*room_changed)(void *userdata);             /* receiving may begin again */
    void *userdata;
};

/* Make a janitor. 0 or negative errno. */
int janitor_new(struct janitor **ret, const struct janitor_options *options);

/* Free a janitor. NULL is fine. */
void janitor_free(struct janitor *janitor);

/* Whether less than min_free_disk is free, and whether max_backlog deliveries wait. */
bool janitor_disk_is_low(const struct janitor *janitor);
bool janitor_backlog_is_full(const struct janitor *janitor);

/* Whether the waiting deliveries were counted once, and whether their number is clearly below the
 * one at which backlog-high is reported. */
bool janitor_backlog_is_known(const struct janitor *janitor);
bool janitor_backlog_is_normal(const struct janitor *janitor);

/* Whether the store keeps clearly less of unknown senders than the limit allows. */
bool janitor_unknown_is_normal(const struct janitor *janitor);

/* Check the disk and, at most once a second, the backlog. To be called after commits. */
void janitor_committed(struct janitor *janitor);

/* Whether it is known that no dead or held delivery of the webhook (NULL: of no configured one) is
 * removed within three days. */
bool janitor_removal_is_far(const struct janitor *janitor, const char *webhook);

#endif
