/* SPDX-License-Identifier: MIT */
#ifndef AMAZON_WORD_H
#define AMAZON_WORD_H

#include <stddef.h>

/* Copies the letters, digits and ._- at the start of `string` (NULL: none), as many as fit:
 * Amazon's word for an error, of which nothing else can get into a log line. */
void word_copy(char *out, size_t room, const char *string);

#endif
