/* SPDX-License-Identifier: MIT */
/* A receiver's answer as it comes: header lines, a blank line, the body. What is made of it must
 * stay within its limits, and the same seconds must mean the same wait in every way they can be
 * said. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/wire/http_answer.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "webhook/outcome.h"
#include "wire/retry_after.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NOW 1748852130000000

/* As the client does it: each line with its end, also those of an interim answer. Returns what
 * follows the headers. */
static const char *read_headers(struct http_reading *reading, const char *at, const char *end)
{
    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        const char *next = newline ? newline + 1 : end;
        bool blank = *at == '\n' || *at == '\r';
        if (!http_reading_header(reading, at, (size_t)(next - at)))
            return end;
        at = next;
        if (blank && !((size_t)(end - at) > 5 && memcmp(at, "HTTP/", 5) == 0))
            break;
    }
    return at;
}

static void check(const struct outcome *outcome, const struct http_answer *answer)
{
    bool asks = outcome->retry_after_usec > 0, throttled = outcome->class == OUTCOME_THROTTLED;
    if (outcome->retry_after_usec > RETRY_AFTER_MAX_USEC || !outcome->reason[0] ||
        !text_is_utf8(outcome->reason, strlen(outcome->reason)) ||
        (outcome->error_class == NULL) != (outcome->class == OUTCOME_DELIVERED) ||
        (asks && outcome->class == OUTCOME_DELIVERED) || (asks && !answer->retry_after[0]) ||
        (throttled && answer->status != 429) || (throttled && outcome->opens_breaker) ||
        (outcome->may_throttle && answer->status != 503))
        abort();
}

/* Seconds that were read are the same as a date so many seconds after the answer's own. */
static void check_both_forms(struct http_answer *answer)
{
    static const struct success_rule rule;
    struct outcome seconds, date;
    char stamp[CLOCK_TEXT_MAX];
    answer->status = 503;
    answer->date_usec = NOW - NOW % USEC_PER_DAY;
    outcome_read(&seconds, answer, &rule, NOW);
    if (seconds.retry_after_usec == 0 || seconds.retry_after_usec >= USEC_PER_DAY ||
        strspn(answer->retry_after, "0123456789") != strlen(answer->retry_after))
        return;
    clock_rfc3339(stamp, answer->date_usec + seconds.retry_after_usec);
    snprintf(answer->retry_after, sizeof(answer->retry_after), "Mon, 02 Jun 2025 %.8s GMT",
             stamp + strlen("2025-06-02T"));
    outcome_read(&date, answer, &rule, 0);
    if (date.retry_after_usec != seconds.retry_after_usec || !date.opens_breaker)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct success_rule rule = {.accept_if = {"/status/0", "ok"}};
    struct http_reading reading = {.limit = 4096, .cut = true};
    struct outcome outcome;
    const char *end = (const char *)data + size;
    const char *body = read_headers(&reading, (const char *)data, end);
    struct http_answer *answer = &reading.answer;

    (void)http_reading_body(&reading, body, (size_t)(end - body));
    answer->body = reading.body.data;
    answer->body_size = reading.body.size;
    outcome_read(&outcome, answer, size % 2 ? &rule : &(struct success_rule){0}, NOW);
    check(&outcome, answer);
    check_both_forms(answer);
    text_clear(&reading.body);
    return 0;
}
