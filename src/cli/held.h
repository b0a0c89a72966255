/* SPDX-License-Identifier: MIT */
#ifndef SRC_CLI_HELD_H
#define SRC_CLI_HELD_H

#include <stdio.h>

/*
 * Standard output that waits in memory. Output inside a transaction of the store must be held.
 * Otherwise a slow reader of our output (less) would keep the transaction open, and the store's log
 * could not be emptied. One page of a list or one delivery is held in memory.
 */
struct held {
    FILE *output, *memory;
    char *bytes;
    size_t size;
};

/* Hold all output from here on. */
void held_begin(struct held *held);

/* Print the held output. Call it after the transaction. */
void held_end(struct held *held);

#endif
