/* SPDX-License-Identifier: MIT */
#include "query.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/disk.h"
#include "base/trace.h"
#include "inside.h"
#include "permission.h"

struct query query_start(struct store *store, enum statement which)
{
    struct query query = {.store = store};
    if (!store->statements[which])
        query.code = sqlite3_prepare_v3(store->db, statement_sql[which], -1,
                                        SQLITE_PREPARE_PERSISTENT, &store->statements[which], NULL);
    query.statement = store->statements[which];
    return query;
}

void query_end(struct query *query)
{
    if (query->statement)
        sqlite3_reset(query->statement);
}

static void bound(struct query *query, int code)
{
    if (code != SQLITE_OK && query->code == SQLITE_OK)
        query->code = code;
}

void query_number(struct query *query, int64_t number)
{
    bound(query, sqlite3_bind_int64(query->statement, ++query->parameter, number));
}

void query_number_or_null(struct query *query, int64_t number)
{
    if (number)
        query_number(query, number);
    else
        bound(query, sqlite3_bind_null(query->statement, ++query->parameter));
}

void query_text(struct query *query, const char *text)
{
    bound(query, sqlite3_bind_text(query->statement, ++query->parameter, text, -1, SQLITE_STATIC));
}

void query_bytes(struct query *query, const void *bytes, size_t size)
{
    bound(query,
          sqlite3_bind_blob64(query->statement, ++query->parameter, bytes, size, SQLITE_STATIC));
}

/* After some failures, for example a full disk or missing memory, SQLite rolls the transaction back
 * by itself (sqlite.org/lang_transaction.html, 3.1). A statement after that would be a transaction
 * of its own, and would stay. */
static bool has_lost_transaction(const struct store *store)
{
    return store->begun && sqlite3_get_autocommit(store->db);
}

int query_step(struct query *query, bool *ret_row)
{
    *ret_row = false;
    query->column = 0;
    if (has_lost_transaction(query->store))
        return query->store->failure ? query->store->failure : STORE_FAILED;
    if (query->code == SQLITE_OK) {
        int code = sqlite3_step(query->statement);
        *ret_row = code == SQLITE_ROW;
        if (code == SQLITE_ROW || code == SQLITE_DONE)
            return 0;
        query->code = code;
    }
    return query_failure(query->store, query->code);
}

int query_run(struct query *query)
{
    bool row;
    return query_step(query, &row);
}

struct query *query_at(struct query *query, int column)
{
    query->column = column;
    return query;
}

int64_t query_get_number(struct query *query)
{
    return sqlite3_column_int64(query->statement, query->column++);
}

int query_collect(struct query *q, int64_t **ret_ids, size_t *ret_count)
{
    *ret_ids = NULL;
    *ret_count = 0;
    for (;;) {
        bool row;
        int r = query_step(q, &row);
        if (r || !row)
            return r;
        if ((*ret_count & (*ret_count - 1)) == 0)
            *ret_ids = memory_resize(*ret_ids, *ret_count ? *ret_count * 2 : 1, sizeof(**ret_ids));
        (*ret_ids)[(*ret_count)++] = query_get_number(q);
    }
}

const char *query_get_text(struct query *query)
{
    return (const char *)sqlite3_column_text(query->statement, query->column++);
}

const void *query_get_bytes(struct query *query, size_t *ret_size)
{
    int column = query->column++;
    const void *bytes = sqlite3_column_blob(query->statement, column);
    *ret_size = (size_t)sqlite3_column_bytes(query->statement, column);
    return bytes;
}

/* SQLite's files beside the database take at least this many bytes. With less room, it cannot be
 * opened. */
#define OPEN_BYTES 65536

/* Whether the disk is full. When there is no room for the log's index, SQLite has no errno. */
static bool disk_is_full(const struct store *store)
{
    struct disk disk;
    AUTOFREE char *directory =
        memory_copy(store->path, (size_t)(strrchr(store->path, '/') - store->path));
    return disk_look(directory, &disk) == 0 && !disk.read_only && disk.free_bytes < OPEN_BYTES;
}

/* Whether a file of the store has reached RLIMIT_FSIZE. SQLite does not keep the errno of that. */
static bool is_too_large(const struct store *store)
{
    static const char *const ends[] = {"", "-wal"};
    struct rlimit limit;
    if (getrlimit(RLIMIT_FSIZE, &limit) < 0 || limit.rlim_cur == RLIM_INFINITY)
        return false;
    for (size_t i = 0; i < ELEMENTS(ends); i++) {
        struct stat info;
        AUTOFREE char *path = memory_format("%s%s", store->path, ends[i]);
        if (stat(path, &info) == 0 && (rlim_t)info.st_size + OPEN_BYTES > limit.rlim_cur)
            return true;
    }
    return false;
}

static bool is_of_the_disk(int code)
{
    return (code & 0xff) == SQLITE_IOERR || (code & 0xff) == SQLITE_CANTOPEN;
}

/* Whether an I/O error comes from a full disk, an exhausted quota, or a limit of the file's size.
 * Such an error ends when there is room again. */
static bool is_out_of_space(struct store *store, int code)
{
    if ((code & 0xff) == SQLITE_FULL)
        return true;
    if (!is_of_the_disk(code))
        return false;
    int number = store->db ? sqlite3_system_errno(store->db) : 0;
    if (number == ENOSPC || number == EDQUOT || number == EFBIG)
        return true;
    return number != EROFS && number != EACCES && number != EPERM &&
           (disk_is_full(store) || is_too_large(store));
}

static bool is_read_only(struct store *store, int code)
{
    return is_of_the_disk(code) && store->db && sqlite3_system_errno(store->db) == EROFS;
}

static int result_of(struct store *store, int code)
{
    if (is_out_of_space(store, code))
        return STORE_FULL;
    if (is_read_only(store, code))
        return STORE_READONLY;
    switch (code & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return 0;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return STORE_BUSY;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return STORE_CORRUPT;
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
        return STORE_READONLY;
    default:
        return STORE_FAILED;
    }
}

int query_failure(struct store *store, int code)
{
    int result = result_of(store, code);
    if (!result)
        return 0;
    store->failure = result;
    /* After a failed step, the connection's message fits the code. Otherwise, take the code's
     * message. */
    bool fits = store->db && (sqlite3_extended_errcode(store->db) & 0xff) == (code & 0xff);
    free(store->why);
    store->why = result == STORE_READONLY ? permission_explain(store->path) : NULL;
    if (!store->why)
        store->why = memory_format("%s: %s", store->path,
                                   fits ? sqlite3_errmsg(store->db) : sqlite3_errstr(code));
    TRACE("SQLite result %d: %s", code, store->why);
    return result;
}
