/* SPDX-License-Identifier: MIT */
#ifndef SRC_WIRE_HTTP_SOCKETS_H
#define SRC_WIRE_HTTP_SOCKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * curl's descriptors in one epoll set (docs/decisions/0008-one-epoll-for-curl.md). A kept
 * connection stays in the set between two requests, so a request costs no epoll_ctl.
 *
 * The kernel knows more than this table: libcurl 7.88 closes a socket that never connected without
 * any callback, and reports it later, when the number may already belong to another descriptor. So
 * the table follows the errors of epoll_ctl, and no function here fails. If a descriptor cannot be
 * watched, only its own call suffers, and it ends by its deadline.
 */
struct http_socket {
    uint32_t events;
    bool added;  /* is in the set */
    bool wanted; /* curl waits for it; otherwise a later request may use the connection */
    bool ours;   /* a socket of curl, opened and closed with callbacks; false: of a name lookup */
    bool old;    /* takes no further request */
};

struct http_sockets {
    int epoll_fd;
    int dead_fd;               /* a stream whose other end is closed */
    struct http_socket *table; /* by descriptor */
    size_t count;
};

/* Set up an empty set. Return 0 or a negative errno. Call http_sockets_done also after
 * a failure. */
int http_sockets_init(struct http_sockets *sockets);

/* Close the set and free the table. The descriptors themselves belong to curl. */
void http_sockets_done(struct http_sockets *sockets);

/* Note that curl has opened a socket for a connection. */
void http_sockets_opened(struct http_sockets *sockets, int fd);

/* Note that curl is about to close a socket. */
void http_sockets_closing(struct http_sockets *sockets, int fd);

/* Note that curl waits for these events (EPOLLIN, EPOLLOUT). 0: it does not wait any more. */
void http_sockets_want(struct http_sockets *sockets, int fd, uint32_t events);

/* Whether curl waits for the events that have arrived at the descriptor. If anything
 * arrives on a connection between two requests, the connection is closed: the other
 * side ends it, or does not speak HTTP. */
bool http_sockets_arrived(struct http_sockets *sockets, int fd);

/* Let the present connections take no further request. Idle ones are closed at once, the others
 * after their request. */
void http_sockets_renew(struct http_sockets *sockets);

#endif
