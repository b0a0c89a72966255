/* SPDX-License-Identifier: MIT */
#include "base/digest.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

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

/* Calculate an HMAC as in RFC 2104, over the shared context. OpenSSL's own HMAC sets up and fetches
 * more than the two hashes cost, and a webhook is signed for every request. */
void digest_hmac_sha256(unsigned char out[SHA256_SIZE], const void *key, size_t key_size,
                        const void *bytes, size_t size)
{
    enum { BLOCK = 64 };
    unsigned char pad[BLOCK] = {0}, inner[SHA256_SIZE];
    EVP_MD_CTX *context = shared_context();

    if (key_size > BLOCK)
        digest_sha256(pad, key, key_size);
    else if (key_size)
        memcpy(pad, key, key_size);
    for (size_t i = 0; i < BLOCK; i++)
        pad[i] ^= 0x36;
    if (!EVP_DigestInit_ex(context, fetched_sha256(), NULL) ||
        !EVP_DigestUpdate(context, pad, BLOCK) || !EVP_DigestUpdate(context, bytes, size) ||
        !EVP_DigestFinal_ex(context, inner, NULL))
        abort();
    for (size_t i = 0; i < BLOCK; i++)
        pad[i] ^= 0x36 ^ 0x5c;
    if (!EVP_DigestInit_ex(context, fetched_sha256(), NULL) ||
        !EVP_DigestUpdate(context, pad, BLOCK) ||
        !EVP_DigestUpdate(context, inner, sizeof(inner)) || !EVP_DigestFinal_ex(context, out, NULL))
        abort();
    explicit_bzero(pad, sizeof(pad));
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
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *in = bytes;
    char *to = out;
    for (size_t i = 0; i < size; i += 3) {
        size_t left = size - i;
        uint32_t three = (uint32_t)in[i] << 16 | (left > 1 ? (uint32_t)in[i + 1] << 8 : 0) |
                         (left > 2 ? in[i + 2] : 0);
        *to++ = letters[three >> 18];
        *to++ = letters[three >> 12 & 63];
        *to++ = left > 1 ? letters[three >> 6 & 63] : '=';
        *to++ = left > 2 ? letters[three & 63] : '=';
    }
    *to = '\0';
    return (size_t)(to - out);
}

static int base64_value(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

int digest_base64_decode(void *out, const char *text, size_t size)
{
    unsigned char *to = out;
    if (size % 4 != 0)
        return -EINVAL;
    for (size_t i = 0; i < size; i += 4) {
        bool last = i + 4 == size;
        unsigned padding = last && text[i + 3] == '=' ? 1 + (text[i + 2] == '=') : 0;
        uint32_t four = 0;
        for (unsigned k = 0; k < 4; k++) {
            int value = k >= 4 - padding ? 0 : base64_value(text[i + k]);
            if (value < 0)
                return -EINVAL;
            four = four << 6 | (uint32_t)value;
        }
        /* The bits behind the last byte must be zero. Otherwise two texts would mean
         * the same bytes. */
        if ((padding == 1 && four & 0xff) || (padding == 2 && four & 0xffff))
            return -EINVAL;
        *to++ = (unsigned char)(four >> 16);
        if (padding < 2)
            *to++ = (unsigned char)(four >> 8);
        if (padding < 1)
            *to++ = (unsigned char)four;
    }
    return (int)(to - (unsigned char *)out);
}
