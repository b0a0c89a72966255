/* SPDX-License-Identifier: MIT */
#ifndef WIRE_HTTP_PHASE_H
#define WIRE_HTTP_PHASE_H

#include <curl/curl.h>
#include <stdint.h>

#include "http_answer.h"

/*
 * What a call is doing. curl limits the way to a connection as a whole (CURLOPT_CONNECTTIMEOUT_MS:
 * name, connection, TLS) and the call as a whole; a limit of the name's lookup or of TLS alone it
 * does not have. But it tells when the name is found (CURLINFO_NAMELOOKUP_TIME_T) and when TLS
 * begins (CURLOPT_SSL_CTX_FUNCTION), so that we can give up in time ourselves.
 * CURLINFO_CONNECT_TIME_T is no help: in 7.88 it stays 0 until TLS is done.
 */
enum http_phase {
    HTTP_LOOKUP,  /* the name is being resolved */
    HTTP_CONNECT, /* to one of its addresses, or to the proxy, which then opens the way */
    HTTP_TLS,     /* the handshake */
    HTTP_WAIT,    /* the request goes out; nothing has come back */
    HTTP_READ,    /* the answer comes */
};

/* In milliseconds; 0: no limit of its own. */
struct http_limits {
    uint64_t total, connect; /* curl keeps these */
    uint64_t lookup, tls;    /* these are kept by http_phase_due */
};

/* The phase that a transfer under way or just failed is in. tls_usec: when TLS began, 0: it has
 * not.
 */
enum http_phase http_phase_of(CURL *easy, uint64_t tls_usec, const struct http_reading *reading);

/* When the phase has to be over; UINT64_MAX: it has no limit of its own. All times are
 * microseconds since the call began. */
uint64_t http_phase_due(const struct http_limits *limits, enum http_phase phase, uint64_t tls_usec);

/* When it has to be looked at again. */
uint64_t http_phase_look(const struct http_limits *limits, enum http_phase phase, uint64_t tls_usec,
                         uint64_t now_usec);

#endif
