/* SPDX-License-Identifier: MIT */
#include "read_file.h"

#include <stdio.h>

#include "base/text.h"

char *read_file(const char *path, size_t *ret_size)
{
    struct text bytes = {0};
    char buffer[4096];
    size_t size;
    FILE *file = fopen(path, "rb");
    if (!file)
        return NULL;
    while ((size = fread(buffer, 1, sizeof(buffer), file)) > 0)
        text_append(&bytes, buffer, size);
    fclose(file);
    *ret_size = bytes.size;
    return text_take(&bytes);
}
