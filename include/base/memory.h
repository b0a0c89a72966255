/* SPDX-License-Identifier: MIT */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include <stddef.h>
#include <stdlib.h>

/*
 * Memory that is there or the process is not. Every buffer and table has a named limit, so running
 * out means the machine is out; the store makes sudden death harmless (law 1) and systemd starts us
 * again. No caller has an error branch for it: docs/decisions/0003-out-of-memory.md.
 */

/* Allocates size bytes, zeroed. Never returns NULL; the caller owns the result (free). */
void *memory_new(size_t size);

/* Grows or shrinks old (may be NULL) to count elements of size bytes; new bytes are not zeroed.
 * Overflow of count * size is fatal too. The caller owns the result in place of old. */
void *memory_resize(void *old, size_t count, size_t size);

/* Copies size bytes and adds a NUL behind them. The caller owns the copy. */
char *memory_copy(const void *bytes, size_t size);

/* Copies a string; NULL gives NULL. The caller owns the copy. */
char *memory_string(const char *string);

/* printf into a fresh string. The caller owns it. */
char *memory_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* One zeroed object of a type. */
#define NEW(type) ((type *)memory_new(sizeof(type)))

#define ELEMENTS(array) (sizeof(array) / sizeof((array)[0]))

/* Frees the variable it is put on when that goes out of scope: CLEANUP(free_p) char *x = NULL; */
#define CLEANUP(function) __attribute__((cleanup(function)))

static inline void free_p(void *pointer)
{
    free(*(void **)pointer);
}

#define AUTOFREE CLEANUP(free_p)

/* Hands a pointer over: its value, leaving NULL behind. */
#define TAKE(pointer)                                                                              \
    ({                                                                                             \
        __typeof__(pointer) *taken_from_ = &(pointer);                                             \
        __typeof__(pointer) taken_ = *taken_from_;                                                 \
        *taken_from_ = NULL;                                                                       \
        taken_;                                                                                    \
    })

#endif
