/* SPDX-License-Identifier: MIT */
#ifndef CONFIG_SELLER_TOKEN_H
#define CONFIG_SELLER_TOKEN_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/secret.h"
#include "config/config.h"

/*
 * Seller tokens: a warehouse's program sends one to the admin endpoint, in x-seller-access-token.
 * They are JSON Web Tokens (RFC 7519) signed with HS256 and [admin] token_key. `sub` is the name of
 * the [seller] section, `exp` must be there. No other algorithm is accepted, whatever algorithm a
 * token names (RFC 8725, 3.1).
 */

/* HS256 requires a key at least as long as its hash (RFC 7518, 3.2). */
#define SELLER_TOKEN_KEY_MIN 32

/* The longest token that is read, in bytes. */
#define SELLER_TOKEN_MAX 4096

/* How far the clock of a token's maker may be ahead of ours. */
#define SELLER_TOKEN_LEEWAY_S 60

/* Check whether the key is long enough. 0, or -EIO with the reason in *error. */
int seller_token_check_key(const struct secret *key, struct error *error);

/* Make a token that is valid from now_s for lifetime_s. The caller owns it (wipe it, free it).
 * Never NULL. */
char *seller_token_issue(const struct secret *key, const char *seller, uint64_t now_s,
                         uint64_t lifetime_s);

/* Verify a token from outside. 0 and the seller's name, or -EIO with the reason in *error, which
 * repeats nothing of the token. */
int seller_token_verify(const struct secret *key, const char *token, uint64_t now_s,
                        char seller[CONFIG_NAME_MAX + 1], struct error *error);

/* Read a lifetime such as "1h" or "30d": from a minute to ten years. 0, or -EIO with the reason in
 * *error. */
int seller_token_lifetime(const char *text, uint64_t *ret_s, struct error *error);

#endif
