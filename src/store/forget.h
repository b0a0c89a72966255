/* SPDX-License-Identifier: MIT */
#ifndef SRC_STORE_FORGET_H
#define SRC_STORE_FORGET_H

#include <stdbool.h>
#include <stddef.h>

struct store;

/* Set *ret to whether the kept hash of a payload is the HMAC that store_forget made of this
 * payload. */
int forget_is_payload(struct store *store, const void *kept, size_t size,
                      const unsigned char *payload_sha256, bool *ret);

#endif
