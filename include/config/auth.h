/* SPDX-License-Identifier: MIT */
#ifndef CONFIG_AUTH_H
#define CONFIG_AUTH_H

#include "config/config.h"
#include "webhook/auth.h"
#include "wire/http_transport.h"

/* Resolve the keys of a webhook's section about authentication. 0, or -EIO. In both cases the
 * caller ends it with webhook_auth_clear. */
int config_webhook_auth(struct webhook_auth *ret, const struct config_webhook *webhook,
                        struct error *error);

/* Resolve the keys about access tokens alone; without any, *ret stays empty. 0, or -EIO. In both
 * cases the caller ends it with webhook_oauth_clear. */
int config_webhook_oauth(struct webhook_oauth *ret, const struct config_webhook *webhook,
                         struct error *error);

/* Return the way to the webhook, and the way to its token endpoint. Never NULL; the caller frees
 * it. */
struct http_transport *config_webhook_way(const struct config_webhook *webhook);
struct http_transport *config_webhook_token_way(const struct config_webhook *webhook);

/* Return a number that changes with the webhook's URL, way (proxy, certificates), signing secret
 * (`signing`) or credentials (`auth`, resolved). If it has changed, answers of the old destination
 * prove nothing about the new one. */
int64_t config_webhook_destination(const struct config_webhook *webhook,
                                   const struct secret *signing, const struct webhook_auth *auth);

#endif
