/* SPDX-License-Identifier: MIT */
#ifndef SRC_WIRE_SERVER_VISIT_H
#define SRC_WIRE_SERVER_VISIT_H

#include "server_exchange.h"

/*
 * Connections of a server with a deadline. A client that does not send a complete request in time
 * is disconnected. When nearly all connections are in use, the client that has owed a request the
 * longest makes room for a new one. Without a deadline these functions do nothing.
 */

/* Begin or end a visit: libmicrohttpd's callback for connections that begin and end. */
void server_visit_notify(void *server, struct MHD_Connection *connection, void **visit,
                         enum MHD_ConnectionNotificationCode code);

/* Stop the deadline, because the request is complete: the handler owes the answer, and
 * the client nothing. */
void server_visit_hold(struct exchange *exchange);

/* Start the idle time, because the answer is made. Within it the client has to take the answer and
 * send another request. */
void server_visit_release(struct exchange *exchange);

#endif
