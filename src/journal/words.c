/* SPDX-License-Identifier: MIT */
#include "words.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"

struct words words_count(uint64_t count, const char *one, const char *many)
{
    struct words words;
    snprintf(words.text, sizeof(words.text), "%llu %s", (unsigned long long)count,
             count == 1 ? one : many);
    return words;
}

struct words words_span(uint64_t span_usec)
{
    struct words words;
    text_span(words.text, span_usec < USEC_PER_SEC ? USEC_PER_SEC : span_usec);
    return words;
}

struct words words_bytes(uint64_t bytes)
{
    static const char *const units[] = {"KiB", "MiB", "GiB", "TiB"};
    struct words words;
    double value = (double)bytes / 1024;
    size_t unit = 0;
    for (; value >= 1024 && unit + 1 < ELEMENTS(units); unit++)
        value /= 1024;
    snprintf(words.text, sizeof(words.text), "%.1f %s", value, units[unit]);
    return words;
}

const char *words_of_queue(const char *text, const char *queue)
{
    AUTOFREE char *beginning = memory_format("queue %s: ", queue);
    return text_starts(text, beginning) ? text + strlen(beginning) : text;
}

const char *words_or(const char *text, const char *otherwise)
{
    return text ? text : otherwise;
}
