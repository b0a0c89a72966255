/* SPDX-License-Identifier: MIT */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Time. Moments are microseconds since 1970 UTC, durations are microseconds; 0 means unknown.
 * Tests link their own clock_now_usec and clock_boot_usec (base/clock_system.c holds only these
 * two). Which clock serves which purpose: docs/decisions, "Three clocks".
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

/*
 * Trusted time: Amazon's, as the Date headers of its answers say, running on CLOCK_BOOTTIME. Until
 * the first of them it is the wall clock of the first call. A wall clock that is set afterwards
 * does not move it. Signatures, ages and everything that the store keeps or compares use it.
 */
uint64_t clock_trusted_usec(void);

/* Takes note of an answer that has just come, took took_usec and carries this Date, which is cut to
 * the second. Trusted time is changed only if it was not within what the answer leaves open: a slow
 * answer or a long poll does not disturb it. */
void clock_learn(uint64_t date_usec, uint64_t took_usec);

/* Whether a Date was ever learned, by this process or by the one whose time it took over. */
bool clock_is_learned(void);

/* Trusted time minus the wall clock. */
int64_t clock_offset_usec(void);

/* Trusted time minus CLOCK_BOOTTIME; and sets it, as another process of the same boot knew it
 * (learned), or from a wall clock that has been set before anything was learned. */
int64_t clock_trusted_base_usec(void);
void clock_trust(int64_t base_usec, bool learned);

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
