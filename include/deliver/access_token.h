/* SPDX-License-Identifier: MIT */
#ifndef DELIVER_ACCESS_TOKEN_H
#define DELIVER_ACCESS_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

#include "webhook/auth.h"
#include "wire/http.h"

/*
 * The access token of one webhook that uses OAuth 2.0 client credentials. It is requested when a
 * delivery is about to be sent, and kept in memory until shortly before its end, as the
 * authorization line of the webhook's auth. At most one request for a token is under way; all that
 * wait for it are notified once, when it has ended. If nobody asks, nothing happens: the token has
 * no timer.
 */

/* If the receiver refuses a token (401), the token is replaced, but at most once in this time.
 * Otherwise a receiver that refuses every token would cause a storm of token requests. */
#define ACCESS_TOKEN_REFUSED_USEC (5 * 1000000ULL)

/* Called from the loop, or from access_token_ask if the request cannot even be started. `error` is
 * NULL if a token was received, else the reason why there is none. */
typedef void (*access_token_fn)(const struct error *error, void *userdata);

struct access_token_options {
    struct http *http;         /* these are borrowed until access_token_end */
    struct webhook_auth *auth; /* its oauth describes the request; its authorization is set here */
    const char *webhook;       /* its name, for messages */
    const struct http_transport *transport; /* to the token endpoint */
    uint64_t timeout_usec;
    access_token_fn done;
    void *userdata;
};

/* Embedded in its owner and private. access_token_init sets it. */
struct access_token {
    struct access_token_options options;
    struct webhook_oauth_request request;
    struct http_slot *slot; /* the request under way */
    uint64_t serial;        /* of the current token; 0: none */
    uint64_t asked_boot_usec, expires_boot_usec, refused_boot_usec;
};

/* Set up `token` without a token. The options are copied. */
void access_token_init(struct access_token *token, const struct access_token_options *options);

/* End a request under way without its callback. `token` may be {0}. */
void access_token_end(struct access_token *token);

/* Whether the webhook uses access tokens at all. */
bool access_token_is_wanted(const struct access_token *token);

/* Whether requests can be sent now: the webhook uses no tokens, or its token is valid. */
bool access_token_is_good(const struct access_token *token);

/* Whether a request for a token is under way. */
bool access_token_is_asked(const struct access_token *token);

/* Request a new token, unless such a request is under way. */
void access_token_ask(struct access_token *token);

/* How long the current token will still be used. */
uint64_t access_token_use_usec(const struct access_token *token);

/* Return the number of the current token. A request that is sent with the token remembers this
 * number for access_token_refuse. */
uint64_t access_token_serial(const struct access_token *token);

/* Note that the receiver refused a request that carried the token with this number. Return whether
 * to send the request again: another token is there, is being requested, or is to be requested. */
bool access_token_refuse(struct access_token *token, uint64_t serial);

/* Take over the token of `other`, if both webhooks get their tokens in the same way. */
void access_token_follow(struct access_token *token, const struct access_token *other);

/* How long ago the request's own deadline passed; 0: it has not passed. For the watchdog. */
uint64_t access_token_overdue_usec(const struct access_token *token);

#endif
