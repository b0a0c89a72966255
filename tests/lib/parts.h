/* SPDX-License-Identifier: MIT */
#ifndef TESTS_PARTS_H
#define TESTS_PARTS_H

/* Fails the test unless `part` is in `text`; or unless it is not. text may be NULL. */
void assert_part(const char *text, const char *part);
void assert_no_part(const char *text, const char *part);

/* How often `part` stands in `text`. */
unsigned count_parts(const char *text, const char *part);

#endif
