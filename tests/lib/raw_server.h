/* SPDX-License-Identifier: MIT */
#ifndef TESTS_RAW_SERVER_H
#define TESTS_RAW_SERVER_H

#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-event.h>

/*
 * A TCP server on the test's own loop that reads HTTP requests and leaves what it answers, and how
 * badly, to the test.
 */
struct raw_server;
struct raw_connection;

/* A complete request (headers and the body its Content-Length tells) has come in. */
typedef void (*raw_request_fn)(struct raw_connection *connection, const char *request,
                               void *userdata);

struct raw_server *raw_server_new(sd_event *event, raw_request_fn on_request, void *userdata);

/* Called for each connection that is accepted, before a request came. */
void raw_server_on_accept(struct raw_server *server,
                          void (*on_accept)(struct raw_connection *connection));
void raw_server_free(struct raw_server *server);
uint16_t raw_server_port(const struct raw_server *server);

/* Connections accepted so far, and those open now. */
unsigned raw_server_accepted(const struct raw_server *server);
unsigned raw_server_open(const struct raw_server *server);

void raw_send(struct raw_connection *connection, const char *bytes, size_t size);
void raw_send_string(struct raw_connection *connection, const char *string);

/* Closes in order, or with a reset. The connection is gone afterwards. */
void raw_close(struct raw_connection *connection);
void raw_reset(struct raw_connection *connection);

#endif
