/* SPDX-License-Identifier: MIT */
#include "seen.h"

#include <stdio.h>
#include <stdlib.h>

static void need(const struct seen *seen, int result, int wanted)
{
    if (result == wanted)
        return;
    fprintf(stderr, "bench-bare: sqlite: %s\n", sqlite3_errmsg(seen->db));
    exit(1);
}

static void step(struct seen *seen, sqlite3_stmt *statement)
{
    need(seen, sqlite3_step(statement), SQLITE_DONE);
    sqlite3_reset(statement);
}

void seen_open(struct seen *seen, const char *path)
{
    need(seen, sqlite3_open(path, &seen->db), SQLITE_OK);
    need(seen,
         sqlite3_exec(seen->db,
                      "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-8000;"
                      "CREATE TABLE seen(id TEXT PRIMARY KEY) WITHOUT ROWID;",
                      NULL, NULL, NULL),
         SQLITE_OK);
    sqlite3_prepare_v2(seen->db, "BEGIN IMMEDIATE", -1, &seen->begin, NULL);
    sqlite3_prepare_v2(seen->db, "COMMIT", -1, &seen->commit, NULL);
    need(seen,
         sqlite3_prepare_v2(seen->db, "INSERT OR IGNORE INTO seen VALUES(?)", -1, &seen->insert,
                            NULL),
         SQLITE_OK);
}

void seen_begin(struct seen *seen)
{
    step(seen, seen->begin);
}

bool seen_add(struct seen *seen, const char *id, size_t size)
{
    sqlite3_bind_text(seen->insert, 1, id, (int)size, SQLITE_STATIC);
    step(seen, seen->insert);
    return sqlite3_changes(seen->db) == 1;
}

void seen_commit(struct seen *seen)
{
    step(seen, seen->commit);
}

void seen_close(struct seen *seen)
{
    sqlite3_finalize(seen->begin);
    sqlite3_finalize(seen->insert);
    sqlite3_finalize(seen->commit);
    sqlite3_close(seen->db);
}
