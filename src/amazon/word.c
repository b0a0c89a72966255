/* SPDX-License-Identifier: MIT */
#include "word.h"

#include <string.h>

void word_copy(char *out, size_t room, const char *string)
{
    size_t size = string ? strspn(string, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                          "0123456789._-")
                         : 0;
    if (size >= room)
        size = room - 1;
    if (size)
        memcpy(out, string, size);
    out[size] = '\0';
}
