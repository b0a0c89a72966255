/* SPDX-License-Identifier: MIT */
#ifndef CLOUDEVENTS_H
#define CLOUDEVENTS_H

#include "webhook/body.h"

/* Append the part of a CloudEvent before `"data":`, which is the opening brace, the attributes and
 * a comma. Attributes without a value are left out. */
void cloudevents_head(struct text *out, const struct webhook_body *body);

#endif
