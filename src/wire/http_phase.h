/* SPDX-License-Identifier: MIT */
#ifndef SRC_WIRE_HTTP_PHASE_H
#define SRC_WIRE_HTTP_PHASE_H

#include <curl/curl.h>
#include <stdint.h>

#include "http_answer.h"

/*
 * The current step of a call. curl limits the whole way to a connection (CURLOPT_CONNECTTIMEOUT_MS:
 * name, connection, TLS) and the whole call. It has no limit for the lookup of the name alone or
 * for TLS alone. But it reports the end of the lookup (CURLINFO_NAMELOOKUP_TIME_T) and the
 * beginning of TLS (CURLOPT_SSL_CTX_FUNCTION), so we can limit these ourselves.
 * CURLINFO_CONNECT_TIME_T cannot be used: in 7.88 it stays 0 until TLS is done.
 */
enum http_phase {
    HTTP_LOOKUP,  /* the name is being resolved */
    HTTP_CONNECT, /* to one of its addresses, or to the proxy, which then opens the way */
    HTTP_TLS,     /* the handshake */
    HTTP_WAIT,    /* the request is sent; nothing has come back */
    HTTP_READ,    /* the answer comes */
};

/* Limits in milliseconds; 0: no limit. */
struct http_limits {
    uint64_t total, connect; /* curl keeps these */
    uint64_t lookup, tls;    /* these are kept by http_phase_due */
};

/* Return the phase of a transfer that runs or has just failed. tls_usec: the time at which TLS
 * began, 0: it has not. */
enum http_phase http_phase_of(CURL *easy, uint64_t tls_usec, const struct http_reading *reading);

/* Return the time by which the phase has to end, UINT64_MAX: no limit. All times are microseconds
 * since the call began. */
uint64_t http_phase_due(const struct http_limits *limits, enum http_phase phase, uint64_t tls_usec);

/* Return the time of the next check, which is never later than the end of the phase's limit. */
uint64_t http_phase_look(const struct http_limits *limits, enum http_phase phase, uint64_t tls_usec,
                         uint64_t now_usec);

#endif
