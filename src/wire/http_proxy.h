/* SPDX-License-Identifier: MIT */
#ifndef SRC_WIRE_HTTP_PROXY_H
#define SRC_WIRE_HTTP_PROXY_H

#include <stdbool.h>

/*
 * The proxy for a URL. libcurl chooses the proxy, and reports its choice only since 8.7
 * (CURLINFO_USED_PROXY). In older versions an error does not show whether the proxy or the host
 * behind it is meant. These rules are libcurl's (CURLOPT_PROXY(3), CURLOPT_NOPROXY(3)) and serve
 * only the texts of errors.
 */
#define HTTP_PROXY_NAME_MAX 176

struct http_proxy_rules {
    const char *proxy; /* URL; NULL: none */
    const char
        *no_proxy;    /* hosts, domains and networks, with commas or blanks between; NULL: none */
    bool environment; /* if one of them is NULL, the environment's applies */
};

/* Write "host:port" of the proxy for the URL, without user and password. "" if there is none. */
void http_proxy_name(const struct http_proxy_rules *rules, const char *url,
                     char ret[HTTP_PROXY_NAME_MAX]);

#endif
