/* SPDX-License-Identifier: MIT */
#ifndef SRC_JOURNAL_PUT_H
#define SRC_JOURNAL_PUT_H

#include <stdarg.h>

#include "journal/record.h"

/* The way out of an entry below record_send: it is sent at once. Neither the listener nor the limit
 * of storms sees it, so the counts of omitted entries can use it. */

/* Set whether the listener wants the events of alarms, also those of an unwanted level. */
void record_heed(bool listens);

/* Append the sentence, escaped and cut. */
void record_sentence(struct text *ret, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

/* Send the entry. The record keeps its contents. */
void record_put_out(struct record *record, const char *sentence);

/* Send the entry if its level is wanted, and free the contents of the record. */
void record_put(struct record *record, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
