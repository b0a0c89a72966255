/* SPDX-License-Identifier: MIT */
#ifndef NOTIFICATION_READER_H
#define NOTIFICATION_READER_H

#include <stdbool.h>

#include "notification/notification.h"

/*
 * Finds members in bytes that passed the strict check, without a tree: why, and what it is worth,
 * is in docs/decisions/0004-reading-checked-bytes.md. Nothing here looks for the end of the bytes:
 * in checked ones every value inside a bracket is followed by something. Do not use it on others.
 */

/* Members looked up in one go. */
#define READER_WANTS_MAX 24

/* What to find: a path as in notification/types.h, and where the value goes. `ret` starts as {0}.
 */
struct reader_want {
    const char *path;
    struct notification_raw *ret;
};

/* The first byte at or behind `at` that is no white space. */
const char *reader_space(const char *at);

/* Behind the value that starts at `at`; inside a bracket, or a string, object or array anywhere. */
const char *reader_skip(const char *at);

/* Finds all wants in the object that starts at `at`, in one pass. Of members with the same name the
 * last counts, as in Python and node. A want that ends in "*" gets the value of the first member.
 * Returns what is behind the object. */
const char *reader_find(const char *at, const struct reader_want wants[], size_t n);

/* Going through an array or object: the first element or member, the next one behind the end of the
 * last; NULL when there is none. */
const char *reader_first(const char *bracket);
const char *reader_next(const char *end);

/* The value of the member whose name starts at `name`. */
const char *reader_value(const char *name);

/* Whether it is a string; or a number. */
bool reader_is_string(struct notification_raw raw);
bool reader_is_number(struct notification_raw raw);

/* Decodes a string, quotes left out, into `out`, which has room for its raw size (and may be the
 * raw bytes themselves). Returns the number of bytes, no NUL behind them. *ret_clean (may be NULL):
 * it holds neither U+0000 nor half a surrogate pair, which is written as if it were a character and
 * is no UTF-8 then. */
size_t reader_decode(char *out, struct notification_raw raw, bool *ret_clean);

#endif
