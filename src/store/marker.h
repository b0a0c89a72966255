/* SPDX-License-Identifier: MIT */
#ifndef STORE_MARKER_H
#define STORE_MARKER_H

#include "store/store.h"

/*
 * The highest numbers that were ever committed, in a small file beside the database. A log that is
 * gone or cut off, or an older copy of the database, opens without an error and has lower numbers:
 * then the store went back. The file is written after each commit and not synced: it can be behind
 * the database, never ahead of it.
 */
#define MARKER_FILE "numbers"

struct numbers {
    int64_t sequence, notification, delivery;
};

struct marker {
    int fd;               /* negative: none, nothing is written */
    struct numbers known; /* as the file says */
    bool went_back;
    struct numbers before; /* the file's, if it went back */
};

void marker_init(struct marker *marker);
void marker_clear(struct marker *marker);

/* Opens or makes the file in the database's directory and compares. Without the file nothing is
 * noticed; that is no failure. 0 or what the verbs return. */
int marker_open(struct store *store);

/* After a commit. */
void marker_write(struct store *store);

#endif
