/* SPDX-License-Identifier: MIT */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

/*
 * Time. Wall times are microseconds since 1970 UTC, durations are microseconds; 0 means unknown.
 * Tests link their own clock_now_usec and clock_boot_usec (base/clock_system.c holds only these
 * two).
 */

#define USEC_PER_MSEC 1000ULL
#define USEC_PER_SEC  1000000ULL
#define USEC_PER_MIN  (60 * USEC_PER_SEC)
#define USEC_PER_HOUR (60 * USEC_PER_MIN)
#define USEC_PER_DAY  (24 * USEC_PER_HOUR)

/* The wall clock (CLOCK_REALTIME). */
uint64_t clock_now_usec(void);

/* A clock that only runs forwards and counts suspend as well (CLOCK_BOOTTIME). */
uint64_t clock_boot_usec(void);

/* RFC 3339 in UTC with milliseconds: 2025-04-04T11:45:40.000Z. out has room for CLOCK_TEXT_MAX. */
#define CLOCK_TEXT_MAX 32
void clock_rfc3339(char out[CLOCK_TEXT_MAX], uint64_t usec);

/* Reads an RFC 3339 / ISO 8601 time with zone (Z or +hh:mm), fraction of any length, seconds
 * optional as Amazon sometimes leaves them out. A space or 't' may stand for 'T'. 0, or -EINVAL for
 * anything else, also for times before 1970 or after 9999. */
int clock_parse_rfc3339(const char *text, size_t size, uint64_t *ret_usec);

/* Reads an HTTP date in its three forms (RFC 9110 5.6.7). 0 or -EINVAL. */
int clock_parse_http_date(const char *text, uint64_t *ret_usec);

/* 20250404T114540Z and 20250404, as AWS signatures want them. */
void clock_aws_stamp(char out[17], uint64_t usec);

#endif
