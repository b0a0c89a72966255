/* SPDX-License-Identifier: MIT */
#include "daemon/wake.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* Make the socket's address. It has room for 108 bytes only, so the directory is named by its
 * descriptor. Returns the descriptor or a negative errno. */
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

/* Send one empty datagram. */
static int send_empty(int fd, const struct sockaddr_un *address)
{
    if (sendto(fd, "", 0, MSG_NOSIGNAL, (const struct sockaddr *)address, sizeof(*address)) == 0)
        return 0;
    return errno == ENOENT || errno == ECONNREFUSED || errno == EAGAIN ? 0 : -errno;
}

int wake_send(const char *directory)
{
    struct sockaddr_un address;
    int at = address_in(directory, &address);
    if (at < 0)
        return at == -ENOENT ? 0 : at;
    int fd = new_socket();
    int r = fd < 0 ? fd : send_empty(fd, &address);
    if (fd >= 0)
        close(fd);
    close(at);
    return r;
}

/* ---- questions ---- */

/* Give the socket an address that the kernel chooses (unix(7), autobind), so that there is no file
 * to remove. */
static int bind_anywhere(int fd)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    return bind(fd, (struct sockaddr *)&address, sizeof(sa_family_t)) < 0 ? -errno : 0;
}

static int await_line(int fd, uint64_t wait_usec, struct text *ret_line)
{
    struct pollfd waiting = {.fd = fd, .events = POLLIN};
    char line[WAKE_ANSWER_MAX];
    if (poll(&waiting, 1, (int)(wait_usec / 1000)) <= 0)
        return 0;
    ssize_t size = recv(fd, line, sizeof(line), MSG_DONTWAIT);
    if (size < 0)
        return 0;
    text_append(ret_line, line, (size_t)size);
    return 1;
}

static int ask(int fd, const struct sockaddr_un *address, uint64_t wait_usec, struct text *ret_line)
{
    int r = bind_anywhere(fd);
    /* Connected, so that nobody else can answer. */
    if (r == 0 && connect(fd, (const struct sockaddr *)address, sizeof(*address)) < 0)
        return errno == ENOENT || errno == ECONNREFUSED ? 0 : -errno;
    if (r == 0 && send(fd, "", 0, MSG_NOSIGNAL) < 0)
        return errno == ECONNREFUSED || errno == EAGAIN ? 0 : -errno;
    return r ? r : await_line(fd, wait_usec, ret_line);
}

int wake_ask(const char *directory, uint64_t wait_usec, struct text *ret_line)
{
    struct sockaddr_un address;
    int at = address_in(directory, &address);
    if (at < 0)
        return at == -ENOENT ? 0 : at;
    int fd = new_socket();
    int r = fd < 0 ? fd : ask(fd, &address, wait_usec, ret_line);
    if (fd >= 0)
        close(fd);
    close(at);
    return r;
}

int wake_take(int fd, struct wake_asker *ret)
{
    char nothing[16];
    *ret = (struct wake_asker){.size = sizeof(ret->address)};
    ssize_t size = recvfrom(fd, nothing, sizeof(nothing), MSG_DONTWAIT,
                            (struct sockaddr *)&ret->address, &ret->size);
    if (ret->size <= sizeof(sa_family_t))
        ret->size = 0;
    return size < 0 ? -errno : 0;
}

void wake_answer(int fd, const struct wake_asker *asker, const char *line)
{
    size_t size = strnlen(line, WAKE_ANSWER_MAX);
    (void)sendto(fd, line, size, MSG_DONTWAIT | MSG_NOSIGNAL,
                 (const struct sockaddr *)&asker->address, asker->size);
}
