/* SPDX-License-Identifier: MIT */
#ifndef SRC_WIRE_HTTP_PLACE_H
#define SRC_WIRE_HTTP_PLACE_H

/* The server of a URL, safe to print: without credentials, path and query. */
struct http_place {
    char host[160]; /* "wms.example", "[::1]" */
    char bare[160]; /* the same, without brackets */
    char peer[176]; /* "host:port" */
};

/* Read the host and the port of a URL. port: the default port if the URL has none;
 * NULL: that of its scheme. */
void http_place_find(const char *url, const char *port, struct http_place *ret);

#endif
