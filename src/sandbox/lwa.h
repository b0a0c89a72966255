/* SPDX-License-Identifier: MIT */
#ifndef SANDBOX_LWA_H
#define SANDBOX_LWA_H

#include "call.h"

/* Login with Amazon: POST /auth/o2/token, and the access tokens that came from it. */

#define LWA_TOKENS_MAX  256 /* the oldest is forgotten for a new one */
#define LWA_TOKEN_CHARS 240 /* of an access token, after its "Atza|" */
#define LWA_EXPIRES_S   3600
#define LWA_SECRET_MAX  128 /* of a client secret, with its NUL */

struct lwa_token {
    char text[LWA_TOKEN_CHARS + 8];
    const char *seller_id; /* NULL: grantless */
    bool rotation;         /* of the scope for rotating client secrets, good for nothing else */
    uint64_t expires_wall_usec;
};

struct lwa {
    struct call_office *office;
    struct lwa_token tokens[LWA_TOKENS_MAX];
    size_t issued; /* ever; the next goes to issued % LWA_TOKENS_MAX */
    char secret[LWA_SECRET_MAX];
    char old_secret[LWA_SECRET_MAX]; /* works until old_until_wall_usec; "": there is none */
    uint64_t old_until_wall_usec;
};

void lwa_init(struct lwa *lwa, struct call_office *office);

/* Makes a new client secret; the one before works for old_valid_usec more. */
void lwa_rotate(struct lwa *lwa, uint64_t old_valid_usec);

/* A request on /auth/o2/token. */
void lwa_request(struct lwa *lwa, struct exchange *exchange);

/* The token, also when it has expired; NULL: not one of ours. */
const struct lwa_token *lwa_find(const struct lwa *lwa, const char *text);

#endif
