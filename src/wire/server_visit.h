/* SPDX-License-Identifier: MIT */
#ifndef SERVER_VISIT_H
#define SERVER_VISIT_H

#include "server_exchange.h"

/*
 * Connections of a server with a deadline: who does not send a complete request in time is let go,
 * and when nearly all connections are in use, the one that has owed a request the longest makes
 * room for a new one. Without a deadline nothing here does anything.
 */

/* libmicrohttpd's callback for connections that begin and end. */
void server_visit_notify(void *server, struct MHD_Connection *connection, void **visit,
                         enum MHD_ConnectionNotificationCode code);

/* The request is complete: the handler owes the answer, and the client nothing. */
void server_visit_hold(struct exchange *exchange);

/* The answer is made: it has to be taken, and another request to be sent, within the idle time. */
void server_visit_release(struct exchange *exchange);

#endif
