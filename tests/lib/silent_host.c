/* SPDX-License-Identifier: MIT */
#include "silent_host.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

/* The kernel of the same machine answers a SYN at once; no answer within this is silence. */
#define SILENCE_MS 300

static struct sockaddr_in loopback(uint16_t port)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET,
        .sin_port = htons(port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
}

static int listen_on(struct silent_host *host, uint16_t port)
{
    struct sockaddr_in address = loopback(port);
    socklen_t size = sizeof(address);
    int on = 1;
    host->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (host->listener < 0)
        return -errno;
    (void)setsockopt(host->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(host->listener, (struct sockaddr *)&address, sizeof(address)) < 0 ||
        listen(host->listener, 0) < 0 ||
        getsockname(host->listener, (struct sockaddr *)&address, &size) < 0)
        return -errno;
    host->port = ntohs(address.sin_port);
    return 0;
}

/* 1: it was answered, the backlog had room; 0: silence; or negative errno. */
static int fill_one(struct silent_host *host)
{
    struct sockaddr_in address = loopback(host->port);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -errno;
    host->fillers[host->n_fillers++] = fd;
    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
        return 1;
    if (errno != EINPROGRESS)
        return -errno;
    struct pollfd entry = {.fd = fd, .events = POLLOUT};
    return poll(&entry, 1, SILENCE_MS);
}

int silent_host_begin(struct silent_host *host, uint16_t port)
{
    *host = (struct silent_host){.listener = -1};
    int r = listen_on(host, port);
    if (r < 0)
        return r;
    do
        r = fill_one(host);
    while (r > 0 && host->n_fillers < SILENT_HOST_FILLERS);
    return r > 0 ? -EBUSY : r;
}

void silent_host_end(struct silent_host *host)
{
    if (host->listener >= 0)
        close(host->listener);
    while (host->n_fillers)
        close(host->fillers[--host->n_fillers]);
    host->listener = -1;
}
