/* SPDX-License-Identifier: MIT */
#ifndef SRC_STORE_PLACE_H
#define SRC_STORE_PLACE_H

#include <sys/stat.h>

#include "store/place.h"

/* The identity of a file, whatever its name. */
struct file_id {
    dev_t device;
    ino_t inode;
};

/* The fields of the log's index that change whenever SQLite writes into the database. */
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
    struct timespec written; /* of the database, when it was right last */
    off_t size;
    struct backfill backfill;
    enum store_loss loss;
};

/* Prepare a place without files. */
void place_init(struct place *place);

/* Remember the files that were just opened. A store_result. */
int place_learn(struct store *store);

/* Remember the database's state after a checkpoint of our own, whether it worked or not. */
void place_written(struct store *store);

/* Close the descriptors, after SQLite has closed its own. */
void place_clear(struct place *place);

/* Whether the path leads to this file. */
bool place_is_at(const struct file_id *id, const char *path);

#endif
