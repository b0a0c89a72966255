/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/durable.h"
#include "base/memory.h"
#include "store/backup.h"

/* Give the new database to the user of the old one, whichever user runs the command. That user can
 * write the directory, so root must not follow a link that stands in the draft's place. */
static int give(const char *path, const struct stat *owner)
{
    struct stat draft;
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    int r = fstat(fd, &draft) < 0 ? -errno : 0;
    if (r == 0 && (!S_ISREG(draft.st_mode) || draft.st_nlink != 1))
        r = -EMLINK;
    if (r == 0 && (fchown(fd, owner->st_uid, owner->st_gid) < 0 ||
                   fchmod(fd, owner->st_mode & 07777) < 0 || fsync(fd) < 0))
        r = -errno;
    close(fd);
    return r;
}

/* Put the draft in the place of the old file. If another command reads the old file, that would
 * keep the old log, which the new file must not find. */
static int take_place(const char *directory, const char *draft, const char *path,
                      const struct stat *owner)
{
    AUTOFREE char *log = memory_format("%s-wal", path);
    if (access(log, F_OK) == 0)
        return -EBUSY;
    int r = give(draft, owner);
    if (r == 0 && rename(draft, path) < 0)
        r = -errno;
    return r ? r : durable_sync(directory, O_RDONLY | O_DIRECTORY);
}

static int build(const char *directory, const char *draft, struct error *error)
{
    struct store *store = NULL;
    int r = store_open(&store, directory, STORE_COMMAND, error);
    if (r == 0)
        r = store_backup(store, draft, error);
    store_free(store);
    return r;
}

/* Remove the drafts of runs that were killed: store_backup gives each of them another end of its
 * name. */
static void remove_drafts(const char *directory)
{
    static const char name[] = STORE_FILE ".clean";
    DIR *stream = opendir(directory);
    const struct dirent *entry;
    while (stream && (entry = readdir(stream)) != NULL)
        if (strncmp(entry->d_name, name, sizeof(name) - 1) == 0)
            (void)unlinkat(dirfd(stream), entry->d_name, 0);
    if (stream)
        closedir(stream);
}

int store_clean(const char *directory, uint64_t *ret_before, uint64_t *ret_after,
                struct error *error)
{
    AUTOFREE char *path = memory_format("%s/" STORE_FILE, directory);
    AUTOFREE char *draft = memory_format("%s.clean", path);
    struct stat before, after;
    if (stat(path, &before) < 0)
        return error_set(error, ERROR_STORE, "%s: %s", path, strerror(errno));
    remove_drafts(directory);
    int r = build(directory, draft, error);
    if (r)
        return r;
    r = stat(draft, &after) < 0 ? -errno : take_place(directory, draft, path, &before);
    if (r) {
        (void)unlink(draft);
        return error_set(error, ERROR_STORE, "%s: %s", path,
                         r == -EBUSY
                             ? "another command reads the store; try again when it has ended"
                             : strerror(-r));
    }
    *ret_before = (uint64_t)before.st_size;
    *ret_after = (uint64_t)after.st_size;
    return 0;
}
