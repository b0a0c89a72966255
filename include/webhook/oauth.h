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
 * Access tokens for a receiver that uses OAuth 2.0 client credentials (RFC 6749, 4.4): the request
 * for a token, and the meaning of its answer. deliver/access_token makes the request, keeps the
 * token and waits.
 */

/* The lifetime of a token if the endpoint gives none, and the longest time that one is kept,
 * whatever lifetime the endpoint gives. */
#define WEBHOOK_OAUTH_LIFETIME_S     300
#define WEBHOOK_OAUTH_LIFETIME_MAX_S (24 * 3600)

/* How a webhook gets its tokens. It owns its strings; clearing it wipes them. */
struct webhook_oauth {
    char *url; /* of the token endpoint; NULL: this webhook needs no tokens */
    char *client_id;
    struct secret client_secret;
    char *scope, *audience; /* NULL: not sent */
    bool post;              /* id and secret go into the form; else basic authentication */
};

/* Wipe and free the contents. */
void webhook_oauth_clear(struct webhook_oauth *oauth);

/* Whether both would get the same tokens in the same way. */
bool webhook_oauth_equal(const struct webhook_oauth *a, const struct webhook_oauth *b);

/* The request as it is sent; it holds the secret. It begins as {0}. */
struct webhook_oauth_request {
    const char *headers[3]; /* NULL-terminated */
    struct text body;
    struct secret authorization;
};

/* Build the request; old contents of `ret` are wiped. 0, or -EIO if id and secret together are too
 * long. */
int webhook_oauth_build(struct webhook_oauth_request *ret, const struct webhook_oauth *oauth,
                        struct error *error);
void webhook_oauth_request_clear(struct webhook_oauth_request *request);

/* Read the answer for the webhook with that name. now_usec: with it a date in Retry-After becomes a
 * wait. 0: *ret_token is a token (the caller clears it), *ret_use_s how long it is used, at least a
 * second. Or -EIO with *error: its text names the endpoint and repeats its error, and never a
 * secret. */
int webhook_oauth_read(const struct webhook_oauth *oauth, const char *webhook,
                       const struct http_answer *answer, uint64_t now_usec,
                       struct secret *ret_token, uint64_t *ret_use_s, struct error *error);

#endif
