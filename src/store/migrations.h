/* SPDX-License-Identifier: MIT */
#ifndef SRC_STORE_MIGRATIONS_H
#define SRC_STORE_MIGRATIONS_H

#include <sqlite3.h>
#include <stdint.h>

/* "DckB" in the file's header: the database is ours. */
#define MIGRATIONS_APPLICATION_ID 0x44636b42

/* Return the layout that this program writes. PRAGMA user_version is the layout of a file. */
int64_t migrations_newest(void);

/* Bring a database from `version` to the newest layout, inside the caller's transaction. Return an
 * SQLite code. */
int migrations_run(sqlite3 *db, int64_t version);

#endif
