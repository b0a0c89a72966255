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
 * receivers that do not support Standard Webhooks, and headers that the administrator adds. When it
 * is cleared, its secrets are wiped.
 */
struct webhook_auth {
    struct secret authorization; /* "authorization: Basic ..." or "... Bearer ..."; may be empty */
    struct webhook_oauth oauth;  /* the source of the token in it, if that is not a fixed one */
    struct secret hmac_key;      /* empty: no HMAC */
    char *hmac_header;
    bool hmac_base64; /* else hex */
    struct webhook_extra extra;
};

/* Set the header of basic authentication (RFC 7617) or a bearer token (RFC 6750). 0, or -EIO if a
 * value cannot be part of the header; the text never repeats a secret. */
int webhook_auth_basic(struct webhook_auth *auth, const char *user, const struct secret *password,
                       struct error *error);
int webhook_auth_bearer(struct webhook_auth *auth, const struct secret *token, struct error *error);
void webhook_auth_clear(struct webhook_auth *auth);

/* Add the authentication lines to headers that were built. They are valid until the next build. */
void webhook_auth_add(const struct webhook_auth *auth, struct webhook_headers *headers,
                      struct webhook_part body);

/* If a receiver repeats our credentials in its answer, as error pages often do with headers,
 * overwrite them, so that they are neither kept nor shown. Credentials shorter than eight bytes
 * stay, because they could be any word. */
void webhook_auth_hide(const struct webhook_auth *auth, char *bytes, size_t size);

#endif
