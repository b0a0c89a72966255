/* SPDX-License-Identifier: MIT */
#include "http_sockets.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/memory.h"

#define GROW_BY 64

static struct http_socket *socket_of(struct http_sockets *sockets, int fd)
{
    if ((size_t)fd >= sockets->count) {
        size_t count = ((size_t)fd + GROW_BY) / GROW_BY * GROW_BY;
        sockets->table = memory_resize(sockets->table, count, sizeof(*sockets->table));
        memset(sockets->table + sockets->count, 0,
               (count - sockets->count) * sizeof(*sockets->table));
        sockets->count = count;
    }
    return &sockets->table[fd];
}

static void forget(struct http_sockets *sockets, int fd)
{
    struct http_socket *socket = socket_of(sockets, fd);
    if (socket->added)
        (void)epoll_ctl(sockets->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
    *socket = (struct http_socket){0};
}

/* Change the set. Return 0 or a negative errno. -ENOENT: the number belongs to another descriptor
 * now. -EBADF: it belongs to none. */
static int control(struct http_sockets *sockets, int operation, int fd, uint32_t events)
{
    struct http_socket *socket = socket_of(sockets, fd);
    struct epoll_event event = {.events = events, .data.fd = fd};
    int r = epoll_ctl(sockets->epoll_fd, operation, fd, &event) < 0 ? -errno : 0;
    socket->added = r == 0;
    socket->events = events;
    return r;
}

/* Add a descriptor. Its number may be in the set although the table does not know it, because a
 * child process still holds the old descriptor. */
static void add(struct http_sockets *sockets, int fd, uint32_t events)
{
    if (control(sockets, EPOLL_CTL_ADD, fd, events) == -EEXIST)
        (void)control(sockets, EPOLL_CTL_MOD, fd, events);
}

/* Close the connection and put a stream that has ended in its place. curl keeps the number, and
 * must find a dead connection when it wants to use it. close() is not enough, because another
 * descriptor would get the number. shutdown() is not enough either: if a TLS alert has arrived,
 * curl 7.88 takes the connection for alive, because it only checks whether there is anything to
 * read. The epoll set knows whether the number is still that of the connection. */
static void end_connection(struct http_sockets *sockets, int fd)
{
    bool stands = control(sockets, EPOLL_CTL_MOD, fd, 0) == 0;
    forget(sockets, fd);
    if (stands && dup3(sockets->dead_fd, fd, O_CLOEXEC) == fd)
        socket_of(sockets, fd)->ours = true;
}

void http_sockets_opened(struct http_sockets *sockets, int fd)
{
    struct http_socket *socket = socket_of(sockets, fd);
    /* If curl still waits for this number, it has closed one socket and opened the next within one
     * step. It does not repeat a wish that has not changed. */
    uint32_t events = socket->wanted ? socket->events : 0;
    *socket = (struct http_socket){.ours = true, .wanted = events != 0};
    add(sockets, fd, events);
}

void http_sockets_closing(struct http_sockets *sockets, int fd)
{
    forget(sockets, fd);
}

static void keep(struct http_sockets *sockets, int fd)
{
    struct http_socket *socket = socket_of(sockets, fd);
    socket->wanted = false;
    if (socket->old)
        end_connection(sockets, fd);
    else if (socket->events != EPOLLIN && control(sockets, EPOLL_CTL_MOD, fd, EPOLLIN) < 0)
        forget(sockets, fd); /* closed before it was connected */
}

void http_sockets_want(struct http_sockets *sockets, int fd, uint32_t events)
{
    struct http_socket *socket = socket_of(sockets, fd);
    if (!events && socket->added && socket->ours) {
        keep(sockets, fd);
        return;
    }
    if (!events) {
        forget(sockets, fd);
        return;
    }
    socket->wanted = true;
    if (!socket->added) {
        add(sockets, fd, events);
        return;
    }
    if (socket->ours && socket->events == events)
        return;
    if (control(sockets, EPOLL_CTL_MOD, fd, events) == 0)
        return;
    *socket = (struct http_socket){.wanted = true};
    add(sockets, fd, events);
}

bool http_sockets_arrived(struct http_sockets *sockets, int fd)
{
    const struct http_socket *socket = socket_of(sockets, fd);
    if (socket->added && !socket->wanted)
        end_connection(sockets, fd);
    return socket_of(sockets, fd)->wanted;
}

void http_sockets_renew(struct http_sockets *sockets)
{
    for (size_t fd = 0; fd < sockets->count; fd++) {
        struct http_socket *socket = &sockets->table[fd];
        if (!socket->ours || !socket->added)
            continue;
        if (socket->wanted)
            socket->old = true;
        else
            end_connection(sockets, (int)fd);
    }
}

int http_sockets_init(struct http_sockets *sockets)
{
    int ends[2];
    *sockets = (struct http_sockets){.epoll_fd = -1, .dead_fd = -1};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        return -errno;
    close(ends[0]);
    sockets->dead_fd = ends[1];
    sockets->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    return sockets->epoll_fd < 0 ? -errno : 0;
}

void http_sockets_done(struct http_sockets *sockets)
{
    if (sockets->epoll_fd >= 0)
        close(sockets->epoll_fd);
    if (sockets->dead_fd >= 0)
        close(sockets->dead_fd);
    free(sockets->table);
}
