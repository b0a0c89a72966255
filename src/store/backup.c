/* SPDX-License-Identifier: MIT */
#include "store/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/disk.h"
#include "base/durable.h"
#include "inside.h"

/* The unfinished copy, in the directory of its final name. */
struct draft {
    char *directory, *path;
};

static int fail(struct error *error, const char *path, const char *why)
{
    return error_set(error, ERROR_STORE, "%s: %s", path, why);
}

/* Make the empty file that SQLite writes into. mkostemp makes it for us alone. */
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

/* Check the room for the copy. It takes as much as the database without its free pages. */
static int check_room(struct store *store, const struct draft *draft, const char *path,
                      struct error *error)
{
    struct disk disk;
    uint64_t bytes, free_bytes;
    if (store_size(store, &bytes, &free_bytes) || disk_look(draft->directory, &disk) < 0)
        return 0; /* the copy itself will show it */
    uint64_t needed = bytes - free_bytes;
    if (disk.free_bytes >= needed)
        return 0;
    return error_set(error, ERROR_STORE,
                     "%s: the file system has %llu MiB free, and the copy needs up to %llu MiB",
                     path, (unsigned long long)(disk.free_bytes >> 20),
                     (unsigned long long)(needed >> 20) + 1);
}

/* Build the database again from its rows as they are at one moment. Unlike a copy of the pages, the
 * result has no removed data (https://sqlite.org/lang_vacuum.html). */
static int copy(struct store *store, const char *path, struct error *error)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(store->db, "VACUUM INTO ?", -1, &statement, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_bind_text(statement, 1, path, -1, SQLITE_STATIC);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    int r = code == SQLITE_DONE ? 0 : fail(error, path, sqlite3_errmsg(store->db));
    sqlite3_finalize(statement);
    return r;
}

/* Give the copy its final name, unless another file has it meanwhile. If the file system supports
 * neither of the two safe ways, look first, then rename. */
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
    int r = durable_sync(draft->path, O_RDWR);
    if (r == 0)
        r = publish(draft->path, path);
    if (r == 0)
        r = durable_sync(draft->directory, O_RDONLY | O_DIRECTORY);
    return r ? fail(error, path, strerror(-r)) : 0;
}

int store_backup(struct store *store, const char *path, struct error *error)
{
    struct draft draft = {0};
    int r = make_draft(&draft, path, error);
    if (r == 0 && draft.path)
        r = check_room(store, &draft, path, error);
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
