/* SPDX-License-Identifier: MIT */
#ifndef PROSE_H
#define PROSE_H

#include <stddef.h>

/*
 * Sentences on stdout. On a terminal they are broken between words where the line ends; elsewhere a
 * sentence is one line, as programs read it.
 */

/* Columns of the terminal that stdout is; 0: it is none, or its width is not known. */
size_t prose_columns(void);

/* Columns that the UTF-8 text takes, with a column for each character. */
size_t prose_width(const char *text);

/* Writes the text and ends the line. `at`: columns of this line that are written already; `indent`:
 * columns before each further line. A word that is longer than a line is not broken. */
void prose_put(const char *text, size_t at, size_t indent);

/* The same for a formatted text at the beginning of a line. */
void prose_putf(size_t indent, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
