/* SPDX-License-Identifier: MIT */
#ifndef SRC_JOURNAL_WORDS_H
#define SRC_JOURNAL_WORDS_H

#include <stdint.h>

/* Short parts of sentences, by value so that they can be arguments of printf. */
struct words {
    char text[96];
};

/* Return "1 delivery" or "2 deliveries". */
struct words words_count(uint64_t count, const char *one, const char *many);

/* Return "5m 12s". It is at least a second, because milliseconds do not help in a sentence. */
struct words words_span(uint64_t span_usec);

/* Return "120.5 MiB". */
struct words words_bytes(uint64_t bytes);

/* Return the text, or `otherwise` if it is NULL. */
const char *words_or(const char *text, const char *otherwise);

/* Return the text without "queue NAME: " at its beginning, for a sentence that already
 * names the queue. */
const char *words_of_queue(const char *text, const char *queue);

#endif
