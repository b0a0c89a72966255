/* SPDX-License-Identifier: MIT */
#ifndef WORDS_H
#define WORDS_H

#include <stdint.h>

/* Short pieces of sentences, by value so that they can stand among printf's arguments. */
struct words {
    char text[96];
};

/* "1 delivery", "2 deliveries". */
struct words words_count(uint64_t count, const char *one, const char *many);

/* "5m 12s"; at least a second, as nobody reads milliseconds in a sentence. */
struct words words_span(uint64_t span_usec);

/* "120.5 MiB". */
struct words words_bytes(uint64_t bytes);

/* What stands for a text that is not known. */
const char *words_or(const char *text, const char *otherwise);

/* The text without a beginning "queue NAME: ", for a sentence that names the queue already. */
const char *words_of_queue(const char *text, const char *queue);

#endif
