/* SPDX-License-Identifier: MIT */
#ifndef SRC_JOURNAL_KEPT_H
#define SRC_JOURNAL_KEPT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/uio.h>

#include "base/text.h"

/*
 * Important entries that their reader did not take in time. They are sent before the next entry, in
 * their order, so that a burst of other entries cannot replace them. Zeroed memory is an empty
 * list. It lives as long as the process.
 */
#define KEPT_MAX ((size_t)64 * 1024)

struct kept {
    struct text bytes; /* each entry behind its size */
};

/* Add a copy of one entry, its parts one after the other. Return false if KEPT_MAX is reached. */
bool kept_add(struct kept *kept, const struct iovec parts[], size_t count);

/* Send one entry. Return 0 or a negative errno. */
typedef int (*kept_send_fn)(const char *entry, size_t size);

/* Send the entries until one is not taken, and drop the sent ones. Return 0 if no entry is kept any
 * more, else the result of `send`. */
int kept_flush(struct kept *kept, kept_send_fn send);

#endif
