/* SPDX-License-Identifier: MIT */
#ifndef SRC_WIRE_HTTP_HEADERS_H
#define SRC_WIRE_HTTP_HEADERS_H

#include <curl/curl.h>
#include <stddef.h>

#include "base/text.h"

/* The header lines of a call, as libcurl takes them. Kept for the next call of the same handle. */
struct http_headers {
    struct text lines;        /* one behind the other, each with its NUL */
    struct curl_slist *nodes; /* one block, pointing into the lines */
    size_t allocated;
};

/* Takes copies of the lines ("Name: value", NULL-terminated; NULL: none) and hands them to the
 * handle. -EINVAL: one of them has a line break in it. */
int http_headers_set(struct http_headers *headers, CURL *easy, const char *const *lines);

/* Overwrites the lines: there may be secrets in them. libcurl must not need them any more. */
void http_headers_wipe(struct http_headers *headers);

/* Wipes and frees. */
void http_headers_clear(struct http_headers *headers);

#endif
