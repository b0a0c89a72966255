/* SPDX-License-Identifier: MIT */
#ifndef RELAY_FILTER_WATCH_H
#define RELAY_FILTER_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "store/store.h"

/*
 * Filters of webhooks that let nothing pass for longer than they should (filter_alarm). Each
 * notification that a filter blocks is judged when it is stored, so this needs no timer: the alarm
 * comes with a notification that is blocked so long after the first one. Only the time in which
 * Dockbell runs counts.
 */
struct filter_watch;

/* The filters of one webhook. */
struct filter;

/* How often the count is written for the next start. */
#define FILTER_NOTE_USEC (60 * 1000000ULL)

struct filter_watch *filter_watch_new(void);
void filter_watch_free(struct filter_watch *watch); /* NULL is fine */

struct filter_options {
    const char *webhook;  /* its name; copied */
    const char *keys;     /* which filters it has: "statuses, changes"; copied */
    uint64_t fingerprint; /* of the filters: another one begins anew */
    uint64_t limit_usec;  /* 0: it may block for ever */
    const char *noted;    /* what an earlier run wrote (FILTER_FACT); NULL: nothing */
    bool told;            /* the alarm was raised already */
    uint64_t *count;      /* counts what is blocked; lives as long as the watch */
};

/* The key of the fact, in the webhook's section. */
#define FILTER_FACT "filter_blocks"

/* Adds the filters of one webhook; they live as long as the watch. */
struct filter *filter_add(struct filter_watch *watch, const struct filter_options *options);

/* Takes over what an older watch knows of webhooks with the same filters. The older one reports
 * nothing from then on. */
void filter_watch_follow(struct filter_watch *watch, struct filter_watch *older);

/* A notification for the webhook's sellers and types has passed its filters; was blocked by them.
 */
void filter_passed(struct filter *filter);
void filter_blocked(struct filter *filter);

/* Whether the filters of the webhook are known to let nothing pass for longer than its limit, by
 * the limit of today. */
bool filter_watch_blocks(struct filter_watch *watch, const char *webhook);

/* Inside the turn's transaction: writes what the next start needs to know. */
int filter_watch_write_notes(struct filter_watch *watch, struct store *store);

/* It is written with the next turn, however lately it was. */
void filter_watch_note_now(struct filter_watch *watch);

#endif
