/* SPDX-License-Identifier: MIT */
#include "base/nearest.h"

#include <string.h>

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Return the number of edits that turn one word into the other. A swap of neighbours is one edit
 * (optimal string alignment). Both words have at most NEAREST_MAX bytes. */
static size_t distance(const char *a, size_t a_size, const char *b, size_t b_size)
{
    size_t rows[3][NEAREST_MAX + 1];
    size_t *before = rows[0], *above = rows[1], *row = rows[2];
    for (size_t j = 0; j <= b_size; j++)
        above[j] = j;
    for (size_t i = 1; i <= a_size; i++) {
        row[0] = i;
        for (size_t j = 1; j <= b_size; j++) {
            row[j] = least(least(above[j], row[j - 1]) + 1, above[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = least(row[j], before[j - 2] + 1);
        }
        size_t *oldest = before;
        before = above;
        above = row;
        row = oldest;
    }
    return above[b_size];
}

const char *nearest_word(const char *word, const char *const candidates[], size_t count)
{
    size_t size = strlen(word);
    const char *nearest = NULL;
    size_t best = size / 3 + 1;
    if (size > NEAREST_MAX)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        size_t other = candidates[i] ? strlen(candidates[i]) : NEAREST_MAX + 1;
        size_t longer = size > other ? size - other : other - size;
        if (other > NEAREST_MAX || longer >= best) /* it takes so many edits at least */
            continue;
        size_t edits = distance(word, size, candidates[i], other);
        if (edits < best) {
            best = edits;
            nearest = candidates[i];
        }
    }
    return nearest;
}
