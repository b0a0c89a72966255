/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <unistd.h>

#include "inside.h"

/* The byte of the log's index that a writer locks (sqlite.org/walformat.html, 2.3.3: 120 is
 * WAL_WRITE_LOCK). */
#define WRITE_LOCK_BYTE 120

/* Return the process that holds the write lock; 0: none. Locks of our own process do not count:
 * fcntl(2) shows only those that would keep us waiting. */
static pid_t holder_of(int index_fd)
{
    struct flock lock = {
        .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = WRITE_LOCK_BYTE, .l_len = 1};
    if (index_fd < 0 || fcntl(index_fd, F_GETLK, &lock) < 0 || lock.l_type == F_UNLCK)
        return 0;
    return lock.l_pid > 0 ? lock.l_pid : 0;
}

pid_t store_writer(const struct store *store)
{
    return holder_of(store->place.index_fd);
}

pid_t store_writer_in(const char *directory)
{
    AUTOFREE char *path = memory_format("%s/" STORE_FILE "-shm", directory);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    pid_t pid = holder_of(fd);
    close(fd);
    return pid;
}
