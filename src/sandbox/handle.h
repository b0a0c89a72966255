/* SPDX-License-Identifier: MIT */
#ifndef SRC_SANDBOX_HANDLE_H
#define SRC_SANDBOX_HANDLE_H

#include <stddef.h>
#include <stdint.h>

/*
 * Receipt handles. They are opaque and long like those of SQS, and cannot be guessed: the fields
 * are in the handle under a key of this process, and every character of it is checked.
 */
#define HANDLE_BYTES 120
#define HANDLE_CHARS (HANDLE_BYTES / 3 * 4)

struct handle {
    uint32_t queue;      /* number of the queue */
    uint32_t slot;       /* place of the message in it */
    uint32_t generation; /* number of the message at that place */
    uint32_t receive;    /* number of the receive of that message */
};

/* Write exactly HANDLE_CHARS characters and a NUL. */
void handle_write(char out[HANDLE_CHARS + 1], const struct handle *handle, uint64_t key);

/* Read a handle. Return 0, or -EINVAL if handle_write with this key did not write it. */
int handle_read(struct handle *ret, const char *text, uint64_t key);

#endif
