/* SPDX-License-Identifier: MIT */
#ifndef NOTIFICATION_KEEP_H
#define NOTIFICATION_KEEP_H

#include "notification/notification.h"

/*
 * Raw values become texts of our own, one behind the other: `next` points to where the next one
 * goes and is moved on. The room it needs is keep_room of every raw together.
 */

/* A character takes at most six bytes when it is escaped; longer raws hold no text that is kept. */
#define KEEP_RAW_MAX (6 * NOTIFICATION_FIELD_MAX + 2)

/* Bytes that keep_text takes at most. */
size_t keep_room(struct notification_raw raw);

/* Decodes a string, or copies a number, as a NUL-terminated text. NULL: absent or empty; or unfit
 * (too long, U+0000, half a surrogate pair, no string or number), and then *raw becomes absent. */
const char *keep_text(char **next, struct notification_raw *raw);

#endif
