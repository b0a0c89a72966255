/* SPDX-License-Identifier: MIT */
#ifndef SRC_JOURNAL_STORM_H
#define SRC_JOURNAL_STORM_H

#include "journal/record.h"

/*
 * The limit against storms. Some events may come by the thousand (a table in storm.c). The first
 * ones of each subject are sent, and after them one line with a count per interval, until an
 * interval has passed without any. This needs the loop of events_attach, which sends the counts.
 */

/* Events of one kind and subject that are sent before counting begins, and the interval. */
#define STORM_FIRST         20U
#define STORM_INTERVAL_USEC (60 * 1000000ULL)
/* Number of kinds and subjects that are counted at the same time. Events beyond it are all sent. */
#define STORM_SLOTS 256

/* Note an event just before it is sent. Return true if it is counted and must not be sent. */
bool storm_holds(const struct record *record, const char *sentence);

#endif
