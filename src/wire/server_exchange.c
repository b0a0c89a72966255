/* SPDX-License-Identifier: MIT */
#include "server_exchange.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "base/memory.h"
#include "server_visit.h"

static int connection_fd(const struct exchange *exchange)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(exchange->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    return info ? info->connect_fd : -1;
}

void *server_exchange_begin(void *userdata, const char *target, struct MHD_Connection *connection)
{
    struct server *server = userdata;
    struct exchange *exchange = NEW(struct exchange);
    exchange->server = server;
    exchange->connection = connection;
    exchange->target = memory_string(target);
    exchange->next = server->exchanges;
    if (exchange->next)
        exchange->next->previous = exchange;
    server->exchanges = exchange;
    return exchange;
}

static void unlink_exchange(struct exchange *exchange)
{
    if (exchange->previous)
        exchange->previous->next = exchange->next;
    else
        exchange->server->exchanges = exchange->next;
    if (exchange->next)
        exchange->next->previous = exchange->previous;
}

/* Notify the handler that it owes no answer any more. */
static void tell_gone(struct exchange *exchange)
{
    exchange->watch = sd_event_source_disable_unref(exchange->watch);
    if (exchange->state != EXCHANGE_WAITING)
        return;
    exchange->state = EXCHANGE_DROPPED;
    if (exchange->server->options.gone)
        exchange->server->options.gone(exchange, exchange->server->options.userdata);
}

void server_exchange_end(void *userdata, struct MHD_Connection *connection, void **context,
                         enum MHD_RequestTerminationCode code)
{
    (void)userdata, (void)connection, (void)code;
    struct exchange *exchange = TAKE(*context);
    if (!exchange)
        return;
    tell_gone(exchange);
    unlink_exchange(exchange);
    sd_event_source_disable_unref(exchange->pause);
    if (exchange->response)
        MHD_destroy_response(exchange->response);
    text_clear(&exchange->body);
    text_clear(&exchange->headers);
    free(exchange->target);
    free(exchange);
}

void server_exchange_resume(struct exchange *exchange)
{
    if (!exchange->suspended)
        return;
    exchange->suspended = false;
    MHD_resume_connection(exchange->connection);
    /* Without a thread of its own, libmicrohttpd does not notice this. */
    sd_event_source_set_enabled(exchange->server->again, SD_EVENT_ONESHOT);
}

void server_exchange_abandon(struct exchange *exchange)
{
    exchange->pause = sd_event_source_disable_unref(exchange->pause);
    tell_gone(exchange);
    server_exchange_resume(exchange);
}

/* End an exchange whose client has gone. libmicrohttpd does not watch a suspended connection, so
 * its end is watched here. A client that only closes its sending side also counts as gone; no
 * client that waits for an answer does that. */
static int on_hangup(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
    (void)source, (void)fd, (void)events;
    struct exchange *exchange = userdata;
    tell_gone(exchange);
    server_exchange_resume(exchange);
    return 0;
}

static enum MHD_Result answer_fixed(struct exchange *exchange, int status, const char *type,
                                    const char *text)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(strlen(text), (void *)text, MHD_RESPMEM_MUST_COPY);
    MHD_add_response_header(response, "content-type", type);
    MHD_add_response_header(response, "connection", "close");
    enum MHD_Result r = MHD_queue_response(exchange->connection, (unsigned)status, response);
    MHD_destroy_response(response);
    exchange->state = EXCHANGE_ANSWERED;
    return r;
}

/* Refuse with the server's own text and type if it has one, else with `otherwise`. */
static enum MHD_Result refuse(struct exchange *exchange, int status, const char *own,
                              const char *otherwise)
{
    const char *type = exchange->server->options.refusal_type;
    bool has_own = own && type;
    return answer_fixed(exchange, status, has_own ? type : "text/plain", has_own ? own : otherwise);
}

static enum MHD_Result refuse_too_large(struct exchange *exchange)
{
    return refuse(exchange, MHD_HTTP_CONTENT_TOO_LARGE, exchange->server->options.too_large,
                  "The request body is too large.\n");
}

/* Queue the ready answer, or end a connection that gets none. */
static enum MHD_Result finish(struct exchange *exchange)
{
    if (exchange->state != EXCHANGE_ANSWERED || !exchange->response)
        return MHD_NO;
    enum MHD_Result r =
        MHD_queue_response(exchange->connection, (unsigned)exchange->status, exchange->response);
    MHD_destroy_response(TAKE(exchange->response));
    return r;
}

/* Give a complete request to the handler. If the answer comes later, suspend the connection. */
static enum MHD_Result handle(struct exchange *exchange)
{
    const struct server_options *options = &exchange->server->options;
    exchange->state = EXCHANGE_HANDLING;
    server_visit_hold(exchange);
    options->handler(exchange, options->userdata);
    if (exchange->state != EXCHANGE_HANDLING)
        return finish(exchange);
    exchange->state = EXCHANGE_WAITING;
    exchange->suspended = true;
    MHD_suspend_connection(exchange->connection);
    int r = sd_event_add_io(exchange->server->event, &exchange->watch, connection_fd(exchange),
                            EPOLLRDHUP, on_hangup, exchange);
    if (r < 0)
        server_exchange_abandon(exchange);
    return MHD_YES;
}

/* Take a piece of the body. Beyond the limit the rest is read and dropped, because an answer is
 * possible only at the end. Beyond twice the limit the connection is closed. */
static enum MHD_Result take_body(struct exchange *exchange, const char *bytes, size_t size)
{
    size_t limit = exchange->server->options.body_limit;
    if (!exchange->discarded && exchange->body.size + size <= limit) {
        text_append(&exchange->body, bytes, size);
        return MHD_YES;
    }
    text_clear(&exchange->body);
    exchange->discarded += size;
    return exchange->discarded <= limit ? MHD_YES : MHD_NO;
}

/* Take the headers: the first call for a request. */
static enum MHD_Result take_headers(struct exchange *exchange, const char *method, const char *path)
{
    exchange->method = method;
    exchange->path = path;
    if (server_exchange_is_ambiguous(exchange))
        return refuse(exchange, MHD_HTTP_BAD_REQUEST, exchange->server->options.ambiguous,
                      "The end of the request is ambiguous.\n");
    const char *length = exchange_header(exchange, "content-length");
    uint64_t announced;
    if (length && text_to_u64(length, &announced) == 0 &&
        announced > exchange->server->options.body_limit)
        return refuse_too_large(exchange);
    return MHD_YES;
}

enum MHD_Result server_exchange_request(void *userdata, struct MHD_Connection *connection,
                                        const char *path, const char *method, const char *version,
                                        const char *bytes, size_t *size, void **context)
{
    (void)userdata, (void)connection, (void)version;
    struct exchange *exchange = *context;
    if (!exchange)
        return MHD_NO;
    if (!exchange->method)
        return take_headers(exchange, method, path);
    if (*size > 0) {
        size_t taken = *size;
        *size = 0;
        return take_body(exchange, bytes, taken);
    }
    if (exchange->discarded)
        return refuse_too_large(exchange);
    return exchange->state == EXCHANGE_READING ? handle(exchange) : finish(exchange);
}

static void add_headers(struct exchange *exchange, struct MHD_Response *response)
{
    const char *at = exchange->headers.data;
    const char *end = at ? at + exchange->headers.size : NULL;
    while (at < end) {
        const char *value = at + strlen(at) + 1;
        MHD_add_response_header(response, at, value);
        at = value + strlen(value) + 1;
    }
}

void server_exchange_respond(struct exchange *exchange, int status, struct MHD_Response *response,
                             const char *content_type)
{
    if (content_type)
        MHD_add_response_header(response, "content-type", content_type);
    add_headers(exchange, response);
    exchange->watch = sd_event_source_disable_unref(exchange->watch);
    exchange->response = response;
    exchange->status = status;
    exchange->state = EXCHANGE_ANSWERED;
    server_visit_release(exchange);
    server_exchange_resume(exchange);
}

void exchange_answer(struct exchange *exchange, int status, const char *content_type,
                     const void *body, size_t size)
{
    struct MHD_Response *response =
        MHD_create_response_from_buffer(size, (void *)body, MHD_RESPMEM_MUST_COPY);
    server_exchange_respond(exchange, status, response, content_type);
}

void exchange_drop(struct exchange *exchange)
{
    /* AF_UNSPEC dissolves the association, and Linux then sends a reset: connect(2). */
    struct sockaddr nowhere = {.sa_family = AF_UNSPEC};
    exchange->watch = sd_event_source_disable_unref(exchange->watch);
    (void)connect(connection_fd(exchange), &nowhere, sizeof(nowhere));
    exchange->state = EXCHANGE_DROPPED;
    server_exchange_resume(exchange);
}

const char *exchange_method(const struct exchange *exchange)
{
    return exchange->method;
}

const char *exchange_path(const struct exchange *exchange)
{
    return exchange->path;
}

const char *exchange_target(const struct exchange *exchange)
{
    return exchange->target;
}

const char *exchange_query(const struct exchange *exchange, const char *name)
{
    return MHD_lookup_connection_value(exchange->connection, MHD_GET_ARGUMENT_KIND, name);
}

const char *exchange_header(const struct exchange *exchange, const char *name)
{
    return MHD_lookup_connection_value(exchange->connection, MHD_HEADER_KIND, name);
}

const char *exchange_body(const struct exchange *exchange, size_t *ret_size)
{
    *ret_size = exchange->body.size;
    return exchange->body.data ? exchange->body.data : "";
}

void exchange_set_context(struct exchange *exchange, void *context)
{
    exchange->context = context;
}

void *exchange_context(const struct exchange *exchange)
{
    return exchange->context;
}

void exchange_add_header(struct exchange *exchange, const char *name, const char *value)
{
    text_append(&exchange->headers, name, strlen(name) + 1);
    text_append(&exchange->headers, value, strlen(value) + 1);
}
