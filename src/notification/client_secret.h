/* SPDX-License-Identifier: MIT */
#ifndef SRC_NOTIFICATION_CLIENT_SECRET_H
#define SRC_NOTIFICATION_CLIENT_SECRET_H

#include <stdbool.h>
#include <stddef.h>

/*
 * A message with an application's new client secret is recognised even if it cannot be read,
 * because an unrecognised message is stored and shown.
 */

/* Whether the bytes mention the notification type or the member with the secret, in upper or lower
 * case, with any number of escapes around them, also as UTF-16. The bytes need not be readable. */
bool client_secret_mentioned(const char *bytes, size_t size);

#endif
