/* SPDX-License-Identifier: MIT */
#ifndef STORE_PLACE_H
#define STORE_PLACE_H

#include <sys/types.h>

#include "store/store.h"

/*
 * Whether the files that the daemon has open are still those at their path. An open file outlives
 * its name: what is committed into it then returns with no error and is gone with the process.
 * Reasons: docs/decisions/0025-place-of-the-store.md. For STORE_DAEMON only.
 */
enum store_loss {
    STORE_IN_PLACE,
    STORE_REMOVED,     /* the database was deleted, and nothing stands in its place */
    STORE_REPLACED,    /* the database was deleted, and another file stands in its place */
    STORE_MOVED,       /* it exists, but not at its path: moved, or something is mounted over it */
    STORE_OVERWRITTEN, /* another program has written into the database, past its log */
    STORE_LOG_LOST,    /* only the log (-wal) or its index (-shm) is gone */
};

/* Compares device and inode of the open files with their paths, and looks if somebody else has
 * written into the database. 0, or STORE_LOST with the reason in store_why; once lost it stays so.
 * Costs three stat(2). */
int store_look(struct store *store);

/* What store_look has found. */
enum store_loss store_loss(const struct store *store);

/* After STORE_LOST: brings the contents of the open files to a place where the next start, or an
 * administrator, finds them.
 * STORE_REMOVED: a new database at the path; where its directory is gone and cannot be made, a
 * copy in `spare` (NULL: there is none). STORE_REPLACED and STORE_OVERWRITTEN: a copy beside the
 * file, which is left as it is; the log, which does not belong to that file, is removed.
 * STORE_MOVED and STORE_LOG_LOST: the log is written into the database.
 * 0 and the database that holds everything in *ret_path (the caller's; NULL: it was overwritten and
 * cannot be read any more); else what the verbs return, or -EIO, with the reason in *error. It may
 * be called again. */
int store_save(struct store *store, const char *spare, char **ret_path, struct error *error);

/* The process that holds the write lock of the store, 0 if none does or it is not known. */
pid_t store_writer(const struct store *store);

/* The same while this process has no store open there: it would lose its own locks (fcntl(2)). */
pid_t store_writer_in(const char *directory);

#endif
