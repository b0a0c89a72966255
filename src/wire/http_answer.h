/* SPDX-License-Identifier: MIT */
#ifndef SRC_WIRE_HTTP_ANSWER_H
#define SRC_WIRE_HTTP_ANSWER_H

#include <stddef.h>

#include "base/text.h"
#include "wire/http.h"

/* An answer while it arrives. */
struct http_reading {
    struct http_answer answer;
    struct text body;
    size_t limit;       /* of the body */
    bool cut;           /* over the limit: continue without the rest */
    bool over;          /* a limit was passed, and the transfer ended because of it */
    bool headed;        /* the empty line after the headers has come */
    bool optional;      /* the body is optional */
    bool enough;        /* the answer is good without the missing part */
    size_t rest_size;   /* bytes beyond the limit so far */
    size_t header_size; /* bytes of headers so far */
    size_t length_hint; /* Content-Length, if it is below the limit */
};

/* Read one header line with its CRLF. A status line begins a new set. Return false if the headers
 * are too large. */
bool http_reading_header(struct http_reading *reading, const char *line, size_t size);

/* Whether the status line of the final answer (not of an interim one) has come and the
 * body is optional. */
bool http_reading_has_status(const struct http_reading *reading);

/* Read a piece of the body. Return false if the answer is too large. */
bool http_reading_body(struct http_reading *reading, const char *bytes, size_t size);

#endif
