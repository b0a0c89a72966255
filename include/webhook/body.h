/* SPDX-License-Identifier: MIT */
#ifndef WEBHOOK_BODY_H
#define WEBHOOK_BODY_H

#include "base/text.h"
#include "notification/notification.h"
#include "webhook/format.h"
#include "webhook/sign.h"

/*
 * A body is joined from a prefix that is written once, at accept, and Amazon's bytes. The other
 * formats are made from the same two and from what else is kept of a notification, each time they
 * are needed: always the same bytes, as none of it ever changes.
 */

/*
 * Appends everything of the standard body (design 4.3) that stands before Amazon's bytes, up to and
 * including `"notification":`; what ends it is `}}`.
 *
 * id: the dedupe key the delivery goes under. seller: the config's name, NULL when unknown.
 * event_usec: the event time after all fallbacks, 0: null.
 */
void webhook_body_prefix(struct text *out, const struct notification *notification, const char *id,
                         const char *seller, uint64_t event_usec);

/* What a body is made of; all of it is borrowed. */
struct webhook_body {
    enum webhook_format format;
    const char *prefix; /* of webhook_body_prefix; NULL: there is none, and the body is the bytes */
    size_t prefix_size;
    const char *bytes; /* Amazon's */
    size_t bytes_size;
    const char *id;                          /* the dedupe key, as in the prefix */
    const char *seller_id, *type, *order_id; /* Amazon's, NULL: none */
    uint64_t event_usec;                     /* as in the prefix; 0: none */
};

/* Pieces that a body has at most. */
#define WEBHOOK_BODY_PARTS 4

/* Finds the pieces of the body in their order, none of them empty, and returns how many there are.
 * They point into what *body borrows and into `head`, an empty text that the caller clears when the
 * pieces are not needed any more; the standard and the raw body leave it empty. */
size_t webhook_body_parts(struct webhook_part parts[WEBHOOK_BODY_PARTS],
                          const struct webhook_body *body, struct text *head);

#endif
