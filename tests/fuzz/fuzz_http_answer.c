/* SPDX-License-Identifier: MIT */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/wire/http_answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

#define MUST_END(member) must(memchr(member, '\0', sizeof(member)) != NULL)

static void check(const struct http_reading *reading)
{
    const struct http_answer *answer = &reading->answer;
    must(answer->status >= 0 && answer->status <= 999);
    must(reading->body.size <= reading->limit);
    must(!reading->enough || (reading->over && reading->cut));
    MUST_END(answer->retry_after);
    MUST_END(answer->location);
    MUST_END(answer->request_id);
    MUST_END(answer->query_error);
    MUST_END(answer->rate_limit);
    MUST_END(answer->content_type);
}

/* Hands on what is left in pieces of up to `piece` bytes, until it is too much. */
static void read_body(struct http_reading *reading, const char *bytes, size_t size, size_t piece)
{
    while (size > 0) {
        size_t now = size < piece ? size : piece;
        if (!http_reading_body(reading, bytes, now))
            return;
        bytes += now;
        size -= now;
    }
}

/* Input: what to do (a byte), header lines as they come, an empty line, the body. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *at = (const char *)data + 1, *end = (const char *)data + size;
    if (size == 0)
        return 0;
    struct http_reading reading = {.limit = 1 + (data[0] >> 1), .cut = data[0] & 1};
    while (at < end) {
        const char *line_end = memchr(at, '\n', (size_t)(end - at));
        size_t line = line_end ? (size_t)(line_end + 1 - at) : (size_t)(end - at);
        if (!http_reading_header(&reading, at, line))
            break;
        at += line;
        if (line <= 2)
            break;
    }
    if (!reading.over)
        read_body(&reading, at, (size_t)(end - at), 1 + data[0] % 7);
    check(&reading);
    text_clear(&reading.body);
    return 0;
}
