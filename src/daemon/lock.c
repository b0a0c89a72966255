/* SPDX-License-Identifier: MIT */
#include "daemon/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"

/* The whole file; open file description locks want a pid of 0. */
static struct flock whole(void)
{
    return (struct flock){.l_type = F_WRLCK, .l_whence = SEEK_SET};
}

/* The pid that the file names, 0 when it names none. */
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

int lock_take(const char *directory, int *ret_fd, pid_t *ret_other)
{
    AUTOFREE char *path = memory_format("%s/" LOCK_FILE, directory);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600), r = 0;
    if (fd < 0)
        return -errno;
    struct flock lock = whole();
    if (fcntl(fd, F_OFD_SETLK, &lock) == 0) {
        r = write_pid(fd);
    } else if (errno == EAGAIN || errno == EACCES) {
        *ret_other = read_pid(fd);
        r = 1;
    } else {
        r = -errno;
    }
    if (r == 0)
        *ret_fd = fd;
    else
        close(fd);
    return r;
}

pid_t lock_holder(const char *directory)
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
