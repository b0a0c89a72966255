/* SPDX-License-Identifier: MIT */
#ifndef DAEMON_CONFIG_AUTH_H
#define DAEMON_CONFIG_AUTH_H

#include "daemon/config.h"
#include "webhook/auth.h"
#include "wire/http_way.h"

/* Resolves what a webhook's section says about authentication. 0, or -EIO; the caller ends it with
 * webhook_auth_clear either way. */
int config_webhook_auth(struct webhook_auth *ret, const struct config_webhook *webhook,
                        struct error *error);

/* The part of it that says how access tokens are got; it stays empty where none are. 0, or -EIO;
 * the caller ends it with webhook_oauth_clear either way. */
int config_webhook_oauth(struct webhook_oauth *ret, const struct config_webhook *webhook,
                         struct error *error);

/* How the webhook, and how its token endpoint is reached. Never NULL; the caller frees it. */
struct http_way *config_webhook_way(const struct config_webhook *webhook);
struct http_way *config_webhook_token_way(const struct config_webhook *webhook);

/* A number that is another one if the webhook has another URL, way (proxy, certificates), secret to
 * sign with (`signing`) or credentials (`auth`, resolved): then what the old destination answered
 * says nothing about the new one. */
int64_t config_webhook_destination(const struct config_webhook *webhook,
                                   const struct secret *signing, const struct webhook_auth *auth);

#endif
