/* SPDX-License-Identifier: MIT */
#ifndef BASE_SEAL_H
#define BASE_SEAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Bytes that only the holder of a key can read or change: AES-256-GCM with a random nonce for each
 * value, on OpenSSL. A sealed value is nonce, ciphertext and tag. The key itself is made from a
 * secret by HKDF-SHA256 with a purpose, so that one secret can serve several purposes. It stays
 * inside OpenSSL's contexts, which wipe it. A failure inside OpenSSL is fatal, except that a value
 * does not open.
 */
struct seal_key;

/* Bytes by which a sealed value is longer than the plain one: nonce and tag. */
#define SEAL_EXTRA 28

/* The id of a key: 16 hex digits that say nothing about it, and NUL. */
#define SEAL_ID_SIZE 17

/* Make a key from any secret that is hard to guess. `purpose` is a fixed text. The caller frees the
 * key. */
struct seal_key *seal_key_new(const void *secret, size_t size, const char *purpose);

/* Make a key from 32 random bytes in Base64 (44 characters). NULL: the text has another form. */
struct seal_key *seal_key_parse(const char *text, size_t size, const char *purpose);

/* Wipe and free a key; NULL is fine. */
void seal_key_free(struct seal_key *key);

/* Return the key's id, which lives as long as the key. */
const char *seal_key_id(const struct seal_key *key);

/* The owner of a value. It is sealed together with the value, so that the value opens nowhere
 * else. */
struct seal_place {
    unsigned kind;
    int64_t id;
};

/* Seal `size` bytes into `out`, which has room for SEAL_EXTRA more. */
void seal_close(struct seal_key *key, struct seal_place place, const void *bytes, size_t size,
                void *out);

/* Open a value of `size` bytes into `out`, which has room for SEAL_EXTRA fewer. False: the value is
 * damaged, of another place or of another key; then do not use `out`. */
bool seal_open(struct seal_key *key, struct seal_place place, const void *sealed, size_t size,
               void *out);

#endif
