/* SPDX-License-Identifier: MIT */
#ifndef SRC_SPAPI_SECRET_SEAL_H
#define SRC_SPAPI_SECRET_SEAL_H

#include <stdbool.h>

#include "base/secret.h"
#include "base/text.h"

/*
 * The sealed form of the client secret's file: the lines "sealed_by=" with the key's id and
 * "sealed=" with Base64 of the plain form, sealed (base/seal.h) with a key made from the configured
 * client secret (docs/decisions/0033-sealed-client-secret.md).
 */

bool secret_seal_is(const char *bytes, size_t size);

/* Appends the sealed form. */
void secret_seal_make(struct text *out, const char *plain, size_t size, const struct secret *key);

/* Opens it into *ret. 0; 1: it was sealed with another key; -EINVAL: it is damaged. */
int secret_seal_open(struct secret *ret, const char *bytes, size_t size, const struct secret *key);

#endif
