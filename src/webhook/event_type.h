/* SPDX-License-Identifier: MIT */
#ifndef SRC_WEBHOOK_EVENT_TYPE_H
#define SRC_WEBHOOK_EVENT_TYPE_H

#include "base/text.h"

/* Append the member `type`: "amazon." and Amazon's NotificationType in lower case (NULL:
 * "unknown"). Every other character becomes one "_", no matter how many bytes it has. */
void event_type_append(struct text *out, const char *type);

#endif
