/* SPDX-License-Identifier: MIT */
#ifndef SRC_DAEMON_ADMIN_ADMIN_H
#define SRC_DAEMON_ADMIN_ADMIN_H

#include "daemon.h"
#include "wire/server.h"

/*
 * The admin endpoint of `run`, section [admin]: GET /healthz, /readyz (readiness.h) and /metrics
 * (metrics.h), and POST /api/notification/registerNotification as Data Border documents it
 * (data-border.shipstream.io/docs/api-reference/notifications). A program that was written for Data
 * Border needs only another address.
 */
struct admin_registration;

#define ADMIN_JSON_TYPE "application/json"

/* Answer with one member: {"message": text}. */
void admin_say(struct exchange *exchange, const char *text);

/* Answer with Data Border's envelope for failures. If error is not NULL, the failure is
 * Amazon's. */
void admin_refuse(struct exchange *exchange, int status, const char *message,
                  const struct error *error);

/* Register ORDER_CHANGE for a seller of the config, and answer the exchange when the result is
 * known. NULL: it is answered already. When the registration has ended, it enables `sweep`
 * (borrowed), so that the caller frees it. The caller must free it before the config changes. */
struct admin_registration *admin_registration_new(struct daemon *d,
                                                  const struct config_seller *seller, bool recreate,
                                                  struct exchange *exchange,
                                                  sd_event_source *sweep);

/* End the registration at any point and free it. If its client still waits, the answer is to try
 * again. NULL is fine. */
void admin_registration_free(struct admin_registration *registration);

/* Whether the exchange is answered and nothing is under way any more. */
bool admin_registration_ended(const struct admin_registration *registration);

/* Note that the client is gone. The registration continues. */
void admin_registration_forget(struct admin_registration *registration, struct exchange *exchange);

#endif
