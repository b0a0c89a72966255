/* SPDX-License-Identifier: MIT */
#ifndef SRC_NOTIFICATION_READER_H
#define SRC_NOTIFICATION_READER_H

#include <stdbool.h>

#include "notification/notification.h"

/*
 * Find members in bytes that passed the strict check, without a tree.
 * docs/decisions/0004-reading-checked-bytes.md has the reasons and the gain. These functions do not
 * check for the end of the bytes, because in checked bytes something follows every value inside a
 * bracket. Do not use them on unchecked bytes.
 */

/* Limit for the members of one search. */
#define READER_WANTS_MAX 24

/* A search: a path as in notification/types.h, and the place for the value. `ret` starts as {0}. */
struct reader_want {
    const char *path;
    struct notification_raw *ret;
};

/* Return the first byte from `at` that is not white space. */
const char *reader_space(const char *at);

/* Return the position behind the value at `at`. A number, true, false or null must be inside a
 * bracket; a string, object or array may be anywhere. */
const char *reader_skip(const char *at);

/* Finds all wants in the object that starts at `at`, in one pass. Of members with the same name the
 * last counts, as in Python and node; of names that differ in the case of the first letter none
 * does. A want that ends in "*" gets the value of the first member. Returns what is behind the
 * object. */
const char *reader_find(const char *at, const struct reader_want wants[], size_t n);

/* Return the first element or member of an array or object. NULL if there is none. */
const char *reader_first(const char *bracket);

/* Return the next element or member. `end` is the position behind the last value. NULL
 * if there is none. */
const char *reader_next(const char *end);

/* Return the value of the member whose name starts at `name`. */
const char *reader_value(const char *name);

/* Whether it is a string. */
bool reader_is_string(struct notification_raw raw);

/* Whether it is a number. */
bool reader_is_number(struct notification_raw raw);

/* Decode a string without its quotes into `out`, which has room for its raw size (and may be the
 * raw bytes themselves). Return the number of bytes; no NUL follows. *ret_clean (may be NULL): it
 * has neither U+0000 nor half a surrogate pair. Half a pair is written like a character, which is
 * invalid UTF-8. */
size_t reader_decode(char *out, struct notification_raw raw, bool *ret_clean);

#endif
