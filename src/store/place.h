/* SPDX-License-Identifier: MIT */
#ifndef STORE_INSIDE_PLACE_H
#define STORE_INSIDE_PLACE_H

#include <sys/stat.h>

#include "store/place.h"

/* Which file, wherever its name is. */
struct file_id {
    dev_t device;
    ino_t inode;
};

/* What changes in the log's index whenever SQLite writes into the database. */
struct backfill {
    uint32_t salts[2], done, attempted;
};

/* The files of an open store. The descriptors stay open as long as SQLite's: closing one would drop
 * every lock that SQLite holds on the file (fcntl(2)). */
struct place {
    bool known; /* false: nothing is compared */
    int database_fd, index_fd;
    char *log, *index; /* paths */
    struct file_id database, log_id, index_id;
    struct timespec written; /* the database, when it was right last */
    off_t size;
    struct backfill backfill;
    enum store_loss loss;
};

void place_init(struct place *place);

/* Remembers the files that were just opened. 0 or what the verbs return. */
int place_learn(struct store *store);

/* After a checkpoint of our own, whether it worked or not. */
void place_written(struct store *store);

/* Closes the descriptors; after SQLite has closed its own. */
void place_clear(struct place *place);

/* Whether the path leads to this file. */
bool place_is_at(const struct file_id *id, const char *path);

#endif
