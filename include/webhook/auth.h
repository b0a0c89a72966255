/* SPDX-License-Identifier: MIT */
#ifndef WEBHOOK_AUTH_H
#define WEBHOOK_AUTH_H

#include "base/error.h"
#include "base/secret.h"
#include "webhook/extra.h"
#include "webhook/oauth.h"
#include "webhook/request.h"

/*
 * How a request shows who sends it, beside its signature: a fixed header, an HMAC of the body for
 * receivers that know no Standard Webhooks, and headers of the administrator's own. Secrets are
 * wiped when it is cleared.
 */
struct webhook_auth {
    struct secret authorization; /* "authorization: Basic ..." or "... Bearer ..."; may be empty */
    struct webhook_oauth oauth;  /* how the token in it is got, if it is not a fixed one */
    struct secret hmac_key;      /* empty: no HMAC */
    char *hmac_header;
    bool hmac_base64; /* else hex */
    struct webhook_extra extra;
};

/* Sets the header of basic authentication (RFC 7617) or a bearer token (RFC 6750). 0, or -EIO for
 * what cannot stand in it; the text never repeats a secret. */
int webhook_auth_basic(struct webhook_auth *auth, const char *user, const struct secret *password,
                       struct error *error);
int webhook_auth_bearer(struct webhook_auth *auth, const struct secret *token, struct error *error);
void webhook_auth_clear(struct webhook_auth *auth);

/* Adds its lines to headers that were built; valid until the next build. */
void webhook_auth_add(const struct webhook_auth *auth, struct webhook_headers *headers,
                      struct webhook_part body);

/* Overwrites the credentials that were sent, where a receiver repeats them in its answer, so that
 * they are neither kept nor shown: error pages like to print every header. What is shorter than
 * eight bytes stays, as it could be any word. */
void webhook_auth_hide(const struct webhook_auth *auth, char *bytes, size_t size);

#endif
