/* SPDX-License-Identifier: MIT */
#ifndef SRC_JOURNAL_STORY_H
#define SRC_JOURNAL_STORY_H

#include "journal/record.h"

/*
 * The story of single orders (accepted, postponed, delivered) is written at EVENT_INFO, up to a
 * rate that a person can read. More entries would fill the journal, and journald's own limit
 * (RateLimitBurst= in journald.conf(5)) would then drop important ones. So the rest is omitted and
 * counted, and the count is reported. At EVENT_DEBUG everything is written.
 */

/* Entries of stories in a minute. */
#define STORY_MINUTE_MAX 300U

/* Begin an entry like record_begin. Also return false if STORY_MINUTE_MAX entries were written in
 * this minute. This costs one look at the clock. */
bool story_begin(struct record *record, enum journal_id id);

/* Report the number of omitted entries, if it was not reported yet, and start again. */
void story_end(void);

#endif
