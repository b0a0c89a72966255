/* SPDX-License-Identifier: MIT */
#ifndef AMAZON_LWA_ANSWER_H
#define AMAZON_LWA_ANSWER_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/secret.h"
#include "wire/oauth.h"

/* Reads what LWA answered with `status`. `seller` (NULL: grantless) is named in texts. 0:
 * *ret_token holds the access token and *ret_lifetime_s its lifetime (0 when LWA did not tell); or
 * -EIO with *error filled. */
int lwa_answer_parse(const char *bytes, size_t size, int status, const char *seller,
                     struct secret *ret_token, uint64_t *ret_lifetime_s, struct error *error);

#endif
