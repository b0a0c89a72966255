/* SPDX-License-Identifier: MIT */
#ifndef CLI_HELD_H
#define CLI_HELD_H

#include <stdio.h>

/*
 * Standard output that waits in memory. Who prints inside a transaction of the store holds it: a
 * reader of our output that is slow (less) would keep the transaction open, and the store's log
 * could not be emptied meanwhile. One page of a list or one delivery is held in memory.
 */
struct held {
    FILE *output, *memory;
    char *bytes;
    size_t size;
};

/* From here on everything that is printed waits. */
void held_begin(struct held *held);

/* Prints it; after the transaction. */
void held_end(struct held *held);

#endif
