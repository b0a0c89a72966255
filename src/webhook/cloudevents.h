/* SPDX-License-Identifier: MIT */
#ifndef CLOUDEVENTS_H
#define CLOUDEVENTS_H

#include "webhook/body.h"

/* Appends what stands before `"data":` in a CloudEvent: the opening brace, the attributes (those
 * that an event has none of are left out), a comma. */
void cloudevents_head(struct text *out, const struct webhook_body *body);

#endif
