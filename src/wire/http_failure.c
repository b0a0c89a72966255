/* SPDX-License-Identifier: MIT */
#include "http_failure.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* "host" and "host:port" of a URL, made safe to print. */
struct place {
    char host[160];
    char peer[176];
};

static void find_place(const char *url, struct place *place)
{
    AUTOTEXT struct text safe = {0};
    const char *start = strstr(url, "://");
    start = start ? start + 3 : url;
    size_t size = strcspn(start, "/?#\\");
    const char *at = memrchr(start, '@', size);
    if (at) {
        size -= (size_t)(at + 1 - start);
        start = at + 1;
    }
    text_append_escaped(&safe, start, size, sizeof(place->host) / 4 - 4);
    const char *port = strrchr(safe.data, ':');
    if (port && strchr(port, ']'))
        port = NULL; /* a colon of an IPv6 address */
    int host_size = (int)(port ? (size_t)(port - safe.data) : safe.size);
    snprintf(place->host, sizeof(place->host), "%.*s", host_size, safe.data);
    snprintf(place->peer, sizeof(place->peer), "%s:%s", place->host,
             port                        ? port + 1
             : text_starts(url, "https") ? "443"
                                         : "80");
}

/* curl's detail without the part that names the library's step: "SSL certificate problem: reason".
 */
static const char *reason_of(const struct http_failure *failure)
{
    const char *colon = strstr(failure->detail, ": ");
    if (failure->detail[0] == '\0')
        return curl_easy_strerror(failure->result);
    return colon && text_starts(failure->detail, "SSL") ? colon + 2 : failure->detail;
}

static void explain_connect(const struct http_failure *failure, const struct place *place,
                            struct error *ret)
{
    long number = 0;
    curl_easy_getinfo(failure->easy, CURLINFO_OS_ERRNO, &number);
    if (number == ECONNREFUSED)
        error_set(ret, ERROR_CONNECT, "connection to %s refused", place->peer);
    else
        error_set(ret, ERROR_CONNECT, "no connection to %s: %s", place->peer,
                  number ? strerror((int)number) : reason_of(failure));
}

static void spell_ms(char out[32], uint64_t ms)
{
    if (ms % 1000 == 0)
        snprintf(out, 32, "%llu s", (unsigned long long)ms / 1000);
    else
        snprintf(out, 32, "%llu ms", (unsigned long long)ms);
}

/* A connection stands and TLS has not begun: only a proxy is asked anything before. */
static bool waits_for_proxy(const struct http_failure *failure)
{
    const char *address = NULL;
    curl_easy_getinfo(failure->easy, CURLINFO_PRIMARY_IP, &address);
    return address && address[0];
}

static void explain_no_connection(const struct http_failure *failure, enum http_phase phase,
                                  const char *limit, const struct place *place, struct error *ret)
{
    const char *step = "";
    if (phase == HTTP_LOOKUP)
        step = ": its name was not resolved";
    else if (phase == HTTP_TLS)
        step = ": the TLS handshake was not complete";
    else if (waits_for_proxy(failure))
        step = ": the proxy did not open the way";
    error_set(ret, ERROR_TIMEOUT, "no connection to %s within %s%s", place->peer, limit, step);
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

static void explain_timeout(const struct http_failure *failure, const struct place *place,
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

static void explain_break(const struct http_failure *failure, const struct place *place,
                          struct error *ret)
{
    error_set(ret, ERROR_RESET,
              failure->reading->header_size
                  ? "%s broke the connection before its answer was complete"
                  : "%s broke the connection without an answer",
              place->peer);
}

static void explain_size(const struct http_failure *failure, const struct place *place,
                         struct error *ret)
{
    if (failure->reading->over && failure->reading->body.size)
        error_set(ret, ERROR_TOO_LARGE, "the answer of %s is larger than %zu bytes", place->peer,
                  failure->reading->limit);
    else
        error_set(ret, ERROR_TOO_LARGE, "the headers of %s are too large", place->peer);
}

void http_failure_explain(const struct http_failure *failure, struct error *ret)
{
    struct place place;
    find_place(failure->url, &place);
    switch (failure->result) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
        error_set(ret, ERROR_DNS, "the name %s does not resolve", place.host);
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
        error_set(ret, ERROR_TLS, "no TLS with %s: %s", place.peer, reason_of(failure));
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
    case CURLE_WRITE_ERROR:
        explain_size(failure, &place, ret);
        break;
    case CURLE_UNSUPPORTED_PROTOCOL: /* HTTP/0.9: what came was no status line */
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
