/* SPDX-License-Identifier: MIT */
#ifndef SRC_WIRE_HTTP_FAILURE_H
#define SRC_WIRE_HTTP_FAILURE_H

#include <curl/curl.h>

#include "http_answer.h"
#include "http_phase.h"

/* The known facts about a failed transfer. */
struct http_failure {
    CURL *easy;
    CURLcode result;
    const char *url;
    const char *proxy;  /* "host:port" of the proxy in use, "" if there is none */
    const char *detail; /* curl's error buffer */
    const struct http_reading *reading;
    struct http_limits limits;
    uint64_t tls_usec; /* time at which TLS began, 0: it did not */
    bool phase_over;   /* given up because of the limit of one phase */
};

/* Set the kind and the text for people. The text has neither credentials nor the query
 * of the URL. */
void http_failure_explain(const struct http_failure *failure, struct error *ret);

#endif
