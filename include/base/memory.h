/* SPDX-License-Identifier: MIT */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include <stddef.h>
#include <stdlib.h>

/*
 * Memory allocation that either succeeds or ends the process. Every buffer and table has a named
 * limit, so a failure means that the machine has no memory. Sudden death is harmless because of the
 * store, and systemd starts us again. No caller has an error branch for it:
 * docs/decisions/0003-out-of-memory.md.
 */

/* Allocate size bytes, zeroed. Never returns NULL; the caller owns the result (free). */
void *memory_new(size_t size);

/* Grow or shrink old (may be NULL) to count elements of size bytes; new bytes are not zeroed. An
 * overflow of count * size is fatal too. The caller owns the result in place of old. */
void *memory_resize(void *old, size_t count, size_t size);

/* Copy size bytes and add a NUL after them. The caller owns the copy. */
char *memory_copy(const void *bytes, size_t size);

/* Copy a string; NULL gives NULL. The caller owns the copy. */
char *memory_string(const char *string);

/* Format a new string as printf does. The caller owns it. */
char *memory_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Allocate one zeroed object of a type. */
#define NEW(type) ((type *)memory_new(sizeof(type)))

#define ELEMENTS(array) (sizeof(array) / sizeof((array)[0]))

/* Free a variable when it goes out of scope: CLEANUP(free_p) char *x = NULL; */
#define CLEANUP(function) __attribute__((cleanup(function)))

/* Free the variable that AUTOFREE is put on. */
static inline void free_p(void *pointer)
{
    free(*(void **)pointer);
}

#define AUTOFREE CLEANUP(free_p)

/* Take the value of a pointer and leave NULL behind. */
#define TAKE(pointer)                                                                              \
    __extension__({                                                                                \
        __typeof__(pointer) *taken_from_ = &(pointer);                                             \
        __typeof__(pointer) taken_ = *taken_from_;                                                 \
        *taken_from_ = NULL;                                                                       \
        taken_;                                                                                    \
    })

#endif
