/* SPDX-License-Identifier: MIT */
#ifndef SRC_WIRE_SERVER_EXCHANGE_H
#define SRC_WIRE_SERVER_EXCHANGE_H

#include <microhttpd.h>

#include "base/text.h"
#include "wire/server.h"

/*
 * One request on its way through libmicrohttpd, shared by server.c (listening, the loop),
 * server_exchange.c (one request) and server_flow.c (answers over a bad network).
 *
 *     READING -> HANDLING -> ANSWERED   the handler answered before it returned
 *                         -> WAITING -> ANSWERED   a late answer: the connection is suspended and a
 *                                                  source of ours watches its socket meanwhile
 *     any of the first three -> DROPPED
 */
enum exchange_state {
    EXCHANGE_READING,
    EXCHANGE_HANDLING,
    EXCHANGE_WAITING,
    EXCHANGE_ANSWERED,
    EXCHANGE_DROPPED,
};

struct exchange {
    struct server *server;
    struct exchange *previous, *next; /* all exchanges of the server */
    struct MHD_Connection *connection;
    enum exchange_state state;
    char *target;
    const char *method, *path; /* libmicrohttpd's, valid as long as the request */
    struct text body;
    size_t discarded;              /* bytes of body beyond the limit that were dropped */
    bool suspended;                /* libmicrohttpd must not end with suspended connections */
    struct MHD_Response *response; /* made, not yet queued */
    int status;
    struct text headers;    /* name NUL value NUL ... for the coming answer */
    sd_event_source *watch; /* while WAITING: the client's end of the connection */
    sd_event_source *pause; /* while an answer pauses between two pieces */
    void *context;
};

/* All connections of a server with a deadline: server_visit.h. */
struct visits {
    struct visit *first, *last;
    unsigned count;
};

struct server {
    sd_event *event;
    struct server_options options;
    struct MHD_Daemon *daemon;
    uint16_t port;
    char *path; /* of a Unix socket; NULL: it is none */
    sd_event_source *io, *timer;
    sd_event_source *again; /* runs libmicrohttpd once more in the next turn of the loop */
    uint64_t timer_usec;    /* time at which the timer fires (CLOCK_MONOTONIC), 0: off */
    struct exchange *exchanges;
    struct visits visits;
};

/* Begin an exchange for a new request: libmicrohttpd's callback for the URL. */
void *server_exchange_begin(void *server, const char *target, struct MHD_Connection *connection);

/* Take the headers, a piece of the body, or the end of a request: libmicrohttpd's handler. */
enum MHD_Result server_exchange_request(void *server, struct MHD_Connection *connection,
                                        const char *path, const char *method, const char *version,
                                        const char *bytes, size_t *size, void **exchange);

/* Free the exchange at the end of the request: libmicrohttpd's callback. */
void server_exchange_end(void *server, struct MHD_Connection *connection, void **exchange,
                         enum MHD_RequestTerminationCode code);

/* Send `response` (consumed) as the answer, either now or by resuming the suspended connection. */
void server_exchange_respond(struct exchange *exchange, int status, struct MHD_Response *response,
                             const char *content_type);

/* Whether the request has more than one Content-Length, Transfer-Encoding or Host, or has both
 * Content-Length and Transfer-Encoding. */
bool server_exchange_is_ambiguous(const struct exchange *exchange);

/* Let a suspended connection continue. Do nothing if it is not suspended. */
void server_exchange_resume(struct exchange *exchange);

/* Notify the handler that the exchange is gone, because the server ends. */
void server_exchange_abandon(struct exchange *exchange);

#endif
