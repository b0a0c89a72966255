/* SPDX-License-Identifier: MIT */
#include "base/text.h"

static bool is_unreserved(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

void text_append_percent(struct text *out, const char *bytes, size_t size)
{
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)bytes[i];
        if (is_unreserved(bytes[i]))
            text_append_char(out, bytes[i]);
        else
            text_append(out, (char[]){'%', digits[c >> 4], digits[c & 15]}, 3);
    }
}
