/* SPDX-License-Identifier: MIT */
#ifndef AWS_CREDENTIALS_H
#define AWS_CREDENTIALS_H

#include "base/error.h"
#include "base/secret.h"

/*
 * The keys that sign calls to SQS. Clients borrow a pointer and read it whenever they sign, so the
 * owner may renew the keys in place between two turns of the loop.
 */
struct aws_credentials {
    char *access_key_id; /* NULL: no credentials */
    struct secret secret_access_key;
    struct secret session_token; /* empty for long-lived keys */
};

/* Take AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN from the environment. The
 * secret ones are removed from it, so that neither children nor /proc show them for longer than
 * necessary. 0; 1: there are none; -EIO with a text in *error: one is there without the other. The
 * caller owns the contents (aws_credentials_clear). */
int aws_credentials_from_environment(struct aws_credentials *ret, struct error *error);

/* Wipe and free the contents; fine on empty ones. */
void aws_credentials_clear(struct aws_credentials *credentials);

#endif
