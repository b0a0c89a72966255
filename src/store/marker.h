/* SPDX-License-Identifier: MIT */
#ifndef SRC_STORE_MARKER_H
#define SRC_STORE_MARKER_H

#include "store/store.h"

/*
 * The highest numbers that were ever committed, in a small file beside the database. If the log is
 * gone or cut off, or the database is an older copy, it opens without an error and has lower
 * numbers: the store went back. The file is written after each commit and not synced: it can be
 * behind the database, never ahead of it.
 */
#define MARKER_FILE "numbers"

struct numbers {
    int64_t sequence, notification, delivery;
};

struct marker {
    int fd;               /* negative: no file, nothing is written */
    struct numbers known; /* as in the file */
    bool went_back;
    struct numbers before; /* the file's numbers, if the store went back */
};

/* Prepare a marker without a file. */
void marker_init(struct marker *marker);
/* Close the file, if there is one. */
void marker_clear(struct marker *marker);

/* Open or create the file in the database's directory, and compare it with the numbers that the
 * last store_begin has read. If it cannot be opened, nothing is noticed; that is no failure. */
void marker_open(struct store *store);

/* Write the numbers, after a commit. */
void marker_write(struct store *store);

#endif
