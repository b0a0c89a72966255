/* SPDX-License-Identifier: MIT */
#ifndef WIRE_HTTP_ANSWER_H
#define WIRE_HTTP_ANSWER_H

#include <stddef.h>

#include "base/text.h"
#include "wire/http.h"

/* An answer while it arrives. */
struct http_reading {
    struct http_answer answer;
    struct text body;
    size_t limit;       /* of the body */
    bool cut;           /* over the limit: go on without the rest */
    bool over;          /* a limit was passed and the transfer ended for it */
    bool headed;        /* the empty line after the headers has come */
    bool optional;      /* the body is */
    bool enough;        /* what is missing is not wanted: the answer is good without it */
    size_t rest_size;   /* bytes of that rest so far */
    size_t header_size; /* bytes of headers so far */
    size_t length_hint; /* Content-Length, as far as it is below the limit */
};

/* One header line as it comes, with its CRLF; a status line begins a new set. Returns false when
 * the headers are too many. */
bool http_reading_header(struct http_reading *reading, const char *line, size_t size);

/* Whether the status line of the answer itself, not of an interim one, has come, and the body is
 * optional. */
bool http_reading_has_status(const struct http_reading *reading);

/* A piece of the body. False when the answer is too large. */
bool http_reading_body(struct http_reading *reading, const char *bytes, size_t size);

#endif
