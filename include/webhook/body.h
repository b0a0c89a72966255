/* SPDX-License-Identifier: MIT */
#ifndef WEBHOOK_BODY_H
#define WEBHOOK_BODY_H

#include "base/text.h"
#include "notification/notification.h"
#include "webhook/format.h"
#include "webhook/sign.h"

/*
 * A body has two parts: a prefix that is written once, at accept, and Amazon's bytes. Other formats
 * are made from these two and from the other stored fields of a notification, each time they are
 * needed. The result is always the same bytes, because none of these ever changes.
 */

/*
 * Append the part of the standard body (docs/webhook.md) before Amazon's bytes, up to and including
 * `"notification":`. The body ends with `}}`.
 *
 * id: the delivery's dedupe key. seller: the config's name, NULL when unknown. event_usec: the
 * event time after all fallbacks, 0: null.
 */
void webhook_body_prefix(struct text *out, const struct notification *notification, const char *id,
                         const char *seller, uint64_t event_usec);

/* The parts of a body; all of it is borrowed. */
struct webhook_body {
    enum webhook_format format;
    const char *prefix; /* from webhook_body_prefix; NULL: none, and the body is the bytes */
    size_t prefix_size;
    const char *bytes; /* Amazon's */
    size_t bytes_size;
    const char *id;                          /* the dedupe key, as in the prefix */
    const char *seller_id, *type, *order_id; /* Amazon's, NULL: none */
    uint64_t event_usec;                     /* as in the prefix; 0: none */
};

/* Pieces that a body has at most. */
#define WEBHOOK_BODY_PARTS 4

/* Find the pieces of the body in their order, none of them empty, and return their number. They
 * point into the borrowed memory of *body and into `head`, an empty text. The caller clears `head`
 * when the pieces are not needed any more; with the standard and the raw format it stays empty. */
size_t webhook_body_parts(struct webhook_part parts[WEBHOOK_BODY_PARTS],
                          const struct webhook_body *body, struct text *head);

#endif
