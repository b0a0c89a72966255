/* SPDX-License-Identifier: MIT */
#ifndef SRC_CLI_PROSE_H
#define SRC_CLI_PROSE_H

#include <stddef.h>

/*
 * Sentences on stdout. On a terminal they are broken between words at the end of a line. Elsewhere
 * a sentence is one line, for programs.
 */

/* Return the columns of stdout's terminal. 0 if it is no terminal, or if the width is unknown. */
size_t prose_columns(void);

/* Return the columns of the UTF-8 text, with one column for each character. */
size_t prose_width(const char *text);

/* Write the text and end the line. `at`: columns of this line that are already used. `indent`:
 * columns before each further line. A word that is longer than a line is not broken. */
void prose_put(const char *text, size_t at, size_t indent);

/* Write a formatted text in the same way, at the beginning of a line. */
void prose_putf(size_t indent, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
