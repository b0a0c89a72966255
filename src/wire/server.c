/* SPDX-License-Identifier: MIT */
#include "wire/server.h"

#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "server_exchange.h"
#include "server_listen.h"
#include "server_visit.h"

#define SERVER_BODY_LIMIT_DEFAULT (2 * 1024 * 1024)
#define SERVER_IDLE_S_DEFAULT     60
#define SERVER_CONNECTIONS_MAX    500

/* Set the timer for libmicrohttpd's next run. It is moved only to an earlier time, so that a busy
 * server does not set it with every request. */
static int arm_timer(struct server *server)
{
    MHD_UNSIGNED_LONG_LONG wait_ms;
    if (MHD_get_timeout(server->daemon, &wait_ms) != MHD_YES)
        return 0;
    uint64_t now_usec;
    int r = sd_event_now(server->event, CLOCK_MONOTONIC, &now_usec);
    if (r < 0)
        return r;
    if (wait_ms == 0)
        return sd_event_source_set_enabled(server->again, SD_EVENT_ONESHOT);
    uint64_t at_usec = now_usec + wait_ms * USEC_PER_MSEC;
    if (server->timer_usec > now_usec && server->timer_usec <= at_usec)
        return 0;
    server->timer_usec = at_usec;
    r = sd_event_source_set_time(server->timer, at_usec);
    if (r < 0)
        return r;
    return sd_event_source_set_enabled(server->timer, SD_EVENT_ONESHOT);
}

static int on_io(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
    (void)source, (void)fd, (void)events;
    struct server *server = userdata;
    MHD_run(server->daemon);
    return arm_timer(server);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
    (void)source, (void)usec;
    struct server *server = userdata;
    server->timer_usec = 0;
    MHD_run(server->daemon);
    return arm_timer(server);
}

static int on_again(sd_event_source *source, void *userdata)
{
    (void)source;
    struct server *server = userdata;
    MHD_run(server->daemon);
    return arm_timer(server);
}

static struct MHD_Daemon *start_daemon(struct server *server, int fd)
{
    unsigned idle_s = server->options.idle_s, connections = server->options.connections;
    return MHD_start_daemon(
        MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, server_exchange_request, server,
        MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_TIMEOUT, idle_s,
        MHD_OPTION_CONNECTION_LIMIT, connections, MHD_OPTION_STRICT_FOR_CLIENT, 1,
        MHD_OPTION_NOTIFY_CONNECTION, server_visit_notify, server, MHD_OPTION_URI_LOG_CALLBACK,
        server_exchange_begin, server, MHD_OPTION_NOTIFY_COMPLETED, server_exchange_end, server,
        MHD_OPTION_END);
}

static int add_sources(struct server *server)
{
    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    if (!info)
        return -ENOTSUP;
    int r = sd_event_add_io(server->event, &server->io, info->epoll_fd, EPOLLIN, on_io, server);
    if (r < 0)
        return r;
    sd_event_source_set_description(server->io, "server-io");
    r = sd_event_add_defer(server->event, &server->again, on_again, server);
    if (r < 0)
        return r;
    sd_event_source_set_description(server->again, "server-again");
    r = sd_event_source_set_enabled(server->again, SD_EVENT_OFF);
    if (r < 0)
        return r;
    r = sd_event_add_time(server->event, &server->timer, CLOCK_MONOTONIC, 0, USEC_PER_MSEC,
                          on_timer, server);
    if (r < 0)
        return r;
    sd_event_source_set_description(server->timer, "server-timer");
    return sd_event_source_set_enabled(server->timer, SD_EVENT_OFF);
}

int server_new(struct server **ret, sd_event *event, const struct server_options *options)
{
    char *path = NULL;
    int fd = server_listen(options->listen, &path);
    if (fd < 0)
        return fd;
    struct server *server = NEW(struct server);
    server->event = sd_event_ref(event);
    server->options = *options;
    server->options.listen = NULL; /* the caller may free its string after this call */
    if (!server->options.body_limit)
        server->options.body_limit = SERVER_BODY_LIMIT_DEFAULT;
    if (!server->options.idle_s)
        server->options.idle_s = SERVER_IDLE_S_DEFAULT;
    if (!server->options.connections)
        server->options.connections = SERVER_CONNECTIONS_MAX;
    server->path = path;
    server->port = server_bound_port(fd);
    server->daemon = start_daemon(server, fd);
    int r = -EIO;
    if (server->daemon)
        r = add_sources(server);
    else
        close(fd);
    if (r < 0) {
        server_free(server);
        return r;
    }
    *ret = server;
    return 0;
}

void server_free(struct server *server)
{
    if (!server)
        return;
    for (struct exchange *e = server->exchanges; e; e = e->next)
        server_exchange_abandon(e);
    sd_event_source_disable_unref(server->io);
    sd_event_source_disable_unref(server->again);
    sd_event_source_disable_unref(server->timer);
    if (server->daemon)
        MHD_stop_daemon(server->daemon);
    server_unlisten(server->path);
    sd_event_unref(server->event);
    free(server);
}

uint16_t server_port(const struct server *server)
{
    return server->port;
}
