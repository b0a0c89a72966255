/* SPDX-License-Identifier: MIT */
#ifndef AWS_CREDENTIALS_H
#define AWS_CREDENTIALS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/secret.h"

/* The keys that sign calls to AWS. */
struct aws_credentials {
    char *access_key_id; /* NULL: no credentials */
    struct secret secret_access_key;
    struct secret session_token; /* empty for long-lived keys */
};

/* Copy the keys; the old contents of *ret are wiped. */
void aws_credentials_copy(struct aws_credentials *ret, const struct aws_credentials *credentials);

/* Whether all parts are the same. */
bool aws_credentials_equal(const struct aws_credentials *a, const struct aws_credentials *b);

/* Wipe and free the contents; fine on empty ones. */
void aws_credentials_clear(struct aws_credentials *credentials);

/* Credentials as a provider gives them, with their end. */
struct aws_session {
    struct aws_credentials credentials;
    uint64_t expires_usec; /* 0: they do not expire */
};

void aws_session_clear(struct aws_session *session);

#endif
