/* SPDX-License-Identifier: MIT */
#ifndef SRC_SANDBOX_LWA_H
#define SRC_SANDBOX_LWA_H

#include "call.h"

/* Login with Amazon: POST /auth/o2/token, and the access tokens that it has issued. */

#define LWA_TOKENS_MAX  256 /* a new one replaces the oldest */
#define LWA_TOKEN_CHARS 240 /* of an access token, after its "Atza|" */
#define LWA_EXPIRES_S   3600
#define LWA_SECRET_MAX  128 /* of a client secret, with its NUL */

struct lwa_token {
    char text[LWA_TOKEN_CHARS + 8];
    const char *seller_id; /* NULL: grantless */
    bool rotation;         /* scope of rotating client secrets; good for nothing else */
    uint64_t expires_wall_usec;
};

struct lwa {
    struct call_office *office;
    struct lwa_token tokens[LWA_TOKENS_MAX];
    size_t issued; /* total number; the next goes to issued % LWA_TOKENS_MAX */
    char secret[LWA_SECRET_MAX];
    char old_secret[LWA_SECRET_MAX]; /* works until old_until_wall_usec; "": there is none */
    uint64_t old_until_wall_usec;
};

/* Set up Login with Amazon without tokens, with the first client secret. */
void lwa_init(struct lwa *lwa, struct call_office *office);

/* Make a new client secret. The one before still works for old_valid_usec. */
void lwa_rotate(struct lwa *lwa, uint64_t old_valid_usec);

/* Answer a request on /auth/o2/token. */
void lwa_request(struct lwa *lwa, struct exchange *exchange);

/* Return the token, also if it has expired. NULL if it is not one of ours. */
const struct lwa_token *lwa_find(const struct lwa *lwa, const char *text);

#endif
