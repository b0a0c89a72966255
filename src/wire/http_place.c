/* SPDX-License-Identifier: MIT */
#include "http_place.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

static void strip_brackets(struct http_place *place)
{
    size_t size = strlen(place->host);
    bool brackets = size > 2 && place->host[0] == '[' && place->host[size - 1] == ']';
    snprintf(place->bare, sizeof(place->bare), "%.*s", (int)(brackets ? size - 2 : size),
             place->host + (brackets ? 1 : 0));
}

void http_place_find(const char *url, const char *port, struct http_place *ret)
{
    AUTOTEXT struct text safe = {0};
    const char *start = strstr(url, "://");
    start = start ? start + 3 : url;
    size_t size = strcspn(start, "/?#\\");
    const char *at = memrchr(start, '@', size);
    if (at) {
        size -= (size_t)(at + 1 - start);
        start = at + 1;
    }
    text_append_string(&safe, "");
    text_append_escaped(&safe, start, size, sizeof(ret->host) / 4 - 4);
    const char *colon = strrchr(safe.data, ':');
    if (colon && strchr(colon, ']'))
        colon = NULL; /* one of an IPv6 address */
    int host_size = (int)(colon ? (size_t)(colon - safe.data) : safe.size);
    snprintf(ret->host, sizeof(ret->host), "%.*s", host_size, safe.data);
    if (!port)
        port = text_starts(url, "https") ? "443" : "80";
    snprintf(ret->peer, sizeof(ret->peer), "%s:%s", ret->host, colon ? colon + 1 : port);
    strip_brackets(ret);
}
