/* SPDX-License-Identifier: MIT */
#include "http_answer.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"

/* Limit for all header lines of one answer. */
#define HEADERS_MAX ((size_t)64 * 1024)

/* Bytes beyond the limit of a body that are read and dropped, so that the connection can be used
 * again. More bytes cost more than a new connection, and they may never end. */
#define REST_MAX ((size_t)64 * 1024)

/* Return the trimmed value if the line is the header `name` (lower case), NULL otherwise. */
static const char *value_of(const char *line, size_t size, const char *name, size_t *ret_size)
{
    size_t length = strlen(name);
    if (size <= length || line[length] != ':' || strncasecmp(line, name, length) != 0)
        return NULL;
    const char *start = line + length + 1, *end = line + size;
    while (start < end && (*start == ' ' || *start == '\t'))
        start++;
    while (end > start && strchr(" \t\r\n", end[-1]) && end[-1] != '\0')
        end--;
    *ret_size = (size_t)(end - start);
    return start;
}

/* Copy the value if the line is the header `name`. If it does not fit, leave it out whole, because
 * a part of a value means something else. */
static void copy_header(const char *line, size_t size, const char *name, char *out, size_t room)
{
    size_t length;
    const char *value = value_of(line, size, name, &length);
    if (!value || length >= room)
        return;
    memcpy(out, value, length);
    out[length] = '\0';
}
#define COPY(name, member) copy_header(line, size, name, member, sizeof(member))

/* Read a Date header. Many answers come within the same second, so the last date is remembered. */
static void read_date(const char *line, size_t size, uint64_t *ret_usec)
{
    static char last[64];
    static uint64_t last_usec;
    char date[64] = "";
    COPY("date", date);
    if (date[0] == '\0')
        return;
    if (strcmp(date, last) != 0) {
        if (clock_parse_http_date(date, &last_usec) < 0)
            last_usec = 0;
        memcpy(last, date, sizeof(last));
    }
    *ret_usec = last_usec;
}

static void read_length(struct http_reading *reading, const char *line, size_t size)
{
    char digits[24] = "";
    uint64_t length;
    COPY("content-length", digits);
    if (text_to_u64(digits, &length) == 0)
        reading->length_hint = length < reading->limit ? (size_t)length : reading->limit;
}

/* Begin a set of headers at "HTTP/1.1 200 OK". The headers of an interim answer (1xx)
 * are dropped. */
static void begin_headers(struct http_answer *answer, const char *line, size_t size)
{
    const char *space = memchr(line, ' ', size);
    size_t left = space ? (size_t)(line + size - space) : 0;
    answer->status = 0;
    for (size_t i = 1; i < left && i <= 3 && isdigit((unsigned char)space[i]); i++)
        answer->status = answer->status * 10 + (space[i] - '0');
    answer->date_usec = 0;
    answer->retry_after[0] = answer->location[0] = answer->request_id[0] = '\0';
    answer->query_error[0] = answer->rate_limit[0] = answer->content_type[0] = '\0';
}

/* Whether the line is the empty line after the headers of the final answer, not of an
 * interim one (1xx). */
static bool ends_headers(const struct http_answer *answer, const char *line, size_t size)
{
    return size > 0 && (line[0] == '\r' || line[0] == '\n') && answer->status >= 200;
}

bool http_reading_has_status(const struct http_reading *reading)
{
    return reading->optional && reading->answer.status >= 200;
}

bool http_reading_header(struct http_reading *reading, const char *line, size_t size)
{
    struct http_answer *answer = &reading->answer;
    reading->header_size += size;
    if (reading->header_size > HEADERS_MAX) {
        reading->over = true;
        return false;
    }
    if (ends_headers(answer, line, size)) {
        reading->headed = true;
        reading->enough = reading->optional;
    }
    switch (size ? line[0] | 0x20 : 0) {
    case 'h':
        if (size > 5 && memcmp(line, "HTTP/", 5) == 0)
            begin_headers(answer, line, size);
        break;
    case 'd':
        read_date(line, size, &answer->date_usec);
        break;
    case 'c':
        COPY("content-type", answer->content_type);
        read_length(reading, line, size);
        break;
    case 'r':
        COPY("retry-after", answer->retry_after);
        break;
    case 'l':
        COPY("location", answer->location);
        break;
    case 'x':
        COPY("x-amzn-requestid", answer->request_id);
        COPY("x-amzn-query-error", answer->query_error);
        COPY("x-amzn-ratelimit-limit", answer->rate_limit);
        break;
    default:
        break;
    }
    return true;
}

bool http_reading_body(struct http_reading *reading, const char *bytes, size_t size)
{
    struct text *body = &reading->body;
    size_t room = reading->limit - body->size;
    size_t kept = size <= room ? size : room;
    if (!body->data)
        text_reserve(body, reading->length_hint > kept ? reading->length_hint : kept);
    text_append(body, bytes, kept);
    reading->rest_size += size - kept;
    if (kept == size || (reading->cut && reading->rest_size <= REST_MAX))
        return true;
    reading->over = true;
    reading->enough = reading->enough || reading->cut;
    return false;
}
