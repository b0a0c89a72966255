/* SPDX-License-Identifier: MIT */
#ifndef SRC_WIRE_HTTP_TRANSPORT_PRIVATE_H
#define SRC_WIRE_HTTP_TRANSPORT_PRIVATE_H

#include <curl/curl.h>
#include <stdint.h>
#include <sys/socket.h>

#include "http_phase.h"
#include "http_proxy.h"
#include "wire/http_transport.h"

/* The options that a handle has, so that a call to the same peer sets none. */
struct http_transport_state {
    uint64_t serial; /* of the way; 0: the default */
    bool refused;    /* the call in flight met a forbidden address */
};

/* Set the options of the way (NULL: the default), unless the handle has them already. */
void http_transport_apply(struct http_transport_state *state, CURL *easy,
                          const struct http_transport *transport);

/* Return the limits of a way (NULL: the default, which has none). `total` is not set. */
struct http_limits http_transport_limits(const struct http_transport *transport);

/* Write "host:port" of the proxy that the way (NULL: the default) uses for the URL, ""
 * if it uses none. */
void http_transport_proxy(const struct http_transport *transport, const char *url,
                          char ret[HTTP_PROXY_NAME_MAX]);

/* Whether an address is link-local: 169.254.0.0/16 (RFC 3927), also mapped into IPv6, fe80::/10
 * (RFC 4291), or fd00:ec2::254, the metadata service of EC2 over IPv6. */
bool http_transport_is_link_local(const struct sockaddr *address);

#endif
