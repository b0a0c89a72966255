/* SPDX-License-Identifier: MIT */
#ifndef SRC_SANDBOX_CANONICAL_H
#define SRC_SANDBOX_CANONICAL_H

#include <stddef.h>

#include "base/text.h"

/*
 * The canonical request of Signature Version 4, for any method, path, query and list of signed
 * headers. It follows AWS's description ("Create a signed AWS API request", IAM user guide) and
 * shares no code with the daemon's signer.
 */
struct canonical_request {
    const char *method;
    const char *target;                                      /* path and query as they were sent */
    const char *(*header)(void *userdata, const char *name); /* NULL: absent */
    void *userdata;
    const char *signed_headers; /* "content-type;host;x-amz-date" */
    const void *body;
    size_t body_size;
};

/* Append the canonical request. Return 0, or -EINVAL if a signed header is not in the request. */
int canonical_write(struct text *out, const struct canonical_request *request);

/* Append SHA-256 of the bytes as hex. */
void canonical_hash(struct text *out, const void *bytes, size_t size);

#endif
