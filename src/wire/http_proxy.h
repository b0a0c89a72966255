/* SPDX-License-Identifier: MIT */
#ifndef WIRE_HTTP_PROXY_H
#define WIRE_HTTP_PROXY_H

#include <stdbool.h>

/*
 * Which proxy a URL is reached through. libcurl decides that by itself and reports it only since
 * 8.7 (CURLINFO_USED_PROXY); before, an error does not say whether the proxy or the host behind it
 * was meant. These rules are libcurl's (CURLOPT_PROXY(3), CURLOPT_NOPROXY(3)) and serve the texts
 * of errors only.
 */
#define HTTP_PROXY_NAME_MAX 176

struct http_proxy_rules {
    const char *proxy; /* URL; NULL: none */
    const char
        *no_proxy;    /* hosts, domains and networks, with commas or blanks between; NULL: none */
    bool environment; /* where one is NULL the environment's holds */
};

/* "host:port" of the proxy on the way to the URL, without a user and password; "" when there is
 * none. */
void http_proxy_name(const struct http_proxy_rules *rules, const char *url,
                     char ret[HTTP_PROXY_NAME_MAX]);

#endif
