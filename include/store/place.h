/* SPDX-License-Identifier: MIT */
#ifndef STORE_PLACE_H
#define STORE_PLACE_H

#include <sys/types.h>

#include "store/store.h"

/*
 * Whether the files that the daemon has open are still those at their paths. An open file outlives
 * its name: a commit into it then returns no error, and is lost when the process ends. Reasons:
 * docs/decisions/0025-place-of-the-store.md. For STORE_DAEMON only.
 */
enum store_loss {
    STORE_IN_PLACE,
    STORE_REMOVED,     /* the database was deleted, and no file is in its place */
    STORE_REPLACED,    /* the database was deleted, and another file is in its place */
    STORE_MOVED,       /* it exists, but not at its path: moved, or something is mounted over it */
    STORE_OVERWRITTEN, /* another program has written into the database, past its log */
    STORE_LOG_LOST,    /* only the log (-wal) or its index (-shm) is gone */
};

/* Compare device and inode of the open files with their paths, and check whether somebody else has
 * written into the database. 0, or STORE_LOST with the reason in store_why. A store that is lost
 * stays lost. Costs three stat(2). */
int store_look(struct store *store);

/* Return the last result of store_look. */
enum store_loss store_loss(const struct store *store);

/* After STORE_LOST: bring the contents of the open files to a place where the next start, or an
 * administrator, finds them.
 * STORE_REMOVED: a new database at the path. If its directory is gone and cannot be made, a copy in
 * `spare` (NULL: there is none).
 * STORE_REPLACED and STORE_OVERWRITTEN: a copy beside the file, which is left as it is. The log is
 * removed, because it does not belong to that file.
 * STORE_MOVED and STORE_LOG_LOST: the log is written into the database.
 * Return 0 and the path of the database that holds everything in *ret_path (owned by the caller;
 * NULL: it was overwritten and cannot be read any more). Else the result of a verb, or -EIO, with
 * the reason in *error. It may be called again. */
int store_save(struct store *store, const char *spare, char **ret_path, struct error *error);

/* Return the process that holds the write lock of the store; 0: none does, or it is not known. */
pid_t store_writer(const struct store *store);

/* The same for a directory, while this process has no store open there. Otherwise the process would
 * lose its own locks (fcntl(2)). */
pid_t store_writer_in(const char *directory);

#endif
