/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/text.h"

void text_copy_word(char *out, size_t room, const char *string)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                  "0123456789._-";
    const char *word = string ? string : "";
    size_t size = strspn(word, allowed);
    if (size >= room)
        size = room - 1;
    memcpy(out, word, size);
    out[size] = '\0';
}
