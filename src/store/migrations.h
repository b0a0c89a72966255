/* SPDX-License-Identifier: MIT */
#ifndef STORE_MIGRATIONS_H
#define STORE_MIGRATIONS_H

#include <sqlite3.h>
#include <stdint.h>

/* "DckB" in the file's header: the database is ours. */
#define MIGRATIONS_APPLICATION_ID 0x44636b42

/* The layout that this program writes; PRAGMA user_version says which one a file has. */
int64_t migrations_newest(void);

/* Brings a database from `version` to the newest inside the caller's transaction. An SQLite code.
 */
int migrations_run(sqlite3 *db, int64_t version);

#endif
