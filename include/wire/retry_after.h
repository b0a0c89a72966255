/* SPDX-License-Identifier: MIT */
#ifndef WIRE_RETRY_AFTER_H
#define WIRE_RETRY_AFTER_H

#include <stdbool.h>
#include <stdint.h>

#include "wire/http.h"

/* A longer wait counts as this one. */
#define RETRY_AFTER_MAX_USEC (7 * 24ULL * 3600 * 1000000)

/* Read the Retry-After header of an answer in both its forms (RFC 9110, 10.2.3). Return whether it
 * is there and can be read. Then *ret_usec is a wait from now, capped, 0 for a time that is over. A
 * date is compared with the answer's own Date, so that a difference between two clocks does not
 * matter; without a Date, with now_usec (trusted time). */
bool retry_after_read(const struct http_answer *answer, uint64_t now_usec, uint64_t *ret_usec);

/* Return the wait that an answer of Amazon's APIs asks for, in microseconds, or 0. A wait of a day
 * or more is ignored: no usage plan is as slow, so a program in between made it up. */
uint64_t retry_after_of_amazon(const struct http_answer *answer, uint64_t now_usec);

#endif
