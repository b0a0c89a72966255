/* SPDX-License-Identifier: MIT */
#include "daemon/wake.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* A socket's address has room for 108 bytes only: the directory is named by its descriptor. */
static int address_in(const char *directory, struct sockaddr_un *ret)
{
    int fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    *ret = (struct sockaddr_un){.sun_family = AF_UNIX};
    snprintf(ret->sun_path, sizeof(ret->sun_path), "/proc/self/fd/%d/" WAKE_FILE, fd);
    return fd;
}

static int new_socket(void)
{
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    return fd < 0 ? -errno : fd;
}

int wake_listen(const char *directory, int *ret_fd)
{
    struct sockaddr_un address;
    int fd, r = 0;
    int at = address_in(directory, &address);
    if (at < 0)
        return at;
    fd = new_socket();
    if (fd < 0) {
        close(at);
        return fd;
    }
    (void)unlinkat(at, WAKE_FILE, 0);
    mode_t before = umask(0077);
    if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
        r = -errno;
    umask(before);
    close(at);
    if (r < 0)
        close(fd);
    else
        *ret_fd = fd;
    return r;
}

int wake_send(const char *directory)
{
    struct sockaddr_un address;
    int r = 0;
    int at = address_in(directory, &address);
    if (at < 0)
        return at == -ENOENT ? 0 : at;
    int fd = new_socket();
    if (fd < 0)
        r = fd;
    else if (sendto(fd, "", 0, MSG_NOSIGNAL, (struct sockaddr *)&address, sizeof(address)) < 0)
        r = errno == ENOENT || errno == ECONNREFUSED || errno == EAGAIN ? 0 : -errno;
    if (fd >= 0)
        close(fd);
    close(at);
    return r;
}
