/* SPDX-License-Identifier: MIT */
#ifndef WIRE_HTTP_SOCKETS_H
#define WIRE_HTTP_SOCKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * curl's descriptors in one epoll set (docs/decisions/0008-one-epoll-for-curl.md). A kept
 * connection stays in the set between two requests, so a request costs no epoll_ctl.
 *
 * The kernel knows better than this table: libcurl 7.88 closes a socket that never connected
 * without any callback, and reports it afterwards, when the number may already belong to another
 * descriptor. So the table follows the errors of epoll_ctl, and no function here fails: a
 * descriptor that could not be watched costs only its own call, which ends by its deadline.
 */
struct http_socket {
    uint32_t events;
    bool added;  /* stands in the set */
    bool wanted; /* curl waits for it; otherwise a request may use the connection later */
    bool ours;   /* a socket of curl's, whose opening and closing are reported; false: the
                    descriptor of a name's lookup */
    bool old;    /* takes no further request */
};

struct http_sockets {
    int epoll_fd;
    int dead_fd;               /* a stream whose other end is closed */
    struct http_socket *table; /* by descriptor */
    size_t count;
};

/* 0 or negative errno; http_sockets_done also after a failure. */
int http_sockets_init(struct http_sockets *sockets);
void http_sockets_done(struct http_sockets *sockets);

/* curl has opened a socket for a connection; curl is about to close it. */
void http_sockets_opened(struct http_sockets *sockets, int fd);
void http_sockets_closing(struct http_sockets *sockets, int fd);

/* curl waits for these events (EPOLLIN, EPOLLOUT); 0: it waits for none any more. */
void http_sockets_want(struct http_sockets *sockets, int fd, uint32_t events);

/* Whether curl waits for what has arrived at the descriptor. A connection between two requests is
 * closed by whatever arrives on it: the other side ends it, or does not speak HTTP. */
bool http_sockets_arrived(struct http_sockets *sockets, int fd);

/* The connections that stand now take no further request: those between two requests are closed at
 * once, the others after their request. */
void http_sockets_renew(struct http_sockets *sockets);

#endif
