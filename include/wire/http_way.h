/* SPDX-License-Identifier: MIT */
#ifndef WIRE_HTTP_WAY_H
#define WIRE_HTTP_WAY_H

#include <stdbool.h>
#include <stdint.h>

/*
 * How a peer is reached, where that differs from the default: with a private CA, a client
 * certificate, through a proxy. Made once, and named by every call to that peer.
 */
struct http_way;

struct http_way_options {
    const char *ca_file;     /* PEM: the only authorities that are trusted; NULL: the machine's */
    const char *certificate; /* PEM: shown when the peer asks for one; NULL: none */
    const char *key;         /* PEM: its private key, without a passphrase */
    const char *proxy;       /* URL; NULL: none, whatever the environment says */
    const char *no_proxy; /* hosts that are reached without it, separated by commas, as curl reads
                             them (CURLOPT_NOPROXY); NULL: none */
    bool environment;     /* proxy and no_proxy that are NULL are those of the environment */
    uint64_t connect_timeout_ms; /* for calls that say nothing else; 0: the default */
    uint64_t lookup_timeout_ms;  /* of resolving the name alone; 0: no limit of its own */
    uint64_t tls_timeout_ms;     /* of the handshake alone; 0: the same */
    bool no_link_local;          /* never connects to link-local addresses, where clouds keep their
                                    metadata, by whatever name; through a proxy only the proxy's own
                                    address is seen */
};

/* Copies the options. The files are read by each new connection. */
struct http_way *http_way_new(const struct http_way_options *options);

/* Calls that name it must have ended. NULL is fine. */
void http_way_free(struct http_way *way);

#endif
