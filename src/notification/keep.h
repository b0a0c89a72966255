/* SPDX-License-Identifier: MIT */
#ifndef SRC_NOTIFICATION_KEEP_H
#define SRC_NOTIFICATION_KEEP_H

#include "notification/notification.h"

/*
 * Raw values become our own texts, one behind the other. `next` points to the place of the next
 * text and is moved on. The room for all texts is the sum of keep_room of every raw.
 */

/* An escaped character takes at most six bytes. A longer raw has no text that is kept. */
#define KEEP_RAW_MAX (6 * NOTIFICATION_FIELD_MAX + 2)

/* Return the largest number of bytes that keep_text uses. */
size_t keep_room(struct notification_raw raw);

/* Decode a string, or copy a number, as a NUL-terminated text. Return NULL if the raw is absent or
 * empty. Also return NULL, and make *raw absent, if it does not fit: too long, with U+0000 or half
 * a surrogate pair, or neither string nor number. */
const char *keep_text(char **next, struct notification_raw *raw);

#endif
