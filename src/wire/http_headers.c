/* SPDX-License-Identifier: MIT */
#include "http_headers.h"

#include <errno.h>
#include <string.h>

#include "base/memory.h"

/* "Expect:" keeps curl from asking for permission first, which many servers never give. */
#define NO_EXPECT "Expect:"

/* A list in one block instead of two allocations a line. */
static void link_nodes(struct http_headers *headers)
{
    size_t at = 0, count = 0;
    while (at < headers->lines.size) {
        struct curl_slist *node = &headers->nodes[count++];
        node->data = headers->lines.data + at;
        at += strlen(node->data) + 1;
        node->next = at < headers->lines.size ? node + 1 : NULL;
    }
}

int http_headers_set(struct http_headers *headers, CURL *easy, const char *const *lines)
{
    size_t count = 0, size = sizeof(NO_EXPECT);
    for (; lines && lines[count]; count++) {
        if (strpbrk(lines[count], "\r\n"))
            return -EINVAL;
        size += strlen(lines[count]) + 1;
    }
    if (headers->allocated < count + 1) {
        headers->nodes = memory_resize(headers->nodes, count + 1, sizeof(*headers->nodes));
        headers->allocated = count + 1;
    }
    text_reset(&headers->lines);
    text_reserve(&headers->lines, size); /* once: a growing text would leave copies behind */
    for (size_t i = 0; i < count; i++)
        text_append(&headers->lines, lines[i], strlen(lines[i]) + 1);
    text_append(&headers->lines, NO_EXPECT, sizeof(NO_EXPECT));
    link_nodes(headers);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers->nodes);
    return 0;
}

void http_headers_wipe(struct http_headers *headers)
{
    if (headers->lines.data)
        explicit_bzero(headers->lines.data, headers->lines.size);
    text_reset(&headers->lines);
}

void http_headers_clear(struct http_headers *headers)
{
    http_headers_wipe(headers);
    text_clear(&headers->lines);
    free(headers->nodes);
    *headers = (struct http_headers){0};
}
