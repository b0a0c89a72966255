/* SPDX-License-Identifier: MIT */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "webhook/outcome.h"
#include "wire/retry_after.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Takes one line off the input. */
static void take_line(char *out, size_t room, const char **at, const char *end)
{
    const char *newline = *at < end ? memchr(*at, '\n', (size_t)(end - *at)) : NULL;
    const char *stop = newline ? newline : end;
    snprintf(out, room, "%.*s", (int)(stop - *at), *at);
    *at = newline ? newline + 1 : end;
}

/* Input: the status, the kind of error, then Retry-After, Location and the error's text, a line
 * each; the rest is the answer's body. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct http_answer answer = {0};
    struct outcome outcome;
    struct success_rule rule = {.accept_if = {"/status/0", "ok"}, .done_if = {"/code", "7"}};
    char number[16];
    const char *at = (const char *)data, *end = at + size;

    take_line(number, sizeof(number), &at, end);
    answer.status = atoi(number);
    take_line(number, sizeof(number), &at, end);
    answer.error.kind = (enum error_kind)((unsigned)atoi(number) % ERROR_KINDS);
    take_line(answer.retry_after, sizeof(answer.retry_after), &at, end);
    take_line(answer.location, sizeof(answer.location), &at, end);
    take_line(answer.error.text, sizeof(answer.error.text), &at, end);

    answer.body = memory_copy(at, (size_t)(end - at));
    answer.body_size = (size_t)(end - at);
    outcome_read(&outcome, &answer, &rule, 1748852130000000);
    free(answer.body);
    if (outcome.retry_after_usec > RETRY_AFTER_MAX_USEC || !outcome.reason[0] ||
        !text_is_utf8(outcome.reason, strlen(outcome.reason)) ||
        !outcome_class_name(outcome.class) ||
        (outcome.error_class == NULL) != (outcome.class == OUTCOME_DELIVERED))
        abort();
    for (const char *c = outcome.reason; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            abort();
    return 0;
}
