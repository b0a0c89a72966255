/* SPDX-License-Identifier: MIT */
#include "base/seal.h"

#include <limits.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/memory.h"
#include "base/text.h"

#define KEY_SIZE   32
#define NONCE_SIZE 12
#define TAG_SIZE   16
#define ID_BYTES   8

/* Base64 of KEY_SIZE bytes. */
#define KEY_TEXT_SIZE 44

/* Random bytes are fetched for so many nonces at once: each call costs as much as sealing. */
#define NONCES 32

/* One context for each direction: the key schedule is made once. */
struct seal_key {
    EVP_CIPHER_CTX *closing, *opening;
    char id[SEAL_ID_SIZE];
    unsigned char nonces[NONCES][NONCE_SIZE];
    unsigned used; /* of the nonces */
};

/* HKDF (RFC 5869) without salt: the secret is random already. */
static void derive(unsigned char *out, size_t size, const void *secret, size_t secret_size,
                   const char *purpose)
{
    EVP_KDF *hkdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
    EVP_KDF_CTX *context = hkdf ? EVP_KDF_CTX_new(hkdf) : NULL;
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)"SHA256", 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)secret, secret_size),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, (void *)purpose, strlen(purpose)),
        OSSL_PARAM_construct_end(),
    };
    if (!context || EVP_KDF_derive(context, out, size, parameters) <= 0)
        abort();
    EVP_KDF_CTX_free(context);
    EVP_KDF_free(hkdf);
}

/* OpenSSL keeps the key in the context, wipes it with the context, and takes a new nonce for each
 * value. */
static EVP_CIPHER_CTX *make_context(const unsigned char key[KEY_SIZE], int closes)
{
    EVP_CIPHER *gcm = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    if (!gcm || !context || !EVP_CipherInit_ex2(context, gcm, key, NULL, closes, NULL))
        abort();
    EVP_CIPHER_free(gcm);
    return context;
}

struct seal_key *seal_key_new(const void *secret, size_t size, const char *purpose)
{
    unsigned char made[KEY_SIZE + ID_BYTES];
    struct seal_key *key = NEW(struct seal_key);
    derive(made, sizeof(made), secret, size, purpose);
    key->closing = make_context(made, 1);
    key->opening = make_context(made, 0);
    text_hex(key->id, made + KEY_SIZE, ID_BYTES);
    key->used = NONCES;
    explicit_bzero(made, sizeof(made));
    return key;
}

struct seal_key *seal_key_parse(const char *text, size_t size, const char *purpose)
{
    unsigned char bytes[KEY_TEXT_SIZE / 4 * 3];
    struct seal_key *key = NULL;
    if (size == KEY_TEXT_SIZE && digest_base64_decode(bytes, text, size) == KEY_SIZE)
        key = seal_key_new(bytes, KEY_SIZE, purpose);
    explicit_bzero(bytes, sizeof(bytes));
    return key;
}

void seal_key_free(struct seal_key *key)
{
    if (!key)
        return;
    EVP_CIPHER_CTX_free(key->closing);
    EVP_CIPHER_CTX_free(key->opening);
    free(key);
}

const char *seal_key_id(const struct seal_key *key)
{
    return key->id;
}

/* What is authenticated beside the value: the same bytes on every machine. */
#define PLACE_SIZE 12

static void write_place(unsigned char out[PLACE_SIZE], struct seal_place place)
{
    for (int i = 0; i < 4; i++)
        out[i] = (unsigned char)(place.kind >> (8 * i));
    for (int i = 0; i < 8; i++)
        out[4 + i] = (unsigned char)((uint64_t)place.id >> (8 * i));
}

static const unsigned char *next_nonce(struct seal_key *key)
{
    if (key->used == NONCES) {
        if (RAND_bytes(key->nonces[0], sizeof(key->nonces)) != 1)
            abort();
        key->used = 0;
    }
    return key->nonces[key->used++];
}

void seal_close(struct seal_key *key, struct seal_place place, const void *bytes, size_t size,
                void *out)
{
    unsigned char with[PLACE_SIZE], *nonce = out, *text = nonce + NONCE_SIZE;
    EVP_CIPHER_CTX *context = key->closing;
    int written = 0, last = 0;
    if (size > INT_MAX - SEAL_EXTRA)
        abort();
    write_place(with, place);
    memcpy(nonce, next_nonce(key), NONCE_SIZE);
    if (!EVP_EncryptInit_ex2(context, NULL, NULL, nonce, NULL) ||
        !EVP_EncryptUpdate(context, NULL, &written, with, PLACE_SIZE) ||
        !EVP_EncryptUpdate(context, text, &written, bytes, (int)size) ||
        !EVP_EncryptFinal_ex(context, text + size, &last) ||
        !EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, TAG_SIZE, text + size))
        abort();
}

bool seal_open(struct seal_key *key, struct seal_place place, const void *sealed, size_t size,
               void *out)
{
    unsigned char with[PLACE_SIZE], tag[TAG_SIZE], none[1];
    const unsigned char *nonce = sealed, *text = nonce + NONCE_SIZE;
    EVP_CIPHER_CTX *context = key->opening;
    int written = 0, last = 0;
    if (size < SEAL_EXTRA || size > INT_MAX)
        return false;
    size -= SEAL_EXTRA;
    write_place(with, place);
    memcpy(tag, text + size, TAG_SIZE);
    if (!EVP_DecryptInit_ex2(context, NULL, NULL, nonce, NULL) ||
        !EVP_DecryptUpdate(context, NULL, &written, with, PLACE_SIZE) ||
        !EVP_DecryptUpdate(context, size ? out : none, &written, text, (int)size) ||
        !EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, TAG_SIZE, tag))
        abort();
    return EVP_DecryptFinal_ex(context, none, &last) > 0;
}
