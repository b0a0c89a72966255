/* SPDX-License-Identifier: MIT */
#ifndef WEBHOOK_PING_H
#define WEBHOOK_PING_H

#include <stdint.h>

#include "base/text.h"
#include "webhook/format.h"

/* The type of a test event, in the body and in the header dockbell-type. No type of Amazon's begins
 * like this. */
#define WEBHOOK_PING_TYPE "dockbell.ping"

/* Make a webhook-id that no other test event has: "ping-" and 32 hex digits. */
#define WEBHOOK_PING_ID_MAX 38
void webhook_ping_id(char out[WEBHOOK_PING_ID_MAX]);

/* Append the body of a test event in that format: the envelope without any data of an order. If the
 * bodies of real events are Amazon's bytes alone, it has their shape. */
void webhook_ping_body(struct text *out, enum webhook_format format, const char *id,
                       const char *webhook, uint64_t now_usec);

#endif
