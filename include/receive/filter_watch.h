/* SPDX-License-Identifier: MIT */
#ifndef RECEIVE_FILTER_WATCH_H
#define RECEIVE_FILTER_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "store/store.h"

/*
 * Finds filters of webhooks that let nothing pass for longer than they should (filter_alarm). Each
 * notification that a filter blocks is judged when it is stored, so this needs no timer: the alarm
 * comes with the first blocked notification after the limit, counted from the first blocked one.
 * Only the time in which Dockbell runs counts.
 */
struct filter_watch;

/* The filters of one webhook. */
struct filter;

/* Interval in which the count is written for the next start. */
#define FILTER_FACTS_USEC (60 * 1000000ULL)

/* Return an empty watch. The caller owns it. */
struct filter_watch *filter_watch_new(void);
void filter_watch_free(struct filter_watch *watch); /* NULL is fine */

struct filter_options {
    const char *webhook;  /* its name; copied */
    const char *keys;     /* which filters it has: "statuses, changes"; copied */
    uint64_t fingerprint; /* of the filters: another one starts a new count */
    uint64_t limit_usec;  /* 0: it may block for ever */
    const char *noted;    /* the fact of an earlier run (FILTER_FACT); NULL: none */
    bool told;            /* the alarm was raised already */
    uint64_t *count;      /* counts blocked notifications; lives as long as the watch */
};

/* The key of the fact, in the webhook's section. */
#define FILTER_FACT "filter_blocks"

/* Add the filters of one webhook. They live as long as the watch. */
struct filter *filter_add(struct filter_watch *watch, const struct filter_options *options);

/* Take over the state of webhooks with the same filters from an older watch. The older one reports
 * nothing from then on. */
void filter_watch_follow(struct filter_watch *watch, struct filter_watch *older);

/* Note that a notification for the webhook's sellers and types has passed its filters, or was
 * blocked by them. */
void filter_passed(struct filter *filter);
void filter_blocked(struct filter *filter);

/* Whether the filters of the webhook are known to let nothing pass for longer than its current
 * limit. */
bool filter_watch_blocks(struct filter_watch *watch, const char *webhook);

/* Write the state that the next start needs. To be called inside the turn's transaction. 0, or the
 * result of the store's verb. */
int filter_watch_write_facts(struct filter_watch *watch, struct store *store);

/* Write the state with the next turn, even if it was written a moment ago. */
void filter_watch_hurry_facts(struct filter_watch *watch);

#endif
