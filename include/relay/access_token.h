/* SPDX-License-Identifier: MIT */
#ifndef RELAY_ACCESS_TOKEN_H
#define RELAY_ACCESS_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

#include "webhook/auth.h"
#include "wire/http.h"

/*
 * The access token of one webhook that wants OAuth 2.0 client credentials: asked for when somebody
 * is about to send, kept in memory until shortly before its end, in the authorization line of the
 * webhook's auth. However many wait for it, there is one request for it at a time; who waits is
 * told once that it has ended. Nothing happens while nobody asks: no timer belongs to it.
 */

/* A token that the receiver refuses (401) is replaced at most so often; a receiver that refuses
 * every token must not make a storm of requests for new ones. */
#define ACCESS_TOKEN_REFUSED_USEC (5 * 1000000ULL)

/* From the loop, or from access_token_ask when the request cannot even be started. `error` is NULL:
 * the token is there; else why there is none. */
typedef void (*access_token_fn)(const struct error *error, void *userdata);

struct access_token_options {
    struct http *http;          /* these are borrowed until access_token_end */
    struct webhook_auth *auth;  /* its oauth says how; its authorization is set here */
    const char *webhook;        /* its name, for texts */
    const struct http_way *way; /* to the token endpoint */
    uint64_t timeout_usec;
    access_token_fn done;
    void *userdata;
};

/* Embedded in its owner, who sets it with access_token_init; private. */
struct access_token {
    struct access_token_options options;
    struct webhook_oauth_request request;
    struct http_slot *slot; /* the request under way */
    uint64_t serial;        /* of the token that is there, 0: none */
    uint64_t asked_boot_usec, expires_boot_usec, refused_boot_usec;
};

void access_token_init(struct access_token *token, const struct access_token_options *options);

/* Ends a request under way without its callback. Fine on {0}. */
void access_token_end(struct access_token *token);

/* Whether the webhook wants tokens at all. */
bool access_token_is_wanted(const struct access_token *token);

/* Whether requests can go out now: none is wanted, or one is there and good. */
bool access_token_is_good(const struct access_token *token);

/* Whether a request for one is under way. */
bool access_token_is_asked(const struct access_token *token);

/* Asks for a new one, unless that is under way. */
void access_token_ask(struct access_token *token);

/* How long the token that is there will be used. */
uint64_t access_token_use_usec(const struct access_token *token);

/* The number of the token that is there; what goes out with it remembers it for
 * access_token_refuse. */
uint64_t access_token_serial(const struct access_token *token);

/* The receiver refused what was sent with that token. Returns whether to send it again: another
 * token is there, on its way, or to be asked for. */
bool access_token_refuse(struct access_token *token, uint64_t serial);

/* Takes over what another one has got, if it is got in the same way. */
void access_token_follow(struct access_token *token, const struct access_token *other);

/* How long the request has outlived its own deadline, 0: it has not. For the watchdog. */
uint64_t access_token_overdue_usec(const struct access_token *token);

#endif
