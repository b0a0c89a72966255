/* SPDX-License-Identifier: MIT */
#include "webhook/sign.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/memory.h"

#define PREFIX "whsec_"

/* Bytes of a decoded secret, by the specification. */
#define SECRET_MIN 24
#define SECRET_MAX 64

/* Characters of the longest secret in padded Base64. */
#define SECRET_TEXT_MAX (DIGEST_BASE64_MAX(SECRET_MAX) - 1)

/* Make a new MAC. After a failure inside OpenSSL nothing could be sent, so it is fatal, as in
 * base/digest.h. */
static EVP_MAC_CTX *new_mac(const void *key, size_t size)
{
    const OSSL_PARAM sha256[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char[]){"SHA256"}, 0),
        OSSL_PARAM_construct_end(),
    };
    EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    EVP_MAC_CTX *mac = EVP_MAC_CTX_new(hmac);
    if (!mac || !EVP_MAC_init(mac, key, size, sha256))
        abort();
    EVP_MAC_free(hmac);
    return mac;
}

/* Read one "whsec_..." and add its key. */
static int add_key(struct webhook_keys *keys, const char *text, size_t size, struct error *error)
{
    unsigned char key[SECRET_TEXT_MAX];
    size_t prefix = strlen(PREFIX);
    int length = -1;

    if (size < prefix || memcmp(text, PREFIX, prefix) != 0)
        return error_set(error, ERROR_CONFIG, "the webhook secret does not start with " PREFIX);
    if (size - prefix <= SECRET_TEXT_MAX)
        length = digest_base64_decode(key, text + prefix, size - prefix);
    bool fine = length >= SECRET_MIN && length <= SECRET_MAX;
    if (fine)
        keys->macs[keys->count++] = new_mac(key, (size_t)length);
    explicit_bzero(key, sizeof(key));
    return fine ? 0
                : error_set(error, ERROR_CONFIG,
                            "the webhook secret is not " PREFIX " and the padded base64 of %d to "
                            "%d bytes",
                            SECRET_MIN, SECRET_MAX);
}

static int add_keys(struct webhook_keys *keys, const char *text, const char *end,
                    struct error *error)
{
    while (text < end) {
        const char *comma = memchr(text, ',', (size_t)(end - text));
        const char *stop = comma ? comma : end;
        while (text < stop && strchr(" \t\r\n", *text))
            text++;
        while (text < stop && strchr(" \t\r\n", stop[-1]))
            stop--;
        if (keys->count == WEBHOOK_KEYS_MAX)
            return error_set(error, ERROR_CONFIG, "more than %d webhook secrets at a time",
                             WEBHOOK_KEYS_MAX);
        int r = add_key(keys, text, (size_t)(stop - text), error);
        if (r < 0)
            return r;
        text = comma ? comma + 1 : end;
    }
    return 0;
}

int webhook_keys_parse(struct webhook_keys *ret, const struct secret *text, struct error *error)
{
    *ret = (struct webhook_keys){0};
    int r = text->size > 0 ? add_keys(ret, text->data, text->data + text->size, error)
                           : error_set(error, ERROR_CONFIG, "the webhook secret is empty");
    if (r < 0)
        webhook_keys_clear(ret);
    return r;
}

void webhook_keys_clear(struct webhook_keys *keys)
{
    for (size_t i = 0; i < keys->count; i++)
        EVP_MAC_CTX_free(keys->macs[i]);
    *keys = (struct webhook_keys){0};
}

static void sign_once(struct text *out, EVP_MAC_CTX *mac, const struct text *head,
                      const struct webhook_part parts[], size_t n_parts)
{
    unsigned char sum[SHA256_SIZE];
    char base64[DIGEST_BASE64_MAX(SHA256_SIZE)];
    size_t size;

    /* Without a key, it starts again with the key it has. */
    bool ok = EVP_MAC_init(mac, NULL, 0, NULL) &&
              EVP_MAC_update(mac, (const unsigned char *)head->data, head->size);
    for (size_t i = 0; ok && i < n_parts; i++)
        ok = EVP_MAC_update(mac, parts[i].bytes, parts[i].size);
    if (!ok || !EVP_MAC_final(mac, sum, &size, sizeof(sum)))
        abort();
    digest_base64(base64, sum, sizeof(sum));
    text_append(out, "v1,", 3);
    text_append_string(out, base64);
}

void webhook_sign(struct text *out, const struct webhook_keys *keys, const char *id,
                  uint64_t timestamp_s, const struct webhook_part parts[], size_t n_parts)
{
    AUTOTEXT struct text head = {0};
    text_append_string(&head, id);
    text_append_char(&head, '.');
    text_append_number(&head, timestamp_s);
    text_append_char(&head, '.');
    for (size_t i = 0; i < keys->count; i++) {
        if (i > 0)
            text_append_char(out, ' ');
        sign_once(out, keys->macs[i], &head, parts, n_parts);
    }
}

void webhook_id(char out[WEBHOOK_ID_MAX], const char *dedupe_id)
{
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
    unsigned char sum[SHA256_SIZE];
    size_t size = strlen(dedupe_id);

    if (size > 0 && size < WEBHOOK_ID_MAX && strspn(dedupe_id, allowed) == size) {
        memcpy(out, dedupe_id, size + 1);
        return;
    }
    digest_sha256(sum, dedupe_id, size);
    memcpy(out, "sha256-", sizeof("sha256-"));
    text_hex(out + 7, sum, sizeof(sum));
}
