/* SPDX-License-Identifier: MIT */
#ifndef JOURNAL_STORY_H
#define JOURNAL_STORY_H

#include "journal/record.h"

/*
 * The story of single orders (accepted, postponed, delivered) is written at EVENT_INFO as long as a
 * person could read it. What comes faster would fill the journal, and journald's own limit
 * (RateLimitBurst= in journald.conf(5)) would then drop what matters; so it is left out, counted,
 * and said so. At EVENT_DEBUG everything is written.
 */

/* Entries of stories in a minute. */
#define STORY_MINUTE_MAX 300U

/* Like record_begin; false also when enough has been written in this minute, at the cost of looking
 * at the clock. */
bool story_begin(struct record *record, enum journal_id id);

/* Tells how many were left out, if that was not told yet, and starts anew. */
void story_end(void);

#endif
