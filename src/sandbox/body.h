/* SPDX-License-Identifier: MIT */
#ifndef SRC_SANDBOX_BODY_H
#define SRC_SANDBOX_BODY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

/* The text of a message. */

/* Append the body as it is inside a JSON string, without the quotes. Return 0, or -EILSEQ if it is
 * not UTF-8 or has a character that a standard queue refuses (all below U+0020 except tab, line
 * feed and carriage return; U+FFFE and U+FFFF). */
int body_escape(struct text *out, const char *bytes, size_t size);

/* Write the MD5 as 32 hex digits and a NUL. It comes from OpenSSL, not from the daemon's code. */
void body_md5(char out[33], const void *bytes, size_t size);

/* Whether a JSON text has the escape of U+0000, at which our JSON reader would cut a string. */
bool body_has_escaped_nul(const char *json, size_t size);

#endif
