/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/durable.h"
#include "inside.h"
#include "migrations.h"

/* While opening, even the daemon waits: another process may be creating or recovering the file. It
 * waits for a shorter time, because it tries again (daemon/open_store.c). */
#define DAEMON_OPEN_BUSY_MS  3000
#define COMMAND_OPEN_BUSY_MS 10000
#define DAEMON_BUSY_MS       50
#define COMMAND_BUSY_MS      10000

/* Statements, cursors and rows consist of small, short-lived pieces. If the connection has memory
 * of its own for them, they need no malloc. Debian builds SQLite without. */
#define SMALL_SIZE  1200
#define SMALL_COUNT 100

/* A checkpoint that empties the log cuts it to this size. */
#define LOG_KEPT "67108864"

/* Create a fresh file with permissions for us alone. Its name is on disk before anything in it
 * counts. */
static int create_file(const char *directory, const char *path)
{
    int file = durable_open(path, O_EXCL | O_WRONLY);
    if (file < 0)
        return file == -EEXIST ? 0 : file;
    int r = fsync(file) < 0 ? -errno : 0;
    close(file);
    return r ? r : durable_sync(directory, O_RDONLY | O_DIRECTORY);
}

static int result_of_errno(int number)
{
    switch (number) {
    case ENOSPC:
    case EDQUOT:
        return STORE_FULL;
    case EACCES:
    case EPERM:
    case EROFS:
        return STORE_READONLY;
    case ENOENT:
    case ENOTDIR:
        return STORE_MISSING;
    default:
        return STORE_FAILED;
    }
}

/* Check that there is a file to open. The daemon creates one. */
static int find_file(struct store *store, const char *directory)
{
    if (store->mode == STORE_DAEMON) {
        int r = create_file(directory, store->path);
        if (r < 0)
            return store_say(store, result_of_errno(-r), "cannot create %s: %s", store->path,
                             strerror(-r));
        return 0;
    }
    if (access(store->path, F_OK) == 0)
        return 0;
    if (result_of_errno(errno) == STORE_MISSING)
        return store_say(store, STORE_MISSING, "there is no store at %s yet", store->path);
    return store_say(store, STORE_READONLY, "cannot reach %s: %s", store->path, strerror(errno));
}

static int run(struct store *store, const char *sql)
{
    return query_failure(store, sqlite3_exec(store->db, sql, NULL, NULL, NULL));
}

/* Read one number from a PRAGMA or SELECT. */
static int ask(struct store *store, const char *sql, int64_t *ret)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    *ret = code == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
    if (code == SQLITE_ROW)
        code = SQLITE_OK;
    int r = query_failure(store, code);
    sqlite3_finalize(statement);
    return r;
}

/* Return 0 if the file has this layout or an older one. */
static int look_at_version(struct store *store, int64_t *ret_version)
{
    int64_t tables, application;
    int r = ask(store, "SELECT count(*) FROM sqlite_schema", &tables);
    if (r == 0)
        r = ask(store, "PRAGMA application_id", &application);
    if (r == 0)
        r = ask(store, "PRAGMA user_version", ret_version);
    if (r)
        return r;
    if (tables && application != MIGRATIONS_APPLICATION_ID)
        return store_say(store, STORE_CORRUPT, "%s is a database of another program", store->path);
    if (*ret_version > migrations_newest())
        return store_say(store, STORE_NEWER,
                         "%s was written by a later version of Dockbell (layout %lld, this one "
                         "knows %lld); install that version again",
                         store->path, (long long)*ret_version, (long long)migrations_newest());
    return 0;
}

/* Migrate, after another look under the lock: two processes may have found the same old file. */
static int migrate(struct store *store)
{
    int64_t version;
    int r = run(store, "BEGIN IMMEDIATE");
    if (r)
        return r;
    r = look_at_version(store, &version);
    if (r == 0 && version < migrations_newest())
        r = query_failure(store, migrations_run(store->db, version));
    if (r == 0)
        r = run(store, "COMMIT");
    if (r)
        sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
    return r;
}

static int check_version(struct store *store)
{
    int64_t version;
    int r = look_at_version(store, &version);
    if (r || version == migrations_newest())
        return r;
    if (store->mode == STORE_DAEMON)
        return migrate(store);
    if (version == 0)
        return store_say(store, STORE_MISSING, "there is no store at %s yet", store->path);
    return store_say(store, STORE_OLDER,
                     "%s was written by an earlier version of Dockbell. Start the daemon once; it "
                     "migrates the store",
                     store->path);
}

/* Log transactions in a write-ahead log. Fail if the file cannot have one. */
static int enter_wal(struct store *store)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(store->db, "PRAGMA journal_mode = WAL", -1, &statement, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    bool wal =
        code == SQLITE_ROW && strcmp((const char *)sqlite3_column_text(statement, 0), "wal") == 0;
    int r = code == SQLITE_ROW ? 0 : query_failure(store, code);
    sqlite3_finalize(statement);
    if (r == 0 && !wal)
        r = store_say(store, STORE_FAILED,
                      "%s cannot have a write-ahead log; put the state directory on a local disk",
                      store->path);
    return r;
}

/* Set page size and auto_vacuum of a new file. They take effect only before the first page is
 * written, and on an old file they would write. */
static int shape(struct store *store)
{
    int64_t pages;
    int r = ask(store, "PRAGMA page_count", &pages);
    if (r || pages)
        return r;
    return run(store, "PRAGMA page_size = 4096; PRAGMA auto_vacuum = INCREMENTAL;");
}

/* Set up the connection. A file that is not ours to write is only looked at. */
static int set_up(struct store *store)
{
    int64_t version;
    int r = look_at_version(store, &version);
    if (r == 0 && store->mode == STORE_DAEMON)
        r = shape(store);
    if (r == 0 && store->mode == STORE_DAEMON)
        r = enter_wal(store);
    if (r == 0)
        r = run(store, "PRAGMA synchronous = FULL; PRAGMA cache_size = -8000;"
                       "PRAGMA secure_delete = FAST; PRAGMA temp_store = MEMORY;"
                       "PRAGMA journal_size_limit = " LOG_KEPT ";");
    if (r == 0)
        r = check_version(store);
    return r;
}

static int on_commit(void *userdata, sqlite3 *db, const char *schema, int pages)
{
    struct store *store = userdata;
    store->log_pages = pages;
    if (pages < STORE_LOG_PAGES_MAX || store_look(store))
        return SQLITE_OK;
    store->checkpoints++;
    sqlite3_wal_checkpoint_v2(db, schema, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    place_written(store);
    return SQLITE_OK;
}

/* Run nothing that the file's schema names: root's commands open a file that the daemon's user can
 * write. */
static void distrust(sqlite3 *db)
{
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
}

/* The numbers that it compares are read at a begin. */
static int open_marker(struct store *store)
{
    int r = store_begin(store);
    if (r)
        return r;
    store_rollback(store);
    marker_open(store);
    return 0;
}

static int open_database(struct store *store, const char *directory)
{
    int flags = store->mode == STORE_READER ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
    int r = find_file(store, directory);
    if (r)
        return r;
    int code = sqlite3_open_v2(store->path, &store->db,
                               flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
    if (code != SQLITE_OK)
        return query_failure(store, code);
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_LOOKASIDE, NULL, SMALL_SIZE, SMALL_COUNT);
    distrust(store->db);
    sqlite3_busy_timeout(store->db,
                         store->mode == STORE_DAEMON ? DAEMON_OPEN_BUSY_MS : COMMAND_OPEN_BUSY_MS);
    r = set_up(store);
    if (r == 0 && store->mode == STORE_DAEMON)
        r = place_learn(store);
    if (r)
        return r;
    sqlite3_wal_hook(store->db, on_commit, store);
    sqlite3_busy_timeout(store->db, store->mode == STORE_DAEMON ? DAEMON_BUSY_MS : COMMAND_BUSY_MS);
    store->removed = true;  /* the log may hold data that an earlier process removed */
    store->doubtful = true; /* read at the first store_begin */
    if (delays_load(store)) /* now, for callers that ask for the time first; or at store_begin */
        store->delays.known = false;
    return store->mode == STORE_DAEMON ? open_marker(store) : 0;
}

int store_open(struct store **ret, const char *directory, enum store_mode mode, struct error *error)
{
    /* This works only before SQLite's first use in the process. Later it fails and changes
     * nothing. */
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    struct store *store = NEW(struct store);
    store->mode = mode;
    dedupe_init(&store->dedupe);
    place_init(&store->place);
    marker_init(&store->marker);
    store->path = memory_format("%s/%s", directory, STORE_FILE);
    int r = open_database(store, directory);
    if (r) {
        error_set(error, ERROR_STORE, "%s", store_why(store));
        store_free(store);
        return r;
    }
    *ret = store;
    return 0;
}

void store_free(struct store *store)
{
    if (!store)
        return;
    for (size_t i = 0; i < STATEMENTS; i++)
        sqlite3_finalize(store->statements[i]);
    /* SQLite would end by writing into, and deleting, files that may belong to others now. */
    if (store_loss(store))
        sqlite3_db_config(store->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    sqlite3_close(store->db);
    place_clear(&store->place);
    marker_clear(&store->marker);
    names_clear(&store->names);
    fresh_clear(&store->fresh);
    superseded_clear(&store->superseded);
    dedupe_clear(&store->dedupe);
    lane_filters_clear(&store->lane_filters);
    counts_clear(&store->counts);
    webhooks_clear(&store->webhooks);
    store_keys_clear(&store->seals.keys);
    free(store->path);
    free(store->why);
    free(store);
}
