/* SPDX-License-Identifier: MIT */
#ifndef WEBHOOK_EXTRA_H
#define WEBHOOK_EXTRA_H

#include <stddef.h>

#include "base/error.h"
#include "base/secret.h"

/*
 * Headers that the administrator adds, the same on every request: an API key, a tenant. Their
 * values may be secrets, and are treated as such.
 */

/* Limits of one webhook: headers, bytes of a name, and bytes of a value. */
#define WEBHOOK_EXTRA_MAX       16
#define WEBHOOK_EXTRA_NAME_MAX  64
#define WEBHOOK_EXTRA_VALUE_MAX 4096

struct webhook_extra {
    struct secret lines[WEBHOOK_EXTRA_MAX]; /* "name: value" */
    size_t count;
};

/* Return why an added header cannot have this name, as half a sentence; NULL: it can. It must be a
 * token (RFC 9110, 5.6.2). It must not be in the request already, nor belong to the connection (RFC
 * 9110, 7.6.1) or to its proxy (11.7). */
const char *webhook_extra_problem(const char *name);

/* Check whether a value can be in a header: 1 to WEBHOOK_EXTRA_VALUE_MAX bytes of 0x20-0x7E, and
 * tabs, with neither blanks nor tabs at its ends. 0, or -EIO with a text that never repeats it. */
int webhook_extra_check_value(const struct secret *value, struct error *error);

/* Add a header. 0, or -EIO with a text that names the header but never repeats its value.
 * webhook_extra_clear ends it. */
int webhook_extra_add(struct webhook_extra *extra, const char *name, const struct secret *value,
                      struct error *error);
void webhook_extra_clear(struct webhook_extra *extra);

#endif
