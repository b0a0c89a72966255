/* SPDX-License-Identifier: MIT */
#include "server_listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"
#include "wire/server.h"

#define SERVER_ADDRESS_MAX 64 /* bytes of "[address]" with its NUL */
#define UNIX_PREFIX        "unix:"
/* A Unix socket may be used by our user and our group. The directory may be stricter. */
#define UNIX_MODE 0660

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    struct sockaddr_un local;
};

/* ---- the text ---- */

/* Read an absolute path, also with "unix:" in front. */
static int parse_path(const char *listen, union address *ret, socklen_t *ret_size)
{
    const char *path = text_starts(listen, UNIX_PREFIX) ? listen + strlen(UNIX_PREFIX) : listen;
    size_t size = strlen(path);
    if (path[0] != '/' || size >= sizeof(ret->local.sun_path) || path[size - 1] == '/')
        return -EINVAL;
    *ret = (union address){.local = {.sun_family = AF_UNIX}};
    memcpy(ret->local.sun_path, path, size + 1);
    *ret_size = sizeof(ret->local);
    return 0;
}

/* Turn "127.0.0.1:8080" or "[::1]:0" into an address. Only numbers are allowed, so no
 * name is resolved. */
static int parse_port(const char *listen, union address *ret, socklen_t *ret_size)
{
    const char *colon = strrchr(listen, ':');
    uint64_t port;
    if (!colon || text_to_u64(colon + 1, &port) < 0 || port > UINT16_MAX)
        return -EINVAL;
    char host[SERVER_ADDRESS_MAX];
    size_t size = (size_t)(colon - listen);
    if (size >= sizeof(host))
        return -EINVAL;
    memcpy(host, listen, size);
    host[size] = '\0';

    *ret = (union address){.v6 = {0}};
    if (inet_pton(AF_INET, host, &ret->v4.sin_addr) == 1) {
        ret->v4.sin_family = AF_INET;
        ret->v4.sin_port = htons((uint16_t)port);
        *ret_size = sizeof(ret->v4);
        return 0;
    }
    if (size < 2 || host[0] != '[' || host[size - 1] != ']')
        return -EINVAL;
    host[size - 1] = '\0';
    if (inet_pton(AF_INET6, host + 1, &ret->v6.sin6_addr) != 1)
        return -EINVAL;
    ret->v6.sin6_family = AF_INET6;
    ret->v6.sin6_port = htons((uint16_t)port);
    *ret_size = sizeof(ret->v6);
    return 0;
}

static int parse_address(const char *listen, union address *ret, socklen_t *ret_size)
{
    bool local = listen[0] == '/' || text_starts(listen, UNIX_PREFIX);
    return local ? parse_path(listen, ret, ret_size) : parse_port(listen, ret, ret_size);
}

int server_check_listen(const char *listen, bool *ret_loopback)
{
    union address address = {.v6 = {0}};
    socklen_t size;
    int r = parse_address(listen, &address, &size);
    if (r < 0)
        return r;
    switch (address.any.sa_family) {
    case AF_UNIX:
        *ret_loopback = true;
        break;
    case AF_INET:
        *ret_loopback = ntohl(address.v4.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
        break;
    default:
        *ret_loopback = IN6_IS_ADDR_LOOPBACK(&address.v6.sin6_addr);
    }
    return 0;
}

/* ---- the socket ---- */

/* Remove the socket that a killed process has left behind, because it would block the path for
 * ever. A socket in use and any other file stay; bind then fails. */
static void remove_stale(const union address *address, socklen_t size)
{
    struct stat info;
    const char *path = address->local.sun_path;
    if (lstat(path, &info) < 0 || !S_ISSOCK(info.st_mode))
        return;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    if (connect(fd, &address->any, size) < 0 && errno == ECONNREFUSED)
        unlink(path);
    close(fd);
}

static int bind_to(int fd, const union address *address, socklen_t size)
{
    int on = 1;
    bool local = address->any.sa_family == AF_UNIX;
    if (local)
        remove_stale(address, size);
    else if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0)
        return -errno;
    if (bind(fd, &address->any, size) < 0)
        return -errno;
    if (local && chmod(address->local.sun_path, UNIX_MODE) < 0)
        return -errno;
    return listen(fd, SOMAXCONN) < 0 ? -errno : 0;
}

int server_listen(const char *listen, char **ret_path)
{
    union address address = {.v6 = {0}};
    socklen_t size = 0;
    int r = parse_address(listen, &address, &size);
    if (r < 0)
        return r;
    int fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    r = bind_to(fd, &address, size);
    if (r < 0) {
        close(fd);
        return r;
    }
    *ret_path = address.any.sa_family == AF_UNIX ? memory_string(address.local.sun_path) : NULL;
    return fd;
}

void server_unlisten(char *path)
{
    if (path)
        unlink(path);
    free(path);
}

uint16_t server_bound_port(int fd)
{
    union address address = {.v6 = {0}};
    socklen_t size = sizeof(address);
    if (getsockname(fd, &address.any, &size) < 0 || address.any.sa_family == AF_UNIX)
        return 0;
    return ntohs(address.any.sa_family == AF_INET ? address.v4.sin_port : address.v6.sin6_port);
}
