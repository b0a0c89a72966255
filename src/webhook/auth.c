/* SPDX-License-Identifier: MIT */
#include "webhook/auth.h"

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/memory.h"

/* Of a token, or of a user's name and password. */
#define CREDENTIAL_MAX 8192

/* Shorter credentials are not looked for in answers. */
#define HIDDEN_MIN 8

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

void webhook_auth_clear(struct webhook_auth *auth)
{
    secret_clear(&auth->authorization);
    webhook_oauth_clear(&auth->oauth);
    secret_clear(&auth->hmac_key);
    free(auth->hmac_header);
    webhook_extra_clear(&auth->extra);
    *auth = (struct webhook_auth){0};
}

static const char *hmac_line(const struct webhook_auth *auth, struct text *out,
                             struct webhook_part body)
{
    unsigned char sum[SHA256_SIZE];
    char value[2 * SHA256_SIZE + 1];
    digest_hmac_sha256(sum, auth->hmac_key.data, auth->hmac_key.size, body.bytes, body.size);
    if (auth->hmac_base64)
        digest_base64(value, sum, sizeof(sum));
    else
        text_hex(value, sum, sizeof(sum));
    text_reset(out);
    text_appendf(out, "%s: %s", auth->hmac_header, value);
    return out->data;
}

void webhook_auth_add(const struct webhook_auth *auth, struct webhook_headers *headers,
                      struct webhook_part body)
{
    size_t count = 0;
    while (headers->lines[count])
        count++;
    if (auth->authorization.data)
        headers->lines[count++] = auth->authorization.data;
    if (auth->hmac_key.data)
        headers->lines[count++] = hmac_line(auth, &headers->hmac, body);
    for (size_t i = 0; i < auth->extra.count; i++)
        headers->lines[count++] = auth->extra.lines[i].data;
    headers->lines[count] = NULL;
}

/* How many bytes here are the credential's, or its beginning where the answer was cut; 0: none. */
static size_t match(const char *bytes, size_t size, const char *credential, size_t length)
{
    size_t here = size < length ? size : length;
    return here >= HIDDEN_MIN && memcmp(bytes, credential, here) == 0 ? here : 0;
}

/* The last word of a header line is what is secret in it. */
static void hide(char *bytes, size_t size, const struct secret *line)
{
    const char *blank = line->data ? strrchr(line->data, ' ') : NULL;
    size_t length = blank ? strlen(blank + 1) : 0;
    for (size_t i = 0; length >= HIDDEN_MIN && i < size; i++)
        memset(bytes + i, '*', match(bytes + i, size - i, blank + 1, length));
}

void webhook_auth_hide(const struct webhook_auth *auth, char *bytes, size_t size)
{
    hide(bytes, size, &auth->authorization);
    for (size_t i = 0; i < auth->extra.count; i++)
        hide(bytes, size, &auth->extra.lines[i]);
}
