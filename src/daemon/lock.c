/* SPDX-License-Identifier: MIT */
#include "daemon/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/durable.h"
#include "base/memory.h"
#include "base/text.h"

/* Pause between two tries to lock the directory. */
#define PAUSE_MS 20

/* Return a lock of the whole file. Open file description locks need a pid of 0. */
static struct flock whole(void)
{
    return (struct flock){.l_type = F_WRLCK, .l_whence = SEEK_SET};
}

/* Return the pid in the file; 0: it contains none. */
static pid_t read_pid(int fd)
{
    char digits[16] = "";
    uint64_t pid = 0;
    ssize_t size = pread(fd, digits, sizeof(digits) - 1, 0);
    digits[size > 0 ? strcspn(digits, "\n") : 0] = '\0';
    return text_to_u64(digits, &pid) == 0 && pid <= INT32_MAX ? (pid_t)pid : 0;
}

static int write_pid(int fd)
{
    char line[16];
    int size = snprintf(line, sizeof(line), "%d\n", (int)getpid());
    if (ftruncate(fd, 0) < 0 || pwrite(fd, line, (size_t)size, 0) != size)
        return -errno;
    return 0;
}

/* ---- the directory ---- */

/* Lock the directory. 0; 1 if another process has the lock; or a negative errno. */
static int lock_directory(int fd, int operation)
{
    if (flock(fd, operation | LOCK_NB) == 0)
        return 0;
    return errno == EWOULDBLOCK ? 1 : -errno;
}

static int open_directory(const char *directory)
{
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

/* Take the directory's lock. It is tried for a while, because lock_holder takes it for a moment. */
static int take_directory(int fd)
{
    int r = lock_directory(fd, LOCK_EX);
    for (unsigned waited = 0; r == 1 && waited < LOCK_WAIT_MS; waited += PAUSE_MS) {
        poll(NULL, 0, PAUSE_MS);
        r = lock_directory(fd, LOCK_EX);
    }
    return r == 1 ? 1 : 0; /* a file system without such locks: the lock of the file is enough */
}

/* ---- the file ---- */

static int take_file(const char *directory, int *ret_fd, pid_t *ret_other)
{
    AUTOFREE char *path = memory_format("%s/" LOCK_FILE, directory);
    int fd = durable_open(path, O_RDWR), r = 0;
    if (fd < 0)
        return fd;
    *ret_fd = fd;
    struct flock lock = whole();
    if (fcntl(fd, F_OFD_SETLK, &lock) == 0) {
        r = write_pid(fd);
        return r == -ENOSPC || r == -EDQUOT ? 0 : r;
    }
    if (errno != EAGAIN && errno != EACCES)
        return -errno;
    *ret_other = read_pid(fd);
    return 1;
}

static pid_t file_holder(const char *directory)
{
    AUTOFREE char *path = memory_format("%s/" LOCK_FILE, directory);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return errno == ENOENT || errno == ENOTDIR ? 0 : -1;
    struct flock lock = whole();
    pid_t pid = -1;
    if (fcntl(fd, F_OFD_GETLK, &lock) == 0) {
        pid_t named = read_pid(fd);
        pid = lock.l_type == F_UNLCK ? 0 : named ? named : -1;
    }
    close(fd);
    return pid;
}

/* ---- both ---- */

int lock_take(const char *directory, struct lock *ret, pid_t *ret_other)
{
    *ret = LOCK_NONE;
    *ret_other = 0;
    int r = open_directory(directory);
    if (r < 0)
        return r;
    ret->directory_fd = r;
    r = take_directory(ret->directory_fd);
    if (r == 0)
        r = take_file(directory, &ret->file_fd, ret_other);
    else
        *ret_other = file_holder(directory);
    if (*ret_other < 0)
        *ret_other = 0;
    if (r)
        lock_drop(ret);
    return r;
}

void lock_keep(const char *directory, struct lock *lock)
{
    AUTOFREE char *path = memory_format("%s/" LOCK_FILE, directory);
    pid_t other;
    int fd = -1;
    if (access(path, F_OK) == 0 || errno != ENOENT)
        return;
    if (take_file(directory, &fd, &other) == 0) {
        close(lock->file_fd);
        lock->file_fd = fd;
    } else if (fd >= 0) {
        close(fd);
    }
}

void lock_drop(struct lock *lock)
{
    if (lock->file_fd >= 0)
        close(lock->file_fd);
    if (lock->directory_fd >= 0)
        close(lock->directory_fd);
    *lock = LOCK_NONE;
}

/* Return -1 if somebody has the directory's lock. Needed if nobody has the file's: the file may
 * have been deleted. */
static pid_t directory_holder(const char *directory)
{
    int fd = open_directory(directory);
    if (fd < 0)
        return fd == -ENOENT || fd == -ENOTDIR ? 0 : -1;
    int r = lock_directory(fd, LOCK_SH);
    close(fd);
    return r == 1 ? -1 : 0;
}

pid_t lock_holder(const char *directory)
{
    pid_t pid = file_holder(directory);
    return pid ? pid : directory_holder(directory);
}
