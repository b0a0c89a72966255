/* SPDX-License-Identifier: MIT */
#ifndef STORE_FORGET_PRIVATE_H
#define STORE_FORGET_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>

struct store;

/* Set *ret to whether the kept hash of a payload is the HMAC that store_forget made of this
 * payload. */
int forget_is_payload(struct store *store, const void *kept, size_t size,
                      const unsigned char *payload_sha256, bool *ret);

#endif
