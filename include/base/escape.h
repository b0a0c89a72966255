/* SPDX-License-Identifier: MIT */
#ifndef BASE_ESCAPE_H
#define BASE_ESCAPE_H

#include <stdbool.h>

/* The parts of a JSON string's escapes (RFC 8259, section 7), for decoding without a tree. */

/* Read four hex digits into *ret. False: one of the four is no hex digit; bytes after a bad one are
 * not read. */
bool escape_hex4(const char *at, unsigned *ret);

/* Write the code point c as UTF-8 (1 to 4 bytes; a surrogate as if it were a character) and return
 * the position after it. */
char *escape_put_utf8(char *to, unsigned c);

/* Return the character for which a letter after a backslash is the escape; NUL: there is no such
 * escape (also for 'u'). */
char escape_meaning(char c);

#endif
