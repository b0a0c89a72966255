/* SPDX-License-Identifier: MIT */
#ifndef SRC_AWS_SQS_SCAN_H
#define SRC_AWS_SQS_SCAN_H

#include <stdbool.h>
#include <stddef.h>

/*
 * A JSON reader that goes once through a buffer, from front to end. It decodes strings in place and
 * builds no tree. It is for the one answer that is large and frequent; the others are read with
 * cJSON. docs/decisions/0010-scanning-received-messages.md has the reason.
 */

/* Deeper nesting is refused. */
#define SQS_SCAN_DEPTH_MAX 32

/* The position in a writable, NUL-terminated buffer. After a failure `failed` is set
 * and stays set. */
struct sqs_scan {
    char *at;
    bool failed;
    unsigned depth;
};

/* Return the first byte of the next value, which shows its kind: '"', '{', '['. NUL at the end or
 * after a failure. */
char sqs_scan_kind(struct sqs_scan *scan);

/* Take a string: decoded, NUL-terminated, in the buffer. NULL if there is none. U+0000
 * is refused. */
char *sqs_scan_string(struct sqs_scan *scan, size_t *ret_size);

/* Enter an object or array. Return true while there is a next member or element:
 *     for (bool more = sqs_scan_enter(s, '{'); more; more = sqs_scan_more(s, '}'))
 * In an object the member's name comes next: sqs_scan_name, then its value. */
bool sqs_scan_enter(struct sqs_scan *scan, char bracket);

/* Move on to the next member or element. `bracket` is the closing one. Return whether
 * there is one. */
bool sqs_scan_more(struct sqs_scan *scan, char bracket);

/* Take a member's name and the colon. "" after a failure. */
const char *sqs_scan_name(struct sqs_scan *scan);

/* Skip any value. */
void sqs_scan_skip(struct sqs_scan *scan);

/* Whether everything was read. White space at the end is allowed. */
bool sqs_scan_ended(struct sqs_scan *scan);

#endif
