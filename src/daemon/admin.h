/* SPDX-License-Identifier: MIT */
#ifndef ADMIN_H
#define ADMIN_H

#include "daemon.h"
#include "wire/server.h"

/*
 * The admin endpoint of `run`, [admin]: GET /healthz, /readyz (readiness.h) and /metrics
 * (metrics.h), and POST /api/notification/registerNotification as Data Border documents it
 * (data-border.shipstream.io/docs/api-reference/notifications), so that a program written against
 * that needs another address only.
 */
struct admin_registration;

#define ADMIN_JSON_TYPE "application/json"

/* Answers with one member, {"message": text}. */
void admin_say(struct exchange *exchange, const char *text);

/* Answers with Data Border's envelope for what failed; from Amazon when error is not NULL. */
void admin_refuse(struct exchange *exchange, int status, const char *message,
                  const struct error *error);

/* Registers ORDER_CHANGE for a seller of the config and answers the exchange when it is known what
 * came of it. NULL: it is answered already. When it has ended it enables `sweep` (borrowed), so
 * that the caller frees it; at the latest that is before the config changes. */
struct admin_registration *admin_registration_new(struct daemon *d,
                                                  const struct config_seller *seller, bool recreate,
                                                  struct exchange *exchange,
                                                  sd_event_source *sweep);

/* Ends it at whatever point it is; who still waits is told to try again. NULL is fine. */
void admin_registration_free(struct admin_registration *registration);

/* Whether the exchange is answered and nothing is under way any more. */
bool admin_registration_ended(const struct admin_registration *registration);

/* The client is gone; the registration goes on. */
void admin_registration_forget(struct admin_registration *registration, struct exchange *exchange);

#endif
