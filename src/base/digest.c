/* SPDX-License-Identifier: MIT */
#include "base/digest.h"

#include <errno.h>
#include <limits.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"

/* Return SHA-256, fetched once. Without that, OpenSSL 3 looks an algorithm up by name on every use,
 * and that lookup costs more than hashing a message. */
static const EVP_MD *fetched_sha256(void)
{
    static EVP_MD *sha256;
    if (!sha256)
        sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    if (!sha256)
        abort();
    return sha256;
}

/* Return the one context for all hashes. The process has one thread. */
static EVP_MD_CTX *shared_context(void)
{
    static EVP_MD_CTX *context;
    if (!context)
        context = EVP_MD_CTX_new();
    if (!context)
        abort();
    return context;
}

void digest_sha256(unsigned char out[SHA256_SIZE], const void *bytes, size_t size)
{
    EVP_MD_CTX *context = shared_context();
    if (!EVP_DigestInit_ex(context, fetched_sha256(), NULL) ||
        !EVP_DigestUpdate(context, bytes, size) || !EVP_DigestFinal_ex(context, out, NULL))
        abort();
}

/* Return the one context for all MACs, with its algorithm set. */
static EVP_MAC_CTX *shared_hmac(void)
{
    static EVP_MAC_CTX *context;
    if (context)
        return context;
    const OSSL_PARAM sha256[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char[]){"SHA256"}, 0),
        OSSL_PARAM_construct_end(),
    };
    EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    context = EVP_MAC_CTX_new(hmac);
    if (!context || !EVP_MAC_CTX_set_params(context, sha256))
        abort();
    EVP_MAC_free(hmac);
    return context;
}

void digest_hmac_sha256(unsigned char out[SHA256_SIZE], const void *key, size_t key_size,
                        const void *bytes, size_t size)
{
    EVP_MAC_CTX *context = shared_hmac();
    size_t length;
    /* NULL would mean the key of the call before. */
    if (!EVP_MAC_init(context, key_size ? key : "", key_size, NULL) ||
        !EVP_MAC_update(context, bytes, size) || !EVP_MAC_final(context, out, &length, SHA256_SIZE))
        abort();
    /* The context keeps no key after the call. */
    if (!EVP_MAC_init(context, (const unsigned char *)"", 0, NULL))
        abort();
}

bool digest_md5_hex(char out[33], const void *bytes, size_t size)
{
    static EVP_MD *md5;
    static bool looked;
    unsigned char sum[16];
    if (!looked)
        md5 = EVP_MD_fetch(NULL, "MD5", NULL);
    looked = true;
    EVP_MD_CTX *context = shared_context();
    if (!md5 || !EVP_DigestInit_ex(context, md5, NULL) || !EVP_DigestUpdate(context, bytes, size) ||
        !EVP_DigestFinal_ex(context, sum, NULL))
        return false;
    text_hex(out, sum, sizeof(sum));
    return true;
}

int64_t digest_key64(const char *const parts[], size_t count)
{
    unsigned char sum[SHA256_SIZE];
    EVP_MD_CTX *context = shared_context();
    int64_t key;

    if (!EVP_DigestInit_ex(context, fetched_sha256(), NULL))
        abort();
    for (size_t i = 0; i < count; i++) {
        uint64_t size = strlen(parts[i]);
        if (!EVP_DigestUpdate(context, &size, sizeof(size)) ||
            !EVP_DigestUpdate(context, parts[i], size))
            abort();
    }
    if (!EVP_DigestFinal_ex(context, sum, NULL))
        abort();
    memcpy(&key, sum, sizeof(key));
    return key;
}

size_t digest_base64(char *out, const void *bytes, size_t size)
{
    return (size_t)EVP_EncodeBlock((unsigned char *)out, bytes, (int)size);
}

/* OpenSSL skips blanks, and ignores bits behind the last byte. Then two texts would mean the same
 * bytes, so only a text that comes out again is accepted. */
int digest_base64_decode(void *out, const char *text, size_t size)
{
    if (size % 4 != 0 || size > INT_MAX)
        return -EINVAL;
    unsigned padding = 0;
    if (size)
        padding = text[size - 1] == '=' ? 1 + (text[size - 2] == '=') : 0;
    int decoded = EVP_DecodeBlock(out, (const unsigned char *)text, (int)size);
    if (decoded < 0 || (size_t)decoded != size / 4 * 3)
        return -EINVAL;
    decoded -= (int)padding;
    AUTOFREE char *again = memory_new(DIGEST_BASE64_MAX(size));
    bool same =
        digest_base64(again, out, (size_t)decoded) == size && CRYPTO_memcmp(again, text, size) == 0;
    explicit_bzero(again, size);
    return same ? decoded : -EINVAL;
}
