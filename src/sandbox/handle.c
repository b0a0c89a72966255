/* SPDX-License-Identifier: MIT */
#include "handle.h"

#include <errno.h>
#include <openssl/evp.h>
#include <string.h>

#include "rng.h"

/* Fill in the check, the two words of fields, which are hidden by it and the key, and a filler that
 * depends on all of them. */
static void fill(unsigned char bytes[HANDLE_BYTES], const struct handle *handle, uint64_t key)
{
    uint64_t first = (uint64_t)handle->queue << 32 | handle->slot;
    uint64_t second = (uint64_t)handle->generation << 32 | handle->receive;
    uint64_t check = rng_pair(rng_pair(key, first), second);
    uint64_t words[HANDLE_BYTES / sizeof(uint64_t)];
    words[0] = check;
    words[1] = first ^ rng_pair(key, check);
    words[2] = second ^ rng_pair(check, key);
    uint64_t state = check;
    for (size_t i = 3; i < HANDLE_BYTES / sizeof(uint64_t); i++)
        words[i] = rng_next(&state);
    memcpy(bytes, words, HANDLE_BYTES);
}

void handle_write(char out[HANDLE_CHARS + 1], const struct handle *handle, uint64_t key)
{
    unsigned char bytes[HANDLE_BYTES];
    fill(bytes, handle, key);
    EVP_EncodeBlock((unsigned char *)out, bytes, HANDLE_BYTES);
}

int handle_read(struct handle *ret, const char *text, uint64_t key)
{
    if (strlen(text) != HANDLE_CHARS)
        return -EINVAL;
    unsigned char bytes[HANDLE_BYTES], expected[HANDLE_BYTES];
    if (EVP_DecodeBlock(bytes, (const unsigned char *)text, HANDLE_CHARS) != HANDLE_BYTES)
        return -EINVAL;
    uint64_t words[3];
    memcpy(words, bytes, sizeof(words));
    uint64_t first = words[1] ^ rng_pair(key, words[0]);
    uint64_t second = words[2] ^ rng_pair(words[0], key);
    *ret = (struct handle){(uint32_t)(first >> 32), (uint32_t)first, (uint32_t)(second >> 32),
                           (uint32_t)second};
    fill(expected, ret, key);
    return memcmp(bytes, expected, HANDLE_BYTES) == 0 ? 0 : -EINVAL;
}
