/* SPDX-License-Identifier: MIT */
#ifndef SRC_RECEIVER_CHECK_H
#define SRC_RECEIVER_CHECK_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The receiving side of Standard Webhooks 1.0, written from the specification with OpenSSL alone.
 * It shares no code with the daemon's signer, so it checks the signer as well.
 */
struct check {
    unsigned char key[64];
    size_t key_size;
};

/* The parts of a request that the check needs. Any of the header values may be NULL. */
struct check_request {
    const char *id;
    const char *timestamp;
    const char *signature;
    const void *body;
    size_t body_size;
};

/* Read "whsec_..." from the file's first line. 0, or negative errno; -EINVAL: there is no such
 * secret. */
int check_read_secret(struct check *check, const char *path);

/* Whether one of the `v1,` signatures is right and the timestamp is at most five minutes away. */
bool check_signature(const struct check *check, const struct check_request *request);

#endif
