/* SPDX-License-Identifier: MIT */
#ifndef CONFIG_STORE_KEY_H
#define CONFIG_STORE_KEY_H

#include "config/config.h"
#include "store/keys.h"

/* Read the keys of [store] encrypt_bodies: the first seals, the others only open. If encrypt_bodies
 * is not set, there are none. 0, or -EIO with the reason in *error. */
int store_keys_load(struct store_keys *ret, const struct config *config, struct error *error);

/* Add the keys of a reference (credential:NAME, file:PATH or env:NAME; several with commas), which
 * only open. The key itself is refused as a reference: it would be in the command line. */
int store_keys_add(struct store_keys *keys, const char *reference, struct error *error);

/* Whether a secret consists of keys. 0, or -EIO with the reason in *error. */
int store_keys_check(const struct secret *value, struct error *error);

#endif
