/* SPDX-License-Identifier: MIT */
#ifndef WEBHOOK_BODY_H
#define WEBHOOK_BODY_H

#include "base/text.h"
#include "notification/notification.h"

/* What ends every body of the default format, behind Amazon's bytes. */
#define WEBHOOK_BODY_TAIL "}}"

/*
 * Appends everything of the default body (design 4.3) that stands before Amazon's bytes, up to and
 * including `"notification":`. The body is this prefix, the notification's bytes,
 * WEBHOOK_BODY_TAIL; it is built once, at accept, so that every attempt sends the same bytes.
 *
 * id: the dedupe key the delivery goes under. seller: the config's name, NULL when unknown.
 * event_usec: the event time after all fallbacks, 0: null.
 */
void webhook_body_prefix(struct text *out, const struct notification *notification, const char *id,
                         const char *seller, uint64_t event_usec);

#endif
