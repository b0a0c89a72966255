/* SPDX-License-Identifier: MIT */
#ifndef WEBHOOK_VERIFY_H
#define WEBHOOK_VERIFY_H

#include "webhook/sign.h"

/*
 * The receiver's side of the signature, for those who write one: Standard Webhooks 1.0.0, as
 * docs/webhook.md tells it.
 */

/* How far webhook-timestamp may be from the receiver's clock, by the specification's libraries. */
#define WEBHOOK_TOLERANCE_S 300

/* Of the longest header value that is read. */
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
    WEBHOOK_FORGED,        /* well formed, and not made with this secret over these bytes */
    WEBHOOK_LINE_END,      /* right for the body without the line end at its end */
    WEBHOOK_REWRITTEN,     /* the JSON was parsed and written again */
};

/* Takes the three headers out of lines "Name: value" as a request or a tool shows them; names in
 * any case, other lines are passed over. A value that is longer than WEBHOOK_VALUE_MAX - 1 counts
 * as absent. Fields that no line names keep what they have. */
void webhook_claim_read(struct webhook_claim *claim, const char *lines, size_t size);

/* Whether the request is genuine; if not, the likeliest cause, for which the body is also tried
 * without a line end at its end and as JSON with other blanks. tolerance_s 0: any timestamp. */
enum webhook_verdict webhook_verify(const struct webhook_keys *keys,
                                    const struct webhook_claim *claim, uint64_t now_s,
                                    uint64_t tolerance_s, struct webhook_part body);

/* The verdict as one word for programs: "ok", "no_id", "too_old", ... */
const char *webhook_verdict_name(enum webhook_verdict verdict);

/* The verdict in words, with what is usually the cause; NULL when genuine. */
const char *webhook_verdict_text(enum webhook_verdict verdict);

#endif
