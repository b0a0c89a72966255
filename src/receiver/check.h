/* SPDX-License-Identifier: MIT */
#ifndef RECEIVER_CHECK_H
#define RECEIVER_CHECK_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The receiving side of Standard Webhooks 1.0, written from the specification and on OpenSSL alone,
 * so that it also checks the daemon's signer, with which it shares no code.
 */
struct check {
    unsigned char key[64];
    size_t key_size;
};

/* What the signature covers. Any of the header values may be NULL. */
struct check_request {
    const char *id;
    const char *timestamp;
    const char *signature;
    const void *body;
    size_t body_size;
};

/* Reads "whsec_..." from the file's first line. 0, or negative errno; -EINVAL: no such secret. */
int check_read_secret(struct check *check, const char *path);

/* Whether one of the `v1,` signatures is right and the timestamp is at most five minutes away. */
bool check_signature(const struct check *check, const struct check_request *request);

#endif
