/* SPDX-License-Identifier: MIT */
/* Reads cases from stdin, each a length of four bytes (little endian) and that many bytes, and
 * prints "+" or "-" for each: whether the strict check passes it. */
#include <stdint.h>
#include <stdio.h>

#include "base/memory.h"
#include "notification/strict.h"

/* No case is larger. */
#define CASE_MAX (1024 * 1024)

int main(void)
{
    unsigned char length[4];
    while (fread(length, 1, sizeof(length), stdin) == sizeof(length)) {
        size_t size =
            length[0] | (size_t)length[1] << 8 | (size_t)length[2] << 16 | (size_t)length[3] << 24;
        if (size > CASE_MAX)
            return 1;
        AUTOFREE char *bytes = memory_resize(NULL, size, 1);
        if (fread(bytes, 1, size, stdin) != size)
            return 1;
        putchar(strict_json_check(bytes, size, NULL) == 0 ? '+' : '-');
    }
    putchar('\n');
    return 0;
}
