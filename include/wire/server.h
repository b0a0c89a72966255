/* SPDX-License-Identifier: MIT */
#ifndef WIRE_SERVER_H
#define WIRE_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-event.h>

/*
 * The HTTP server: libmicrohttpd's epoll descriptor as a source of one sd_event loop, no thread. A
 * handler gets each request when it is complete, and answers it at once or later (a long poll).
 */
struct server;
struct exchange; /* one request and its answer; the server's */

/* Called when a request is complete. The handler must answer or drop it exactly once, now or
 * later. */
typedef void (*server_fn)(struct exchange *exchange, void *userdata);

/* Called when an exchange that has not been answered yet is gone: the client closed the connection
 * or the server ends. The exchange must not be touched afterwards. */
typedef void (*server_gone_fn)(struct exchange *exchange, void *userdata);

struct server_options {
    /* "127.0.0.1:8080", "[::1]:0", where port 0 picks a free one; or a Unix socket for our user and
     * group, "unix:/run/x.sock" or the path alone. If nobody listens on an existing socket, it is
     * replaced. */
    const char *listen;
    size_t body_limit; /* bytes of request body; a longer one is answered 413; 0: 2 MiB */
    /* That answer, and the one (400) to a request with two lengths or Hosts; NULL: a line of
     * text. */
    const char *too_large, *ambiguous, *refusal_type;
    unsigned idle_s; /* time after which an idle or slow connection is closed; 0: 60 */
    /* Time after which a connection without a complete request is closed, or sooner if others need
     * its place; 0: never. */
    unsigned deadline_s;
    unsigned connections; /* open at the same time; further ones are refused; 0: 500 */
    server_fn handler;
    server_gone_fn gone; /* may be NULL if every request is answered at once */
    void *userdata;
};

/* Check whether an address can be given as `listen`, and whether only this machine can reach it. 0
 * or -EINVAL. Reads only the text. */
int server_check_listen(const char *listen, bool *ret_loopback);

/* Bind and listen. 0, or negative errno (-EADDRINUSE, -EINVAL for a bad address). */
int server_new(struct server **ret, sd_event *event, const struct server_options *options);

/* Free a server; the file of its Unix socket is removed as well. NULL is fine. */
void server_free(struct server *server);

/* Return the port it listens on; 0 for a Unix socket. */
uint16_t server_port(const struct server *server);

/* Return a part of the request; borrowed from the exchange. */
const char *exchange_method(const struct exchange *exchange);
const char *exchange_path(const struct exchange *exchange);   /* decoded, without the query */
const char *exchange_target(const struct exchange *exchange); /* path and query as they were sent */
const char *exchange_query(const struct exchange *exchange, const char *name);  /* NULL: absent */
const char *exchange_header(const struct exchange *exchange, const char *name); /* NULL: absent */
const char *exchange_body(const struct exchange *exchange, size_t *ret_size);   /* never NULL */

/* Keep a pointer of the handler with the exchange, and return it. */
void exchange_set_context(struct exchange *exchange, void *context);
void *exchange_context(const struct exchange *exchange);

/* Add a header to the coming answer. */
void exchange_add_header(struct exchange *exchange, const char *name, const char *value);

/* Send the answer; `body` is copied. The exchange must not be touched afterwards. */
void exchange_answer(struct exchange *exchange, int status, const char *content_type,
                     const void *body, size_t size);

/* Reset the connection without an answer (a sandbox fault, never the admin endpoint). */
void exchange_drop(struct exchange *exchange);

/* A simulated bad network for an answer (sandbox faults, never the admin endpoint). */
struct exchange_flow {
    size_t cut;   /* the connection ends after this many bytes of the body; SIZE_MAX: never */
    size_t piece; /* bytes sent at a time, at least 1; SIZE_MAX: all */
    uint64_t pause_usec; /* between two pieces */
};

/* Answer as exchange_answer does, but send the announced body as `flow` describes. */
void exchange_answer_flow(struct exchange *exchange, int status, const char *content_type,
                          const void *body, size_t size, const struct exchange_flow *flow);

#endif
