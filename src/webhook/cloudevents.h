/* SPDX-License-Identifier: MIT */
#ifndef SRC_WEBHOOK_CLOUDEVENTS_H
#define SRC_WEBHOOK_CLOUDEVENTS_H

#include "webhook/body.h"

/* Append the part of a CloudEvent before `"data":`, which is the opening brace, the attributes and
 * a comma. Attributes without a value are left out. */
void cloudevents_head(struct text *out, const struct webhook_body *body);

#endif
