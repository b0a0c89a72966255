/* SPDX-License-Identifier: MIT */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include <stddef.h>

/*
 * A secret in memory: wiped when it is freed, and kept out of core dumps as far as the kernel
 * allows. Never printed: no function formats one.
 */
struct secret {
    char *data; /* NUL-terminated; NULL: no secret */
    size_t size;
};

/* Copy the bytes into a new secret, and wipe the old one. */
void secret_set(struct secret *secret, const void *bytes, size_t size);

/* Wipe and free a secret; fine on an empty one. */
void secret_clear(struct secret *secret);

/* Wipe and free a string that may be or hold a secret; NULL is fine. */
void secret_free_string(char *string);

/* Keep this process out of core dumps and of other users' ptrace. Called first in main. */
void secret_protect_process(void);

#endif
