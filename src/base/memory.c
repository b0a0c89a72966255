/* SPDX-License-Identifier: MIT */
#include "base/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Write the reason to stderr without further allocation, and abort with a core. */
static void *out_of_memory(void)
{
    static const char message[] = "out of memory\n";
    ssize_t ignored = write(STDERR_FILENO, message, sizeof(message) - 1);
    (void)ignored;
    abort();
}

void *memory_new(size_t size)
{
    void *fresh = calloc(1, size ? size : 1);
    return fresh ? fresh : out_of_memory();
}

void *memory_resize(void *old, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes))
        return out_of_memory();
    void *fresh = realloc(old, bytes ? bytes : 1);
    return fresh ? fresh : out_of_memory();
}

char *memory_copy(const void *bytes, size_t size)
{
    size_t room;
    if (__builtin_add_overflow(size, 1, &room))
        return out_of_memory();
    char *copy = memory_resize(NULL, room, 1);
    if (size)
        memcpy(copy, bytes, size);
    copy[size] = '\0';
    return copy;
}

char *memory_string(const char *string)
{
    return string ? memory_copy(string, strlen(string)) : NULL;
}

char *memory_format(const char *format, ...)
{
    va_list arguments;
    char *string;
    va_start(arguments, format);
    int size = vasprintf(&string, format, arguments);
    va_end(arguments);
    return size < 0 ? out_of_memory() : string;
}
