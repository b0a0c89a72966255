/* SPDX-License-Identifier: MIT */
#include "config/seller_token.h"

#include <jwt.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "values.h"

int seller_token_check_key(const struct secret *key, struct error *error)
{
    if (key->size >= SELLER_TOKEN_KEY_MIN)
        return 0;
    return error_set(error, ERROR_CONFIG,
                     "the key for seller tokens has %zu bytes, it needs %d at least (openssl rand "
                     "-base64 32 makes one)",
                     key->size, SELLER_TOKEN_KEY_MIN);
}

char *seller_token_issue(const struct secret *key, const char *seller, uint64_t now_s,
                         uint64_t lifetime_s)
{
    jwt_t *jwt = NULL;
    char *encoded = NULL;
    if (jwt_new(&jwt) == 0 && jwt_add_grant(jwt, "sub", seller) == 0 &&
        jwt_add_grant_int(jwt, "iat", (long)now_s) == 0 &&
        jwt_add_grant_int(jwt, "exp", (long)(now_s + lifetime_s)) == 0 &&
        jwt_set_alg(jwt, JWT_ALG_HS256, (const unsigned char *)key->data, (int)key->size) == 0)
        encoded = jwt_encode_str(jwt);
    jwt_free(jwt);
    if (!encoded)
        abort(); /* only memory can be missing: docs/decisions/0003-out-of-memory.md */
    char *token = memory_string(encoded);
    explicit_bzero(encoded, strlen(encoded));
    free(encoded);
    return token;
}

/* Check the claims of a token whose signature is good. */
static int check_claims(jwt_t *jwt, uint64_t now_s, char seller[CONFIG_NAME_MAX + 1],
                        struct error *error)
{
    const char *subject = jwt_get_grant(jwt, "sub");
    long expires = jwt_get_grant_int(jwt, "exp"), begins = jwt_get_grant_int(jwt, "nbf");
    if (jwt_get_alg(jwt) != JWT_ALG_HS256)
        return error_set(error, ERROR_CREDENTIALS, "the token is not signed with HS256");
    if (expires <= 0)
        return error_set(error, ERROR_CREDENTIALS, "the token has no exp: it must expire");
    if ((uint64_t)expires <= now_s)
        return error_set(error, ERROR_CREDENTIALS, "the token has expired");
    if (begins > 0 && (uint64_t)begins > now_s + SELLER_TOKEN_LEEWAY_S)
        return error_set(error, ERROR_CREDENTIALS, "the token is not good yet (nbf)");
    if (!subject || !config_name_is_valid(subject))
        return error_set(error, ERROR_CREDENTIALS, "the token names no seller in sub");
    text_copy(seller, CONFIG_NAME_MAX + 1, subject);
    return 0;
}

int seller_token_verify(const struct secret *key, const char *token, uint64_t now_s,
                        char seller[CONFIG_NAME_MAX + 1], struct error *error)
{
    jwt_t *jwt = NULL;
    if (strnlen(token, SELLER_TOKEN_MAX + 1) > SELLER_TOKEN_MAX)
        return error_set(error, ERROR_CREDENTIALS, "the token is too long");
    if (jwt_decode(&jwt, token, (const unsigned char *)key->data, (int)key->size) != 0)
        return error_set(error, ERROR_CREDENTIALS,
                         "the token is no JWT, or is not signed with this key");
    int r = check_claims(jwt, now_s, seller, error);
    jwt_free(jwt);
    return r;
}

int seller_token_lifetime(const char *text, uint64_t *ret_s, struct error *error)
{
    static const struct config_key key = {.min = USEC_PER_MIN, .max = 3650 * USEC_PER_DAY};
    uint64_t usec = 0;
    int r = config_parse_duration(&key, text, NULL, &usec, error);
    *ret_s = usec / USEC_PER_SEC;
    return r;
}
