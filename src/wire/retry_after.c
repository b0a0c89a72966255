/* SPDX-License-Identifier: MIT */
#include "wire/retry_after.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"

/* Read the seconds of "120". Too many digits count as the limit. RFC 9110 has no fractions, but
 * some receivers send them; a fraction counts as one more second. */
static bool read_seconds(const char *text, uint64_t *ret_usec)
{
    uint64_t seconds = 0;
    size_t digits = strspn(text, "0123456789"), size = digits;
    if (text[size] == '.')
        size += 1 + strspn(text + size + 1, "0123456789");
    if (digits == 0 || text[size] != '\0')
        return false;
    for (size_t i = 0; i < digits && seconds <= RETRY_AFTER_MAX_USEC; i++)
        seconds = seconds * 10 + (uint64_t)(text[i] - '0');
    seconds += size != digits;
    *ret_usec = seconds > RETRY_AFTER_MAX_USEC / USEC_PER_SEC ? RETRY_AFTER_MAX_USEC
                                                              : seconds * USEC_PER_SEC;
    return true;
}

bool retry_after_read(const struct http_answer *answer, uint64_t now_usec, uint64_t *ret_usec)
{
    char text[sizeof(answer->retry_after)];
    const char *header = answer->retry_after;
    uint64_t then;

    header += strspn(header, " \t");
    snprintf(text, sizeof(text), "%s", header);
    for (size_t size = strlen(text); size > 0 && strchr(" \t", text[size - 1]); size--)
        text[size - 1] = '\0';
    if (read_seconds(text, ret_usec))
        return true;
    if (clock_parse_http_date(text, &then) < 0)
        return false;
    if (answer->date_usec)
        now_usec = answer->date_usec;
    *ret_usec = then > now_usec ? then - now_usec : 0;
    if (*ret_usec > RETRY_AFTER_MAX_USEC)
        *ret_usec = RETRY_AFTER_MAX_USEC;
    return true;
}

uint64_t retry_after_of_amazon(const struct http_answer *answer, uint64_t now_usec)
{
    uint64_t wait;
    return retry_after_read(answer, now_usec, &wait) && wait < USEC_PER_DAY ? wait : 0;
}
