/* SPDX-License-Identifier: MIT */
#ifndef NOTIFICATION_STRICT_H
#define NOTIFICATION_STRICT_H

#include <stddef.h>

/* Nesting deeper than this is refused. */
#define STRICT_DEPTH_MAX 64

/*
 * Check whether the bytes are exactly one JSON value by RFC 8259, in valid UTF-8, with optional
 * white space around it. This is stricter than cJSON, because our envelope is written around these
 * bytes: bytes that pass here parse in Python and node. A lone surrogate escape (\ud800) passes, as
 * it does there.
 *
 * Returns 0, or the offset + 1 of the first wrong byte (size + 1: it ends too early). Then *ret_why
 * (may be NULL) is a few static words: "unterminated string".
 */
size_t strict_json_check(const char *bytes, size_t size, const char **ret_why);

#endif
