/* SPDX-License-Identifier: MIT */
#ifndef SANDBOX_HANDLE_H
#define SANDBOX_HANDLE_H

#include <stddef.h>
#include <stdint.h>

/*
 * Receipt handles. Opaque and long like SQS's, and forgeable by nobody who guesses: the fields are
 * in it under a key of this process, and every character of it is checked.
 */
#define HANDLE_BYTES 120
#define HANDLE_CHARS (HANDLE_BYTES / 3 * 4)

struct handle {
    uint32_t queue;      /* number of the queue */
    uint32_t slot;       /* place of the message in it */
    uint32_t generation; /* which message of that place */
    uint32_t receive;    /* which receive of that message */
};

/* Writes exactly HANDLE_CHARS characters and a NUL. */
void handle_write(char out[HANDLE_CHARS + 1], const struct handle *handle, uint64_t key);

/* 0, or -EINVAL for anything that handle_write with this key did not write. */
int handle_read(struct handle *ret, const char *text, uint64_t key);

#endif
