/* SPDX-License-Identifier: MIT */
#include "server_visit.h"

#include <sys/socket.h>

#include "base/clock.h"
#include "base/memory.h"

/* Connections beyond the number at which others are ended. They are room until libmicrohttpd has
 * closed those. */
#define SPARE 2

struct visit {
    struct server *server;
    struct visit *previous, *next; /* in the order in which they began to owe a request */
    int fd;
    sd_event_source *deadline; /* NULL: the client owes nothing */
};

static void unlink_visit(struct visit *visit)
{
    struct visits *all = &visit->server->visits;
    *(visit->previous ? &visit->previous->next : &all->first) = visit->next;
    *(visit->next ? &visit->next->previous : &all->last) = visit->previous;
    visit->previous = visit->next = NULL;
}

static void append_visit(struct visit *visit)
{
    struct visits *all = &visit->server->visits;
    visit->previous = all->last;
    *(all->last ? &all->last->next : &all->first) = visit;
    all->last = visit;
}

/* End a visit: libmicrohttpd reads the end of the stream and closes the connection. */
static void end_visit(struct visit *visit)
{
    visit->deadline = sd_event_source_disable_unref(visit->deadline);
    (void)shutdown(visit->fd, SHUT_RDWR);
}

static int on_deadline(sd_event_source *source, uint64_t usec, void *userdata)
{
    (void)source, (void)usec;
    end_visit(userdata);
    return 0;
}

static void set_deadline(struct visit *visit, unsigned seconds)
{
    visit->deadline = sd_event_source_disable_unref(visit->deadline);
    int r = sd_event_add_time_relative(visit->server->event, &visit->deadline, CLOCK_MONOTONIC,
                                       seconds * USEC_PER_SEC, 0, on_deadline, visit);
    if (r < 0)
        end_visit(visit);
}

/* End the visit that has owed a request the longest. */
static void make_room(struct server *server)
{
    struct visit *visit = server->visits.first;
    while (visit && !visit->deadline)
        visit = visit->next;
    if (visit)
        end_visit(visit);
}

static struct visit *begin_visit(struct server *server, struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct visit *visit = NEW(struct visit);
    visit->server = server;
    visit->fd = info ? info->connect_fd : -1;
    if (++server->visits.count + SPARE > server->options.connections)
        make_room(server);
    append_visit(visit);
    set_deadline(visit, server->options.deadline_s);
    return visit;
}

void server_visit_notify(void *userdata, struct MHD_Connection *connection, void **context,
                         enum MHD_ConnectionNotificationCode code)
{
    struct server *server = userdata;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        *context = server->options.deadline_s ? begin_visit(server, connection) : NULL;
        return;
    }
    struct visit *visit = TAKE(*context);
    if (!visit)
        return;
    sd_event_source_disable_unref(visit->deadline);
    unlink_visit(visit);
    server->visits.count--;
    free(visit);
}

static struct visit *find_visit(const struct exchange *exchange)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(exchange->connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info ? info->socket_context : NULL;
}

void server_visit_hold(struct exchange *exchange)
{
    struct visit *visit = find_visit(exchange);
    if (visit)
        visit->deadline = sd_event_source_disable_unref(visit->deadline);
}

void server_visit_release(struct exchange *exchange)
{
    struct visit *visit = find_visit(exchange);
    if (!visit)
        return;
    unlink_visit(visit);
    append_visit(visit);
    set_deadline(visit, exchange->server->options.idle_s);
}
