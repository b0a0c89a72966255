/* SPDX-License-Identifier: MIT */
#include "http_failure.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "http_place.h"
#include "http_proxy.h"

#define END_MAX (HTTP_PROXY_NAME_MAX + sizeof("the proxy "))

/* Return curl's detail without the part that names a step of the library: "SSL
 * certificate problem: reason". */
static const char *reason_of(const struct http_failure *failure)
{
    const char *colon = strstr(failure->detail, ": ");
    if (failure->detail[0] == '\0')
        return curl_easy_strerror(failure->result);
    return colon && text_starts(failure->detail, "SSL") ? colon + 2 : failure->detail;
}

/* Name the other end of the connection: "the proxy wall:3128" if a proxy is used, else
 * "wms:443". */
static void name_end(const struct http_failure *failure, const struct http_place *place,
                     char out[END_MAX])
{
    bool proxy = failure->proxy[0] != '\0';
    snprintf(out, END_MAX, "%s%s", proxy ? "the proxy " : "", proxy ? failure->proxy : place->peer);
}

static void explain_connect(const struct http_failure *failure, const struct http_place *place,
                            struct error *ret)
{
    long number = 0;
    char end[END_MAX];
    name_end(failure, place, end);
    curl_easy_getinfo(failure->easy, CURLINFO_OS_ERRNO, &number);
    if (number == ECONNREFUSED)
        error_set(ret, ERROR_CONNECT, "connection to %s refused", end);
    else
        error_set(ret, ERROR_CONNECT, "no connection to %s: %s", end,
                  number ? strerror((int)number) : reason_of(failure));
}

static void explain_name(const struct http_failure *failure, const struct http_place *place,
                         struct error *ret)
{
    if (failure->result == CURLE_COULDNT_RESOLVE_PROXY)
        error_set(ret, ERROR_DNS, "the name of the proxy %s does not resolve", failure->proxy);
    else
        error_set(ret, ERROR_DNS, "the name %s does not resolve", place->host);
}

static void spell_ms(char out[32], uint64_t ms)
{
    if (ms % 1000 == 0)
        snprintf(out, 32, "%llu s", (unsigned long long)ms / 1000);
    else
        snprintf(out, 32, "%llu ms", (unsigned long long)ms);
}

/* Whether the call waits for the proxy: there is a connection, and TLS has not begun. Only a proxy
 * gets a request before TLS. */
static bool waits_for_proxy(const struct http_failure *failure)
{
    const char *address = NULL;
    curl_easy_getinfo(failure->easy, CURLINFO_PRIMARY_IP, &address);
    return address && address[0];
}

static void explain_no_connection(const struct http_failure *failure, enum http_phase phase,
                                  const char *limit, const struct http_place *place,
                                  struct error *ret)
{
    char end[END_MAX];
    name_end(failure, place, end);
    if (phase == HTTP_TLS)
        error_set(ret, ERROR_TIMEOUT,
                  "no connection to %s within %s: the TLS handshake was not complete", place->peer,
                  limit);
    else if (failure->proxy[0] && waits_for_proxy(failure))
        error_set(ret, ERROR_TIMEOUT, "no connection to %s within %s: %s did not open the way",
                  place->peer, limit, end);
    else
        error_set(ret, ERROR_TIMEOUT, "no connection to %s within %s%s", end, limit,
                  phase == HTTP_LOOKUP ? ": its name was not resolved" : "");
}

/* Whether the first record was not TLS, by OpenSSL's names: an HTTP server answers
 * "HTTP/1.1 400". */
static bool speaks_no_tls(const struct http_failure *failure)
{
    return strstr(failure->detail, "wrong version number") != NULL;
}

static void explain_tls(const struct http_failure *failure, const struct http_place *place,
                        struct error *ret)
{
    if (speaks_no_tls(failure))
        error_set(ret, ERROR_NO_TLS,
                  "%s does not speak TLS on this port, probably plain HTTP; the URL says https",
                  place->peer);
    else
        error_set(ret, ERROR_TLS, "no TLS with %s: %s", place->peer, reason_of(failure));
}

static uint64_t limit_of(const struct http_failure *failure, enum http_phase phase)
{
    const struct http_limits *limits = &failure->limits;
    curl_off_t total = 0;
    curl_easy_getinfo(failure->easy, CURLINFO_TOTAL_TIME_T, &total);
    if (failure->phase_over)
        return phase == HTTP_LOOKUP ? limits->lookup : limits->tls;
    bool whole = phase >= HTTP_WAIT || (uint64_t)total >= limits->total * 1000;
    return whole ? limits->total : limits->connect;
}

static void explain_timeout(const struct http_failure *failure, const struct http_place *place,
                            struct error *ret)
{
    char limit[32];
    enum http_phase phase = http_phase_of(failure->easy, failure->tls_usec, failure->reading);
    spell_ms(limit, limit_of(failure, phase));
    if (phase == HTTP_READ)
        error_set(ret, ERROR_TIMEOUT, "the answer of %s was not complete within %s", place->peer,
                  limit);
    else if (phase == HTTP_WAIT)
        error_set(ret, ERROR_TIMEOUT, "no answer from %s within %s", place->peer, limit);
    else
        explain_no_connection(failure, phase, limit, place, ret);
}

/* Return the status of the proxy's answer to CONNECT, if the proxy refused. 0 if there is none. */
static long proxy_status(const struct http_failure *failure)
{
    long status = 0;
    curl_easy_getinfo(failure->easy, CURLINFO_HTTP_CONNECTCODE, &status);
    return failure->proxy[0] && status / 100 != 2 ? status : 0;
}

static void explain_break(const struct http_failure *failure, const struct http_place *place,
                          struct error *ret)
{
    long status = proxy_status(failure);
    enum http_phase phase = http_phase_of(failure->easy, failure->tls_usec, failure->reading);
    if (status)
        error_set(ret, ERROR_CONNECT, "the proxy %s does not open the way to %s: HTTP %ld%s",
                  failure->proxy, place->peer, status,
                  status == 407 ? ", it wants a user and a password" : "");
    else if (failure->proxy[0] && phase == HTTP_CONNECT)
        error_set(ret, ERROR_RESET,
                  "the proxy %s broke the connection before it opened the way to %s",
                  failure->proxy, place->peer);
    else
        error_set(ret, ERROR_RESET,
                  failure->reading->header_size
                      ? "%s broke the connection before its answer was complete"
                      : "%s broke the connection without an answer",
                  place->peer);
}

static void explain_size(const struct http_failure *failure, const struct http_place *place,
                         struct error *ret)
{
    if (failure->reading->over && failure->reading->body.size)
        error_set(ret, ERROR_TOO_LARGE, "the answer of %s is larger than %zu bytes", place->peer,
                  failure->reading->limit);
    else if (failure->result == CURLE_OUT_OF_MEMORY)
        error_set(ret, ERROR_TOO_LARGE, "a header line of %s is too long (100 KB at most)",
                  place->peer);
    else
        error_set(ret, ERROR_TOO_LARGE, "the headers of %s are too large", place->peer);
}

void http_failure_explain(const struct http_failure *failure, struct error *ret)
{
    struct http_place place;
    http_place_find(failure->url, NULL, &place);
    switch (failure->result) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
        explain_name(failure, &place, ret);
        break;
    case CURLE_COULDNT_CONNECT:
        explain_connect(failure, &place, ret);
        break;
    case CURLE_PEER_FAILED_VERIFICATION:
        error_set(ret, ERROR_TLS, "the certificate of %s was not accepted: %s", place.peer,
                  reason_of(failure));
        break;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
        explain_tls(failure, &place, ret);
        break;
    case CURLE_OPERATION_TIMEDOUT:
        explain_timeout(failure, &place, ret);
        break;
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
        explain_break(failure, &place, ret);
        break;
    case CURLE_OUT_OF_MEMORY: /* our own memory never is: curl's limit for a line is meant */
    case CURLE_WRITE_ERROR:
        explain_size(failure, &place, ret);
        break;
    case CURLE_UNSUPPORTED_PROTOCOL: /* HTTP/0.9: no status line came */
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_BAD_CONTENT_ENCODING:
        error_set(ret, ERROR_PROTOCOL, "the answer of %s is not HTTP", place.peer);
        break;
    case CURLE_URL_MALFORMAT:
        error_set(ret, ERROR_CONFIG, "the URL of %s is not valid", place.peer);
        break;
    default:
        error_set(ret, ERROR_PROTOCOL, "the request to %s failed: %s", place.peer,
                  curl_easy_strerror(failure->result));
    }
}
