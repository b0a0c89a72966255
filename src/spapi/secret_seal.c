/* SPDX-License-Identifier: MIT */
#include "secret_seal.h"

#include <errno.h>
#include <string.h>

#include "base/digest.h"
#include "base/memory.h"
#include "base/seal.h"

#define PURPOSE   "dockbell client secret 1"
#define SEALED_BY "sealed_by="
#define SEALED    "\nsealed="
/* Where the value begins. */
#define VALUE_AT (sizeof(SEALED_BY) - 1 + SEAL_ID_SIZE - 1 + sizeof(SEALED) - 1)

/* There is one such value, so its place says nothing. */
static const struct seal_place place;

bool secret_seal_is(const char *bytes, size_t size)
{
    return size >= sizeof(SEALED_BY) - 1 && memcmp(bytes, SEALED_BY, sizeof(SEALED_BY) - 1) == 0;
}

void secret_seal_make(struct text *out, const char *plain, size_t size, const struct secret *key)
{
    size_t sealed_size = size + SEAL_EXTRA;
    AUTOFREE unsigned char *sealed = memory_new(sealed_size);
    AUTOFREE char *base64 = memory_new(DIGEST_BASE64_MAX(sealed_size));
    struct seal_key *by = seal_key_new(key->data, key->size, PURPOSE);
    seal_close(by, place, plain, size, sealed);
    digest_base64(base64, sealed, sealed_size);
    text_appendf(out, SEALED_BY "%s" SEALED "%s\n", seal_key_id(by), base64);
    seal_key_free(by);
}

/* The plain form goes through a buffer that is wiped. */
static int open_value(struct secret *ret, struct seal_key *by, const unsigned char *sealed,
                      size_t size)
{
    if (size < SEAL_EXTRA)
        return -EINVAL;
    char *plain = memory_new(size);
    bool opened = seal_open(by, place, sealed, size, plain);
    if (opened)
        secret_set(ret, plain, size - SEAL_EXTRA);
    explicit_bzero(plain, size);
    free(plain);
    return opened ? 0 : -EINVAL;
}

int secret_seal_open(struct secret *ret, const char *bytes, size_t size, const struct secret *key)
{
    if (size <= VALUE_AT || bytes[size - 1] != '\n' ||
        memcmp(bytes + VALUE_AT - (sizeof(SEALED) - 1), SEALED, sizeof(SEALED) - 1) != 0)
        return -EINVAL;
    const char *id = bytes + sizeof(SEALED_BY) - 1, *value = bytes + VALUE_AT;
    size_t value_size = size - VALUE_AT - 1;
    AUTOFREE unsigned char *sealed = memory_new(value_size + 1);
    int sealed_size = digest_base64_decode(sealed, value, value_size);
    if (sealed_size < 0)
        return -EINVAL;
    struct seal_key *by = key && key->data ? seal_key_new(key->data, key->size, PURPOSE) : NULL;
    int r = by && memcmp(seal_key_id(by), id, SEAL_ID_SIZE - 1) == 0
                ? open_value(ret, by, sealed, (size_t)sealed_size)
                : 1;
    seal_key_free(by);
    return r;
}
