/* SPDX-License-Identifier: MIT */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Hashes and encodings, with OpenSSL. A failure inside OpenSSL is fatal, except for MD5, which FIPS
 * builds do not have. */

#define SHA256_SIZE 32

/* Write the SHA-256 of the bytes into out. */
void digest_sha256(unsigned char out[SHA256_SIZE], const void *bytes, size_t size);

/* Write the HMAC-SHA256 of the bytes with the key into out. */
void digest_hmac_sha256(unsigned char out[SHA256_SIZE], const void *key, size_t key_size,
                        const void *bytes, size_t size);

/* Write the MD5 as 32 hex digits into out (33 bytes). Returns false if OpenSSL has no MD5. */
bool digest_md5_hex(char out[33], const void *bytes, size_t size);

/* Return the first eight bytes of a SHA-256 over the parts, each with its length: equal only for
 * equal lists of parts. */
int64_t digest_key64(const char *const parts[], size_t count);

/* Write Base64 (RFC 4648, standard alphabet, padded) into out, which has room for
 * DIGEST_BASE64_MAX(size). Returns its length. */
#define DIGEST_BASE64_MAX(size) (((size) + 2) / 3 * 4 + 1)
size_t digest_base64(char *out, const void *bytes, size_t size);

/* Decode padded base64; out has room for size / 4 * 3 bytes. Returns the number of bytes, or
 * -EINVAL for anything that is not strictly base64. */
int digest_base64_decode(void *out, const char *text, size_t size);

#endif
