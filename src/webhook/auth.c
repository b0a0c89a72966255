/* SPDX-License-Identifier: MIT */
#include "webhook/auth.h"

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"

/* Minimum length in bytes of a credential that is hidden in answers. */
#define HIDDEN_MIN 8

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

/* Return the number of bytes at this place that belong to the credential. At the end of a cut
 * answer its beginning is enough. 0 if none do. */
static size_t match(const char *bytes, size_t size, const char *credential, size_t length)
{
    size_t here = size < length ? size : length;
    return here >= HIDDEN_MIN && memcmp(bytes, credential, here) == 0 ? here : 0;
}

/* Replace the credential with asterisks. The credential is the last word of the header line. */
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
