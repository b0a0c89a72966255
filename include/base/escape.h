/* SPDX-License-Identifier: MIT */
#ifndef BASE_ESCAPE_H
#define BASE_ESCAPE_H

#include <stdbool.h>

/* The pieces of a JSON string's escapes (RFC 8259, section 7), for those who decode without a tree.
 */

/* Four hex digits into *ret. False: one of the four is none; what lies behind a bad one is not
 * read. */
bool escape_hex4(const char *at, unsigned *ret);

/* Writes the code point c as UTF-8 (1 to 4 bytes; a surrogate as if it were a character) and
 * returns what is behind it. */
char *escape_put_utf8(char *to, unsigned c);

/* What the character behind a backslash means; NUL: there is no such escape (and for 'u'). */
char escape_meaning(char c);

#endif
