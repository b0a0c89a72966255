/* SPDX-License-Identifier: MIT */
#ifndef BASE_NEAREST_H
#define BASE_NEAREST_H

#include <stddef.h>

/* Words longer than this are never called similar. */
#define NEAREST_MAX 64

/* Return the candidate that a mistyped word most likely means, by edit distance (a swap of
 * neighbours is one edit): at most a third of the word's length away. NULL: none is near. NULL
 * candidates are skipped. Borrowed from the list. */
const char *nearest_word(const char *word, const char *const candidates[], size_t count);

#endif
