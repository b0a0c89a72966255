/* SPDX-License-Identifier: MIT */
#ifndef SANDBOX_BODY_H
#define SANDBOX_BODY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

/* The text of a message. */

/* Appends the body in the form it has inside a JSON string, without the quotes. 0, or -EILSEQ when
 * it is not UTF-8 or has a character that a standard queue refuses (all below U+0020 but tab, line
 * feed and carriage return; U+FFFE and U+FFFF). */
int body_escape(struct text *out, const char *bytes, size_t size);

/* MD5 as 32 hex digits and a NUL, by OpenSSL and not by the code of the daemon. */
void body_md5(char out[33], const void *bytes, size_t size);

/* Whether a JSON text holds the escape of U+0000, which our JSON reader would cut a string at. */
bool body_has_escaped_nul(const char *json, size_t size);

#endif
