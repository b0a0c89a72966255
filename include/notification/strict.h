/* SPDX-License-Identifier: MIT */
#ifndef NOTIFICATION_STRICT_H
#define NOTIFICATION_STRICT_H

#include <stddef.h>

/* Nesting deeper than this is refused (law 5). */
#define STRICT_DEPTH_MAX 64

/*
 * Whether the bytes are exactly one JSON value by RFC 8259, in valid UTF-8, white space around it
 * allowed. Stricter than cJSON, because our envelope is pasted around these bytes: what passes here
 * parses in Python and node. A lone surrogate escape (\ud800) passes, as it does there.
 *
 * Returns 0, or a positive offset + 1 of the first byte that is wrong (size + 1: it ends too
 * early). *ret_why (may be NULL) is then a few static words: "unterminated string".
 */
size_t strict_json_check(const char *bytes, size_t size, const char **ret_why);

#endif
