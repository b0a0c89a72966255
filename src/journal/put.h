/* SPDX-License-Identifier: MIT */
#ifndef JOURNAL_PUT_H
#define JOURNAL_PUT_H

#include <stdarg.h>

#include "journal/record.h"

/* Below record_send: an entry goes out at once. Neither the listener nor the limit of storms sees
 * it, so that the counts of left out entries can use it. */

/* Whether the listener wants the events that alarms are about, also those of an unwanted level. */
void record_heed(bool listens);

/* Appends the sentence, escaped and cut. */
void record_sentence(struct text *ret, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

/* Sends the entry; what the record holds stays. */
void record_put_out(struct record *record, const char *sentence);

/* Sends the entry if its level is wanted, and frees what the record holds. */
void record_put(struct record *record, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
