/* SPDX-License-Identifier: MIT */
#ifndef SRC_SPAPI_LWA_ANSWER_H
#define SRC_SPAPI_LWA_ANSWER_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/secret.h"
#include "wire/oauth.h"

/* Read the answer of LWA that came with `status`. `seller` is named in error texts (NULL:
 * grantless). Return 0 with the access token in *ret_token and its lifetime in *ret_lifetime_s (0
 * if LWA gave none), or -EIO with *error filled. */
int lwa_answer_parse(const char *bytes, size_t size, int status, const char *seller,
                     struct secret *ret_token, uint64_t *ret_lifetime_s, struct error *error);

#endif
