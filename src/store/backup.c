/* SPDX-License-Identifier: MIT */
#include "store/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "inside.h"

/* The copy as it comes to be, in the directory of its final name. */
struct draft {
    char *directory, *path;
};

static int fail(struct error *error, const char *path, const char *why)
{
    return error_set(error, ERROR_STORE, "%s: %s", path, why);
}

/* SQLite writes into the empty file that mkostemp has made for us alone. */
static int make_draft(struct draft *draft, const char *path, struct error *error)
{
    const char *slash = strrchr(path, '/');
    draft->directory = slash == path ? memory_string("/")
                       : slash       ? memory_copy(path, (size_t)(slash - path))
                                     : memory_string(".");
    draft->path = memory_format("%s.XXXXXX", path);
    int fd = access(path, F_OK) == 0 ? -1 : mkostemp(draft->path, O_CLOEXEC);
    if (fd >= 0)
        return close(fd);
    free(TAKE(draft->path));
    return fail(error, path,
                access(path, F_OK) == 0 ? "is there already; a backup overwrites nothing"
                                        : strerror(errno));
}

/* Whole pages of one snapshot, which the first step takes and keeps to the end. */
static int copy(struct store *store, const char *path, struct error *error)
{
    sqlite3 *db = NULL;
    int code = sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    /* A copy that fails is thrown away: it needs no journal of its own. */
    if (code == SQLITE_OK)
        code = sqlite3_exec(db, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;", NULL, NULL,
                            NULL);
    sqlite3_backup *backup =
        code == SQLITE_OK ? sqlite3_backup_init(db, "main", store->db, "main") : NULL;
    if (backup) {
        code = sqlite3_backup_step(backup, -1);
        (void)sqlite3_backup_finish(backup);
    }
    bool done = backup && code == SQLITE_DONE;
    int r = done ? 0
                 : fail(error, path,
                        code != SQLITE_OK && backup ? sqlite3_errstr(code) : sqlite3_errmsg(db));
    sqlite3_close(db);
    return r;
}

static int sync_path(const char *path, int flags)
{
    int fd = open(path, flags | O_CLOEXEC);
    int r = fd < 0 || fsync(fd) < 0 ? -errno : 0;
    if (fd >= 0)
        close(fd);
    return r;
}

/* Takes the name, unless somebody else has meanwhile; only where a file system knows neither of the
 * two ways to say so, by looking first. */
static int publish(const char *from, const char *to)
{
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return -errno;
    if (link(from, to) == 0)
        return unlink(from) < 0 ? -errno : 0;
    if (errno != EPERM && errno != EOPNOTSUPP)
        return -errno;
    if (access(to, F_OK) == 0)
        return -EEXIST;
    return rename(from, to) < 0 ? -errno : 0;
}

static int keep(const struct draft *draft, const char *path, struct error *error)
{
    int r = sync_path(draft->path, O_RDWR);
    if (r == 0)
        r = publish(draft->path, path);
    if (r == 0)
        r = sync_path(draft->directory, O_RDONLY | O_DIRECTORY);
    return r ? fail(error, path, strerror(-r)) : 0;
}

int store_backup(struct store *store, const char *path, struct error *error)
{
    struct draft draft = {0};
    int r = make_draft(&draft, path, error);
    if (r == 0 && draft.path)
        r = copy(store, draft.path, error);
    if (r == 0 && draft.path)
        r = keep(&draft, path, error);
    if (r && draft.path)
        (void)unlink(draft.path);
    free(draft.directory);
    free(draft.path);
    return r;
}
