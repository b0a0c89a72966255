/* SPDX-License-Identifier: MIT */
#ifndef BASE_SEAL_H
#define BASE_SEAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Bytes that only the holder of a key can read or change: AES-256-GCM with a random nonce for each
 * value, on OpenSSL. A sealed value is nonce, ciphertext and tag. The key itself is made from a
 * secret by HKDF-SHA256 with a purpose, so that one secret can serve several purposes; it stays
 * inside of OpenSSL's contexts, which wipe it. A failure inside OpenSSL is fatal, except that a
 * value does not open.
 */
struct seal_key;

/* Bytes that a sealed value has more than the plain one: nonce and tag. */
#define SEAL_EXTRA 28

/* The id of a key: 16 hex digits that say nothing about it, and NUL. */
#define SEAL_ID_SIZE 17

/* Makes a key from any secret that is hard to guess. `purpose` is a fixed text. The caller frees
 * it. */
struct seal_key *seal_key_new(const void *secret, size_t size, const char *purpose);

/* The same from 32 random bytes in Base64 (44 characters). NULL: the text is not that. */
struct seal_key *seal_key_parse(const char *text, size_t size, const char *purpose);

/* Wipes and frees; NULL is fine. */
void seal_key_free(struct seal_key *key);

/* Its id, which lives as long as the key. */
const char *seal_key_id(const struct seal_key *key);

/* Whose value it is: sealed together with it, so that it opens nowhere else. */
struct seal_place {
    unsigned kind;
    int64_t id;
};

/* Seals `size` bytes into `out`, which has room for SEAL_EXTRA more. */
void seal_close(struct seal_key *key, struct seal_place place, const void *bytes, size_t size,
                void *out);

/* Opens a value of `size` bytes into `out`, which has room for SEAL_EXTRA fewer. False: it is
 * damaged, of another place or of another key; nothing in `out` is to be used then. */
bool seal_open(struct seal_key *key, struct seal_place place, const void *sealed, size_t size,
               void *out);

#endif
