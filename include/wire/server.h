/* SPDX-License-Identifier: MIT */
#ifndef WIRE_SERVER_H
#define WIRE_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-event.h>

/*
 * The HTTP server: libmicrohttpd's epoll descriptor as a source of one sd_event loop, no thread.
 * A handler gets each request once it is complete and answers it at once or later (a long poll).
 */
struct server;
struct exchange; /* one request and its answer; the server's */

/* Called when a request is complete. The handler, now or later, answers or drops it exactly once.
 */
typedef void (*server_fn)(struct exchange *exchange, void *userdata);

/* Called when an exchange that has not been answered yet is gone: the client closed the connection
 * or the server ends. The exchange must not be touched afterwards. */
typedef void (*server_gone_fn)(struct exchange *exchange, void *userdata);

struct server_options {
    /* "127.0.0.1:8080", "[::1]:0", where port 0 picks a free one; or a Unix socket for our user and
     * group, "unix:/run/x.sock" or the path alone. One that nobody listens on is replaced. */
    const char *listen;
    size_t body_limit; /* bytes of request body; more is answered 413; 0: 2 MiB */
    /* That answer, and the one (400) to a request with two lengths or Hosts; NULL: a line of text
     */
    const char *too_large, *ambiguous, *refusal_type;
    unsigned idle_s;     /* an idle or slow connection is closed after it; 0: 60 */
    unsigned deadline_s; /* a connection without a complete request is closed after it, or sooner if
                          * others need its place; 0: never */
    unsigned connections; /* open at the same time; more are refused; 0: 500 */
    server_fn handler;
    server_gone_fn gone; /* may be NULL when every request is answered at once */
    void *userdata;
};

/* Whether an address can be given as `listen`, and whether only this machine can reach it. 0 or
 * -EINVAL. Looks at nothing but the text. */
int server_check_listen(const char *listen, bool *ret_loopback);

/* Binds and listens. 0, or negative errno (-EADDRINUSE, -EINVAL for a bad address). */
int server_new(struct server **ret, sd_event *event, const struct server_options *options);

/* Ends it; the file of its Unix socket goes as well. NULL is fine. */
void server_free(struct server *server);

/* The port it listens on; 0 for a Unix socket. */
uint16_t server_port(const struct server *server);

const char *exchange_method(const struct exchange *exchange);
const char *exchange_path(const struct exchange *exchange);   /* decoded, without the query */
const char *exchange_target(const struct exchange *exchange); /* path and query as they were sent */
const char *exchange_query(const struct exchange *exchange, const char *name);  /* NULL: absent */
const char *exchange_header(const struct exchange *exchange, const char *name); /* NULL: absent */
const char *exchange_body(const struct exchange *exchange, size_t *ret_size);   /* never NULL */

/* Room for the handler to keep something with the exchange. */
void exchange_set_context(struct exchange *exchange, void *context);
void *exchange_context(const struct exchange *exchange);

/* Adds a header to the coming answer. */
void exchange_add_header(struct exchange *exchange, const char *name, const char *value);

/* Sends the answer; `body` is copied. The exchange must not be touched afterwards. */
void exchange_answer(struct exchange *exchange, int status, const char *content_type,
                     const void *body, size_t size);

/* Resets the connection without an answer (a sandbox fault, never the admin endpoint). */
void exchange_drop(struct exchange *exchange);

/* How an answer travels over a bad network (sandbox faults, never the admin endpoint). */
struct exchange_flow {
    size_t cut;          /* the connection ends after so many bytes of the body; SIZE_MAX: never */
    size_t piece;        /* bytes sent at a time, at least 1; SIZE_MAX: all */
    uint64_t pause_usec; /* between two pieces */
};

/* exchange_answer, but the announced body arrives the way `flow` says. */
void exchange_answer_flow(struct exchange *exchange, int status, const char *content_type,
                          const void *body, size_t size, const struct exchange_flow *flow);

#endif
