/* SPDX-License-Identifier: MIT */
#ifndef NOTIFICATION_CLIENT_SECRET_H
#define NOTIFICATION_CLIENT_SECRET_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Law 8: a message that carries an application's new client secret is recognised even where it
 * cannot be read, because what is not recognised is stored and shown.
 */

/* Whether the bytes, readable or not, name that type or the member with the secret in it; in any
 * case, with any number of escapes on top, also as UTF-16. */
bool client_secret_mentioned(const char *bytes, size_t size);

#endif
