/* SPDX-License-Identifier: MIT */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Time. Moments are microseconds since 1970 UTC, durations are microseconds; 0 means unknown. Tests
 * link their own clock_now_usec and clock_boot_usec (base/clock_system.c holds only these two). The
 * purpose of each clock: docs/decisions, "Three clocks".
 */

#define USEC_PER_MSEC 1000ULL
#define USEC_PER_SEC  1000000ULL
#define USEC_PER_MIN  (60 * USEC_PER_SEC)
#define USEC_PER_HOUR (60 * USEC_PER_MIN)
#define USEC_PER_DAY  (24 * USEC_PER_HOUR)

/* Return the wall clock (CLOCK_REALTIME). */
uint64_t clock_now_usec(void);

/* Return a clock that only runs forwards, also during suspend (CLOCK_BOOTTIME). */
uint64_t clock_boot_usec(void);

/*
 * Return trusted time: Amazon's time, taken from the Date headers of its answers and running on
 * CLOCK_BOOTTIME. Until the first Date it is the wall clock of the first call. If the wall clock is
 * set afterwards, trusted time does not move. Signatures, ages and all times that the store keeps
 * or compares use it.
 */
uint64_t clock_trusted_usec(void);

/* Learn from an answer that has just come, took took_usec and carries this Date, which is cut to
 * the second. Trusted time changes only if it is outside the range that the answer allows, so a
 * slow answer or a long poll does not disturb it. */
void clock_learn(uint64_t date_usec, uint64_t took_usec);

/* Whether a Date was ever learned, by this process or by the one whose time it took over. */
bool clock_is_learned(void);

/* Return trusted time minus the wall clock. */
int64_t clock_offset_usec(void);

/* Return trusted time minus CLOCK_BOOTTIME, or set it: to the value of another process of the same
 * boot (learned), or from a wall clock that was set before anything was learned. */
int64_t clock_trusted_base_usec(void);
void clock_trust(int64_t base_usec, bool learned);

/* Write a time as RFC 3339 in UTC with milliseconds: 2025-04-04T11:45:40.000Z. out has room for
 * CLOCK_TEXT_MAX. */
#define CLOCK_TEXT_MAX 32
void clock_rfc3339(char out[CLOCK_TEXT_MAX], uint64_t usec);

/* Parse an RFC 3339 / ISO 8601 time with zone (Z or +hh:mm) and a fraction of any length. Seconds
 * are optional, because Amazon sometimes leaves them out. A space or 't' may replace 'T'. 0, or
 * -EINVAL for anything else, also for times before 1970 or after 9999. */
int clock_parse_rfc3339(const char *text, size_t size, uint64_t *ret_usec);

/* Parse an HTTP date in its three forms (RFC 9110 5.6.7). 0 or -EINVAL. */
int clock_parse_http_date(const char *text, uint64_t *ret_usec);

/* Write a time as 20250404T114540Z, for AWS signatures, which use its first 8 characters as the
 * date. */
void clock_aws_stamp(char out[17], uint64_t usec);

#endif
