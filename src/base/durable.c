/* SPDX-License-Identifier: MIT */
#include "base/durable.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"

/* Return the name of the file during writing. */
static char *draft_of(const char *name)
{
    return memory_format("%s.new", name);
}

static int write_all(int fd, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t written = write(fd, bytes, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return -errno;
        bytes += written;
        size -= (size_t)written;
    }
    return 0;
}

static int give_to_owner(int fd, int directory)
{
    struct stat owner;
    if (geteuid() != 0)
        return 0;
    if (fstat(directory, &owner) < 0 || fchown(fd, owner.st_uid, owner.st_gid) < 0)
        return -errno;
    return 0;
}

static int write_draft(int directory, const char *draft, const void *bytes, size_t size)
{
    (void)unlinkat(directory, draft, 0);
    int fd = openat(directory, draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return -errno;
    int r = give_to_owner(fd, directory);
    if (!r)
        r = write_all(fd, bytes, size);
    if (!r && fsync(fd) < 0)
        r = -errno;
    if (close(fd) < 0 && !r)
        r = -errno;
    return r;
}

int durable_write(const char *directory, const char *name, const void *bytes, size_t size)
{
    AUTOFREE char *draft = draft_of(name);
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    int r = write_draft(fd, draft, bytes, size);
    if (!r && renameat(fd, draft, fd, name) < 0)
        r = -errno;
    if (r)
        (void)unlinkat(fd, draft, 0);
    else if (fsync(fd) < 0)
        r = -errno;
    close(fd);
    return r;
}

/* Open the directory that a path is in. */
static int open_parent(const char *path)
{
    const char *slash = strrchr(path, '/');
    AUTOFREE char *parent =
        slash ? memory_copy(path, (size_t)(slash - path) + 1) : memory_string(".");
    int fd = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

static int give_if_roots(int fd, const char *path)
{
    struct stat info;
    if (geteuid() != 0 || fstat(fd, &info) < 0 || info.st_uid != 0 || !S_ISREG(info.st_mode) ||
        info.st_nlink != 1)
        return 0;
    int parent = open_parent(path);
    int r = parent < 0 ? parent : give_to_owner(fd, parent);
    if (parent >= 0)
        close(parent);
    return r;
}

int durable_open(const char *path, int flags)
{
    int fd = open(path, flags | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return -errno;
    int r = give_if_roots(fd, path);
    if (r == 0)
        return fd;
    close(fd);
    return r;
}

int durable_sync(const char *path, int flags)
{
    int fd = open(path, flags | O_CLOEXEC);
    int r = fd < 0 || fsync(fd) < 0 ? -errno : 0;
    if (fd >= 0)
        close(fd);
    return r;
}

void durable_clean(const char *directory, const char *name)
{
    AUTOFREE char *draft = draft_of(name);
    AUTOFREE char *path = memory_format("%s/%s", directory, draft);
    (void)unlink(path);
}
