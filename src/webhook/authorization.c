/* SPDX-License-Identifier: MIT */
/* Authorization headers from a name and a password, or from a token. */
#include "webhook/auth.h"

#include <string.h>

#include "base/digest.h"
#include "base/memory.h"

/* Bytes of a token, or of a name and a password. */
#define CREDENTIAL_MAX 8192

static void set_authorization(struct webhook_auth *auth, const char *scheme, const char *value)
{
    AUTOFREE char *line = memory_format("authorization: %s %s", scheme, value);
    secret_set(&auth->authorization, line, strlen(line));
    explicit_bzero(line, strlen(line));
}

int webhook_auth_basic(struct webhook_auth *auth, const char *user, const struct secret *password,
                       struct error *error)
{
    size_t user_size = strlen(user), size = user_size + 1 + password->size;
    if (size > CREDENTIAL_MAX || strchr(user, ':'))
        return error_set(error, ERROR_CONFIG,
                         "the user's name has a colon, or name and password are too long");
    AUTOFREE char *plain = memory_new(size + 1);
    AUTOFREE char *encoded = memory_new(DIGEST_BASE64_MAX(size));
    memcpy(plain, user, user_size);
    plain[user_size] = ':';
    memcpy(plain + user_size + 1, password->data, password->size);
    digest_base64(encoded, plain, size);
    set_authorization(auth, "Basic", encoded);
    explicit_bzero(plain, size);
    explicit_bzero(encoded, strlen(encoded));
    return 0;
}

int webhook_auth_bearer(struct webhook_auth *auth, const struct secret *token, struct error *error)
{
    bool good = token->size > 0 && token->size <= CREDENTIAL_MAX;
    for (size_t i = 0; i < token->size && good; i++)
        good = token->data[i] > 0x20 && token->data[i] < 0x7f;
    if (!good)
        return error_set(error, ERROR_CONFIG,
                         "the token has blanks or characters that cannot be in a header, or is "
                         "too long");
    set_authorization(auth, "Bearer", token->data);
    return 0;
}
