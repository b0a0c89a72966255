/* SPDX-License-Identifier: MIT */
#ifndef WEBHOOK_REQUEST_H
#define WEBHOOK_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "webhook/format.h"
#include "webhook/sign.h"

/* Headers of one request at most, with the NULL behind them. */
#define WEBHOOK_HEADERS_MAX 40

/* The facts for the headers of a request. NULL and 0: there is none. */
struct webhook_event {
    const char *id; /* dedupe key */
    const char *seller, *type, *order_id;
    uint64_t event_usec;
    unsigned attempt;
    uint64_t sequence;
    bool stale;
    bool stranger; /* from an unknown sender: its webhook-id is none that Amazon gives to one of
                      ours */
    unsigned resend;
    enum webhook_format format; /* of the body that is signed */
};

struct webhook_headers {
    const char *lines[WEBHOOK_HEADERS_MAX]; /* "name: value", NULL-terminated, into `text` */
    struct text text;
    struct text hmac; /* the line that webhook_auth_add adds */
};

/* Build the header lines of one attempt, signed if there are keys. Values from Amazon are sent only
 * if they are 1 to 256 bytes of 0x21-0x7E. `ret` begins as {0} and may be used again for the next
 * request (its memory is kept). webhook_headers_clear ends it. */
void webhook_headers_build(struct webhook_headers *ret, const struct webhook_event *event,
                           const struct webhook_keys *keys, uint64_t now_usec,
                           const struct webhook_part parts[], size_t n_parts);
void webhook_headers_clear(struct webhook_headers *headers);

#endif
