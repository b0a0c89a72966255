/* SPDX-License-Identifier: MIT */
#ifndef WIRE_HTTP_FAILURE_H
#define WIRE_HTTP_FAILURE_H

#include <curl/curl.h>

#include "http_answer.h"
#include "http_phase.h"

/* What is known about a transfer that failed. */
struct http_failure {
    CURL *easy;
    CURLcode result;
    const char *url;
    const char *proxy;  /* "host:port" of the proxy on the way, "" when there is none */
    const char *detail; /* curl's error buffer */
    const struct http_reading *reading;
    struct http_limits limits;
    uint64_t tls_usec; /* when TLS began, 0: it did not */
    bool phase_over;   /* given up by a limit of its phase's own */
};

/* Kind and text for people; neither credentials nor the query of the URL are in it. */
void http_failure_explain(const struct http_failure *failure, struct error *ret);

#endif
