/* SPDX-License-Identifier: MIT */
#ifndef AMAZON_SQS_SCAN_H
#define AMAZON_SQS_SCAN_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Reads JSON once, from front to end, in the buffer in which it lies: strings are decoded in place,
 * no tree is built. For the one answer that is large and comes all the time; the others are read
 * with cJSON. docs/decisions/0010-scanning-received-messages.md has the reason.
 */

/* Nesting deeper than this is refused. */
#define SQS_SCAN_DEPTH_MAX 32

/* The place in a writable, NUL-terminated buffer. After a failure `failed` is set and stays. */
struct sqs_scan {
    char *at;
    bool failed;
    unsigned depth;
};

/* Whether the next value is a string, an object, an array; NUL: it is over. */
char sqs_scan_kind(struct sqs_scan *scan);

/* Takes a string: decoded, NUL-terminated, in the buffer; NULL when there is none. U+0000 is
 * refused. */
char *sqs_scan_string(struct sqs_scan *scan, size_t *ret_size);

/* Enters an object or array, true while there is a next member or element:
 *     for (bool more = sqs_scan_enter(s, '{'); more; more = sqs_scan_more(s, '}'))
 * In an object the member's name comes next: sqs_scan_name, then its value. */
bool sqs_scan_enter(struct sqs_scan *scan, char bracket);
bool sqs_scan_more(struct sqs_scan *scan, char bracket);
const char *sqs_scan_name(struct sqs_scan *scan);

/* Passes over any value. */
void sqs_scan_skip(struct sqs_scan *scan);

/* Whether all was read and nothing but white space is left. */
bool sqs_scan_ended(struct sqs_scan *scan);

#endif
