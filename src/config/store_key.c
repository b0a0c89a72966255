/* SPDX-License-Identifier: MIT */
#include "config/store_key.h"

#include <string.h>

#include "base/memory.h"
#include "draft.h"
#include "secret.h"
#include "values.h"

/* Add the keys of a secret, which are separated by commas. */
static int add_keys(struct store_keys *keys, const struct secret *value, struct error *error)
{
    const char *at = value->data, *end = at + value->size;
    while (at <= end) {
        const char *comma = memchr(at, ',', (size_t)(end - at));
        size_t size = (size_t)((comma ? comma : end) - at);
        if (keys->count == STORE_KEYS_MAX)
            return error_set(error, ERROR_CONFIG, "there are more than %d keys", STORE_KEYS_MAX);
        struct seal_key *key = seal_key_parse(at, size, STORE_KEY_PURPOSE);
        if (!key)
            return error_set(error, ERROR_CONFIG,
                             "a key must be 32 random bytes in Base64 (44 characters), as made by: "
                             "openssl rand -base64 32");
        keys->keys[keys->count++] = key;
        at += size + 1;
    }
    return 0;
}

int store_keys_check(const struct secret *value, struct error *error)
{
    struct store_keys keys = {0};
    int r = add_keys(&keys, value, error);
    store_keys_clear(&keys);
    return r;
}

int store_keys_load(struct store_keys *ret, const struct config *config, struct error *error)
{
    const struct config_secret *secret = &config->encrypt_bodies;
    CLEANUP(secret_clear) struct secret value = {0};
    struct error why;
    *ret = (struct store_keys){0};
    if (!secret->reference)
        return 0;
    int r = config_secret_resolve(&value, secret, error);
    if (r)
        return r;
    r = add_keys(ret, &value, &why);
    ret->closes = r == 0;
    if (r == 0)
        return 0;
    store_keys_clear(ret);
    return error_set(error, ERROR_CONFIG, "%s:%u: %s: %s", secret->place.file, secret->place.line,
                     secret->label ? secret->label : "[store] encrypt_bodies", why.text);
}

static void check_reference(const struct config_secret *secret, const char *reference,
                            void *userdata)
{
    const char **problem = userdata;
    (void)secret;
    if (config_secret_is_literal(reference))
        *problem = "credential:NAME, file:PATH or env:NAME is needed, not the key";
    else if (!*problem)
        *problem = config_reference_problem(reference);
}

int store_keys_add(struct store_keys *keys, const char *reference, struct error *error)
{
    const struct config_secret secret = {.reference = (char *)reference};
    CLEANUP(secret_clear) struct secret value = {0};
    const char *problem = NULL;
    config_secret_each_reference(&secret, check_reference, &problem);
    if (problem)
        return error_set(error, ERROR_CONFIG, "%s", problem);
    int r = config_secret_fetch(&value, &secret, error);
    return r ? r : add_keys(keys, &value, error);
}
