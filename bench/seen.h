/* SPDX-License-Identifier: MIT */
#ifndef BARE_SEEN_H
#define BARE_SEEN_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>

/* The least durable dedupe: one table of ids, one transaction for each receive (WAL,
 * synchronous=FULL). Ends the process when SQLite fails. */
struct seen {
    sqlite3 *db;
    sqlite3_stmt *begin, *insert, *commit;
};

void seen_open(struct seen *seen, const char *path);
void seen_begin(struct seen *seen);
/* Whether the id is new. */
bool seen_add(struct seen *seen, const char *id, size_t size);
void seen_commit(struct seen *seen);
void seen_close(struct seen *seen);

#endif
