/* SPDX-License-Identifier: MIT */
#ifndef SANDBOX_LWA_H
#define SANDBOX_LWA_H

#include "call.h"

/* Login with Amazon: POST /auth/o2/token, and the access tokens that came from it. */

#define LWA_TOKENS_MAX  256 /* the oldest is forgotten for a new one */
#define LWA_TOKEN_CHARS 240 /* of an access token, after its "Atza|" */
#define LWA_EXPIRES_S   3600

struct lwa_token {
    char text[LWA_TOKEN_CHARS + 8];
    const char *seller_id; /* NULL: grantless */
    uint64_t expires_wall_usec;
};

struct lwa {
    struct call_office *office;
    struct lwa_token tokens[LWA_TOKENS_MAX];
    size_t issued; /* ever; the next goes to issued % LWA_TOKENS_MAX */
};

void lwa_init(struct lwa *lwa, struct call_office *office);

/* A request on /auth/o2/token. */
void lwa_request(struct lwa *lwa, struct exchange *exchange);

/* The token, also when it has expired; NULL: not one of ours. */
const struct lwa_token *lwa_find(const struct lwa *lwa, const char *text);

#endif
