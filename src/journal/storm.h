/* SPDX-License-Identifier: MIT */
#ifndef JOURNAL_STORM_H
#define JOURNAL_STORM_H

#include "journal/record.h"

/*
 * Against storms: of the events that may come by the thousand (a table in storm.c) the first ones
 * of each subject are sent, and from then on one line with a count per interval, until an interval
 * has passed without any. Only while events_attach holds, as somebody has to send the counts.
 */

/* Events of one kind and subject that are sent before counting begins, and the interval. */
#define STORM_FIRST         20U
#define STORM_INTERVAL_USEC (60 * 1000000ULL)
/* Kinds and subjects that are counted at the same time; beyond them everything is sent. */
#define STORM_SLOTS 256

/* Takes note of an event that is about to be sent. True: it is counted and must not be sent. */
bool storm_holds(const struct record *record, const char *sentence);

#endif
