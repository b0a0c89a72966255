/* SPDX-License-Identifier: MIT */
/* Seller tokens behind a good signature: any header and any claims, signed with the key. What is
 * taken names a seller, expires, and was signed with HS256. */
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/config/values.h"
#include "base/memory.h"
#include "base/text.h"
#include "config/seller_token.h"
#include "must.h"

#define NOW 1700000000ULL

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void append_base64url(struct text *out, const void *bytes, size_t size)
{
    AUTOFREE char *coded = memory_new(size * 4 / 3 + 8);
    int length = EVP_EncodeBlock((unsigned char *)coded, bytes, (int)size);
    for (int i = 0; i < length && coded[i] != '='; i++)
        text_append_char(out, coded[i] == '+' ? '-' : coded[i] == '/' ? '_' : coded[i]);
}

static void sign(struct text *token, const struct secret *key, const EVP_MD *digest)
{
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned mac_size = 0;
    must(HMAC(digest, key->data, (int)key->size, (unsigned char *)token->data, token->size, mac,
              &mac_size) != NULL);
    text_append_char(token, '.');
    append_base64url(token, mac, mac_size);
}

static void check_reason(const struct error *error)
{
    must(error->kind == ERROR_CREDENTIALS && error->text[0]);
    for (const char *at = error->text; *at; at++)
        must((unsigned char)*at >= ' ' && (unsigned char)*at < 0x7f);
}

/* Input: what it is signed with (a byte), header, a line feed, claims. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct secret key = {(char[]){"0123456789abcdef0123456789abcdef"}, 32};
    const struct secret other = {(char[]){"fedcba9876543210fedcba9876543210"}, 32};
    const EVP_MD *digests[] = {EVP_sha256(), EVP_sha384(), EVP_sha512(), NULL};
    char seller[CONFIG_NAME_MAX + 1] = "";
    struct error error = {0};
    AUTOTEXT struct text token = {0};
    const uint8_t *newline = size ? memchr(data + 1, '\n', size - 1) : NULL;
    if (!newline)
        return 0;
    const EVP_MD *digest = digests[data[0] % ELEMENTS(digests)];
    append_base64url(&token, data + 1, (size_t)(newline - data - 1));
    text_append_char(&token, '.');
    append_base64url(&token, newline + 1, size - (size_t)(newline + 1 - data));
    if (digest)
        sign(&token, &key, digest);
    else
        text_append_char(&token, '.');

    if (seller_token_verify(&key, token.data, NOW, seller, &error) < 0) {
        check_reason(&error);
        return 0;
    }
    must(digest == digests[0] && config_name_is_valid(seller));
    must(memmem(data, size, "exp", 3) && token.size <= SELLER_TOKEN_MAX);
    must(seller_token_verify(&key, token.data, INT64_MAX, seller, &error) < 0); /* it expires */
    must(seller_token_verify(&other, token.data, NOW, seller, &error) < 0);
    return 0;
}
