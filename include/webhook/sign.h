/* SPDX-License-Identifier: MIT */
#ifndef WEBHOOK_SIGN_H
#define WEBHOOK_SIGN_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/secret.h"
#include "base/text.h"

/*
 * Standard Webhooks 1.0.0, symmetric (github.com/standard-webhooks/standard-webhooks): HMAC-SHA256
 * over "id.timestamp.body" with the decoded bytes of a whsec_ secret of 24 to 64 bytes.
 */

/* Secrets that sign at the same time while one replaces the other. */
#define WEBHOOK_KEYS_MAX 2

struct webhook_keys {
    /* OpenSSL's HMAC with the decoded key in it, wiped when it is freed. Setting one up costs more
     * than signing with it. */
    struct evp_mac_ctx_st *macs[WEBHOOK_KEYS_MAX];
    size_t count; /* 0: requests go unsigned */
};

/* Read "whsec_..." or two of them separated by a comma. 0, or -EIO with a text that never repeats
 * the secret. The caller ends it with webhook_keys_clear. */
int webhook_keys_parse(struct webhook_keys *ret, const struct secret *text, struct error *error);
void webhook_keys_clear(struct webhook_keys *keys);

/* Append the value of webhook-signature: "v1,BASE64" for each key, separated by a space. The body
 * is hashed in parts, so that prefix and Amazon's bytes need not be joined for it. */
struct webhook_part {
    const void *bytes;
    size_t size;
};
void webhook_sign(struct text *out, const struct webhook_keys *keys, const char *id,
                  uint64_t timestamp_s, const struct webhook_part parts[], size_t n_parts);

/* Make the webhook-id of a dedupe key: the key itself if it matches [A-Za-z0-9_-]{1,128}, else
 * "sha256-" and 64 hex digits of its hash. out has room for WEBHOOK_ID_MAX. */
#define WEBHOOK_ID_MAX 129
void webhook_id(char out[WEBHOOK_ID_MAX], const char *dedupe_id);

#endif
