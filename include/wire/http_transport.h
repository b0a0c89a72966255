/* SPDX-License-Identifier: MIT */
#ifndef WIRE_HTTP_TRANSPORT_H
#define WIRE_HTTP_TRANSPORT_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The transport to a peer, if it differs from the default: with a private CA, a client certificate,
 * through a proxy. Made once, and named by every call to that peer.
 */
struct http_transport;

struct http_transport_options {
    const char *ca_file;     /* PEM: the only authorities that are trusted; NULL: the machine's */
    const char *certificate; /* PEM: sent if the peer asks for one; NULL: none */
    const char *key;         /* PEM: its private key, without a passphrase */
    const char *proxy;       /* URL; NULL: none, also if the environment names one */
    /* Hosts that are reached without the proxy, separated by commas, as curl reads them
     * (CURLOPT_NOPROXY); NULL: none. */
    const char *no_proxy;
    bool environment;            /* proxy and no_proxy that are NULL are those of the environment */
    uint64_t connect_timeout_ms; /* for calls that set none; 0: the default */
    uint64_t lookup_timeout_ms;  /* of resolving the name alone; 0: no separate limit */
    uint64_t tls_timeout_ms;     /* of the handshake alone; 0: the same */
    /* Never connect to link-local addresses, where clouds keep their metadata, by any name. Through
     * a proxy only the proxy's own address is checked. */
    bool no_link_local;
};

/* Make a transport. The options are copied. Each new connection reads the files. */
struct http_transport *http_transport_new(const struct http_transport_options *options);

/* Free a transport. Calls that name it must have ended. NULL is fine. */
void http_transport_free(struct http_transport *transport);

#endif
