/* SPDX-License-Identifier: MIT */
#ifndef EVENT_TYPE_H
#define EVENT_TYPE_H

#include "base/text.h"

/* Appends the member `type`: "amazon." and Amazon's NotificationType (NULL: "unknown") in lower
 * case; every other character, of however many bytes, is one "_". */
void event_type_append(struct text *out, const char *type);

#endif
