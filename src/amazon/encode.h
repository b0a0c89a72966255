/* SPDX-License-Identifier: MIT */
#ifndef AMAZON_ENCODE_H
#define AMAZON_ENCODE_H

#include "base/text.h"

/* Appends the bytes percent-encoded but for RFC 3986's unreserved characters: good for a path
 * segment, a query value and a form value alike. */
void encode_percent(struct text *out, const char *bytes, size_t size);
void encode_percent_string(struct text *out, const char *string);

#endif
