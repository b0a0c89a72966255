/* SPDX-License-Identifier: MIT */
#ifndef WEBHOOK_OAUTH_H
#define WEBHOOK_OAUTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/secret.h"
#include "base/text.h"
#include "wire/http.h"
#include "wire/oauth.h"

/*
 * Access tokens for a receiver that wants OAuth 2.0 client credentials (RFC 6749, 4.4): the request
 * for one and what its answer means. Who asks, keeps and waits is relay/access_token.
 */

/* What is believed of a token whose lifetime the endpoint does not tell, and the longest time that
 * one is kept whatever it tells. */
#define WEBHOOK_OAUTH_LIFETIME_S     300
#define WEBHOOK_OAUTH_LIFETIME_MAX_S (24 * 3600)

/* How a webhook gets its tokens. Owned by whoever holds it; wiped when it is cleared. */
struct webhook_oauth {
    char *url; /* of the token endpoint; NULL: this webhook needs no tokens */
    char *client_id;
    struct secret client_secret;
    char *scope, *audience; /* NULL: not sent */
    bool post;              /* id and secret go into the form; else basic authentication */
};

void webhook_oauth_clear(struct webhook_oauth *oauth);

/* Whether both would get the same tokens in the same way. */
bool webhook_oauth_equal(const struct webhook_oauth *a, const struct webhook_oauth *b);

/* The request as it is sent; it holds the secret. Start as {0}. */
struct webhook_oauth_request {
    const char *headers[3]; /* NULL-terminated */
    struct text body;
    struct secret authorization;
};

/* Builds it; what was in `ret` is wiped. 0, or -EIO for an id and a secret that are too long
 * together. */
int webhook_oauth_build(struct webhook_oauth_request *ret, const struct webhook_oauth *oauth,
                        struct error *error);
void webhook_oauth_request_clear(struct webhook_oauth_request *request);

/* Reads the answer for the webhook of that name; now_usec turns a date in Retry-After into a wait.
 * 0: *ret_token is a token (the caller clears it), *ret_use_s how long it is used, at least a
 * second. Or -EIO with *error: its text names the endpoint and what it said, and never a secret. */
int webhook_oauth_read(const struct webhook_oauth *oauth, const char *webhook,
                       const struct http_answer *answer, uint64_t now_usec,
                       struct secret *ret_token, uint64_t *ret_use_s, struct error *error);

#endif
