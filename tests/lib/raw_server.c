/* SPDX-License-Identifier: MIT */
#include "raw_server.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/text.h"

#define CONNECTIONS_MAX 64

struct raw_connection {
    struct raw_server *server;
    int fd;
    sd_event_source *source;
    struct text input;
};

struct raw_server {
    sd_event *event;
    int fd;
    uint16_t port;
    sd_event_source *source;
    raw_request_fn on_request;
    void (*on_accept)(struct raw_connection *connection);
    void *userdata;
    unsigned accepted;
    struct raw_connection *connections[CONNECTIONS_MAX];
};

static void connection_free(struct raw_connection *connection)
{
    struct raw_server *server = connection->server;
    for (size_t i = 0; i < CONNECTIONS_MAX; i++)
        if (server->connections[i] == connection)
            server->connections[i] = NULL;
    sd_event_source_disable_unref(connection->source);
    close(connection->fd);
    text_clear(&connection->input);
    free(connection);
}

void raw_close(struct raw_connection *connection)
{
    connection_free(connection);
}

void raw_reset(struct raw_connection *connection)
{
    struct linger linger = {.l_onoff = 1, .l_linger = 0};
    setsockopt(connection->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
    connection_free(connection);
}

void raw_send(struct raw_connection *connection, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t n = send(connection->fd, bytes, size, MSG_NOSIGNAL);
        if (n <= 0)
            return;
        bytes += n;
        size -= (size_t)n;
    }
}

void raw_send_string(struct raw_connection *connection, const char *string)
{
    raw_send(connection, string, strlen(string));
}

/* Size of the request at the start of the input, 0 while it is not complete. */
static size_t request_size(const struct text *input)
{
    const char *end = input->data ? strstr(input->data, "\r\n\r\n") : NULL;
    if (!end)
        return 0;
    const char *length = strcasestr(input->data, "\r\nContent-Length:");
    size_t size = (size_t)(end - input->data) + 4;
    if (length && length < end)
        size += strtoul(length + 17, NULL, 10);
    return input->size >= size ? size : 0;
}

static int on_data(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
    struct raw_connection *connection = userdata;
    char bytes[16384];
    size_t size;
    (void)source;
    (void)revents;
    ssize_t n = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
    if (n <= 0) {
        connection_free(connection);
        return 0;
    }
    text_append(&connection->input, bytes, (size_t)n);
    if ((size = request_size(&connection->input))) {
        AUTOFREE char *request = memory_copy(connection->input.data, size);
        memmove(connection->input.data, connection->input.data + size,
                connection->input.size - size + 1);
        connection->input.size -= size;
        connection->server->on_request(connection, request, connection->server->userdata);
    }
    return 0;
}

static int accept_one(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
    struct raw_server *server = userdata;
    size_t i = 0;
    (void)source;
    (void)revents;
    int peer = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
    if (peer < 0)
        return 0;
    while (i < CONNECTIONS_MAX && server->connections[i])
        i++;
    if (i == CONNECTIONS_MAX)
        abort();
    server->accepted++;
    struct raw_connection *connection = NEW(struct raw_connection);
    connection->server = server;
    connection->fd = peer;
    server->connections[i] = connection;
    if (sd_event_add_io(server->event, &connection->source, peer, EPOLLIN, on_data, connection) < 0)
        abort();
    if (server->on_accept)
        server->on_accept(connection);
    return 0;
}

struct raw_server *raw_server_new(sd_event *event, raw_request_fn on_request, void *userdata)
{
    struct raw_server *server = NEW(struct raw_server);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(address);
    server->event = event;
    server->on_request = on_request;
    server->userdata = userdata;
    server->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(server->fd, (struct sockaddr *)&address, size) < 0 || listen(server->fd, 64) < 0 ||
        getsockname(server->fd, (struct sockaddr *)&address, &size) < 0 ||
        sd_event_add_io(event, &server->source, server->fd, EPOLLIN, accept_one, server) < 0)
        abort();
    server->port = ntohs(address.sin_port);
    return server;
}

void raw_server_on_accept(struct raw_server *server,
                          void (*on_accept)(struct raw_connection *connection))
{
    server->on_accept = on_accept;
}

void raw_server_free(struct raw_server *server)
{
    if (!server)
        return;
    for (size_t i = 0; i < CONNECTIONS_MAX; i++)
        if (server->connections[i])
            connection_free(server->connections[i]);
    sd_event_source_disable_unref(server->source);
    close(server->fd);
    free(server);
}

uint16_t raw_server_port(const struct raw_server *server)
{
    return server->port;
}

unsigned raw_server_accepted(const struct raw_server *server)
{
    return server->accepted;
}

unsigned raw_server_open(const struct raw_server *server)
{
    unsigned count = 0;
    for (size_t i = 0; i < CONNECTIONS_MAX; i++)
        count += server->connections[i] != NULL;
    return count;
}
