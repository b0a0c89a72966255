/* SPDX-License-Identifier: MIT */
#ifndef WEBHOOK_VERIFY_H
#define WEBHOOK_VERIFY_H

#include "webhook/sign.h"

/*
 * The receiver's side of the signature, for authors of receivers: Standard Webhooks 1.0.0, as
 * described in docs/webhook.md.
 */

/* How far webhook-timestamp may be from the receiver's clock, as in the specification's
 * libraries. */
#define WEBHOOK_TOLERANCE_S 300

/* The longest header value that is read, with its NUL. */
#define WEBHOOK_VALUE_MAX 1024

/* The three headers of one request. "": absent. */
struct webhook_claim {
    char id[WEBHOOK_VALUE_MAX];
    char timestamp[WEBHOOK_VALUE_MAX];
    char signature[WEBHOOK_VALUE_MAX];
};

enum webhook_verdict {
    WEBHOOK_GENUINE,
    WEBHOOK_NO_ID, /* these three: a header is missing */
    WEBHOOK_NO_TIMESTAMP,
    WEBHOOK_NO_SIGNATURE,
    WEBHOOK_BAD_TIMESTAMP, /* not a whole number of seconds */
    WEBHOOK_TOO_OLD,
    WEBHOOK_TOO_NEW,
    WEBHOOK_BAD_SIGNATURE, /* no entry is "v1," and base64 */
    WEBHOOK_FORGED,        /* well-formed, but not made with this secret over these bytes */
    WEBHOOK_LINE_END,      /* right for the body without the line end at its end */
    WEBHOOK_REWRITTEN,     /* the JSON was parsed and written again */
};

/* Read the three headers from lines "Name: value" as a request or a tool shows them. Names may be
 * in any case; other lines are ignored. A value longer than WEBHOOK_VALUE_MAX - 1 counts as absent.
 * If no line names a header, its field stays as it is. */
void webhook_claim_read(struct webhook_claim *claim, const char *lines, size_t size);

/* Whether the request is genuine. If not, return the likeliest cause: for that, the body is also
 * tried without a line end at its end and as JSON with other blanks. tolerance_s 0: any
 * timestamp. */
enum webhook_verdict webhook_verify(const struct webhook_keys *keys,
                                    const struct webhook_claim *claim, uint64_t now_s,
                                    uint64_t tolerance_s, struct webhook_part body);

/* The verdict as one word for programs: "ok", "no_id", "too_old", ... */
const char *webhook_verdict_name(enum webhook_verdict verdict);

/* The verdict in words, with its usual cause; NULL when genuine. */
const char *webhook_verdict_text(enum webhook_verdict verdict);

#endif
