/* SPDX-License-Identifier: MIT */
#include "http_phase.h"

#include <stdbool.h>

#include "base/clock.h"

/* Whether a step is over. Its time is 0 until then. */
static bool is_over(CURL *easy, CURLINFO info)
{
    curl_off_t usec = 0;
    curl_easy_getinfo(easy, info, &usec);
    return usec > 0;
}

enum http_phase http_phase_of(CURL *easy, uint64_t tls_usec, const struct http_reading *reading)
{
    if (reading->header_size)
        return HTTP_READ;
    if (is_over(easy, CURLINFO_PRETRANSFER_TIME_T))
        return HTTP_WAIT;
    if (tls_usec)
        return HTTP_TLS;
    return is_over(easy, CURLINFO_NAMELOOKUP_TIME_T) ? HTTP_CONNECT : HTTP_LOOKUP;
}

uint64_t http_phase_due(const struct http_limits *limits, enum http_phase phase, uint64_t tls_usec)
{
    if (phase == HTTP_LOOKUP && limits->lookup)
        return limits->lookup * USEC_PER_MSEC;
    if (phase == HTTP_TLS && limits->tls)
        return tls_usec + limits->tls * USEC_PER_MSEC;
    return UINT64_MAX;
}

uint64_t http_phase_look(const struct http_limits *limits, enum http_phase phase, uint64_t tls_usec,
                         uint64_t now_usec)
{
    uint64_t due = http_phase_due(limits, phase, tls_usec);
    /* If TLS began now, its limit would end then. */
    uint64_t later = now_usec + limits->tls * USEC_PER_MSEC;
    bool before = phase == HTTP_LOOKUP || phase == HTTP_CONNECT;
    return before && limits->tls && later < due ? later : due;
}
