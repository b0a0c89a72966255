/* SPDX-License-Identifier: MIT */
#include "journal_socket.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "journal/record.h"
#include "kept.h"

const char *journal_socket_path = "/run/systemd/journal/socket";

static int fd = -1;
static struct kept kept;
static bool behind; /* journald did not read in time, and has not read since */

static int open_socket(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", journal_socket_path);
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -errno;
    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
        return 0;
    int r = -errno;
    close(fd);
    fd = -1;
    return r;
}

static int try_to_send(const struct msghdr *message)
{
    int r = fd < 0 ? open_socket() : 0;
    if (r < 0)
        return r;
    return sendmsg(fd, message, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

/* Whether systemd has created the socket again. */
static bool is_stale(int result)
{
    return result == -ECONNREFUSED || result == -ENOTCONN || result == -ECONNRESET ||
           result == -EPIPE;
}

static int send_message(const struct msghdr *message)
{
    int r = try_to_send(message);
    if (is_stale(r) && fd >= 0) {
        close(fd);
        fd = -1;
        r = try_to_send(message);
    }
    if (r != -EAGAIN || behind)
        return r;
    struct pollfd wait = {.fd = fd, .events = POLLOUT};
    (void)poll(&wait, 1, JOURNAL_SOCKET_WAIT_MS);
    return try_to_send(message);
}

static int send_kept(const char *entry, size_t size)
{
    struct iovec part = {(char *)entry, size};
    return send_message(&(struct msghdr){.msg_iov = &part, .msg_iovlen = 1});
}

int journal_socket_send(const struct iovec parts[], size_t count, bool important)
{
    static char end[] = "\n";
    struct iovec lines[2 * RECORD_FIELDS_MAX];
    if (2 * count > sizeof(lines) / sizeof(lines[0]))
        return -E2BIG;
    for (size_t i = 0; i < count; i++) {
        lines[2 * i] = parts[i];
        lines[2 * i + 1] = (struct iovec){end, 1};
    }
    int r = kept_flush(&kept, send_kept);
    if (r == 0)
        r = send_message(&(struct msghdr){.msg_iov = lines, .msg_iovlen = 2 * count});
    behind = r == -EAGAIN;
    return behind && important && kept_add(&kept, lines, 2 * count) ? 0 : r;
}
