/* SPDX-License-Identifier: MIT */
#ifndef SRC_BASE_TEXT_UTF8_H
#define SRC_BASE_TEXT_UTF8_H

#include <stddef.h>

/* Return the length of the UTF-8 sequence at the start of the bytes (size > 0). 0 if it
 * is invalid. */
size_t text_utf8_length(const char *bytes, size_t size);

#endif
