/* SPDX-License-Identifier: MIT */
#include "word.h"

#include <string.h>

void word_copy(char *out, size_t room, const char *string)
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
