/* SPDX-License-Identifier: MIT */
#ifndef WIRE_HTTP_PLACE_H
#define WIRE_HTTP_PLACE_H

/* Where a URL leads, made safe to print; neither credentials nor path and query are in it. */
struct http_place {
    char host[160]; /* "wms.example", "[::1]" */
    char bare[160]; /* the same, without brackets */
    char peer[176]; /* "host:port" */
};

/* port: the one that a URL without a port means; NULL: that of its scheme. */
void http_place_find(const char *url, const char *port, struct http_place *ret);

#endif
