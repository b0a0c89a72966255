/* SPDX-License-Identifier: MIT */
#ifndef AMAZON_SECRET_FILE_H
#define AMAZON_SECRET_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/secret.h"

/*
 * The client secret that Amazon sent, in a file of its own in the state directory, the only place
 * where it is written: lines "key=value" with client_id, secret, issued, expires, received, and
 * old_secret with old_expires while the replaced one is kept.
 */
#define SECRET_FILE_NAME "client_secret"
#define SECRET_FILE_MAX  ((size_t)16 * 1024)
/* Bytes of a secret or client id in it. */
#define SECRET_FILE_WORD_MAX 1024

struct secret_file {
    char *client_id;
    struct secret secret, old; /* old empty: none is kept */
    uint64_t issued_usec, expires_usec, received_usec, old_expires_usec; /* wall; 0: not known */
};

/* Reads the bytes of such a file; keys that it does not know are passed over. 0, or -EINVAL. The
 * caller ends it with secret_file_clear either way. */
int secret_file_parse(struct secret_file *ret, const char *bytes, size_t size);
void secret_file_clear(struct secret_file *file);

/* Reads directory/SECRET_FILE_NAME. 0; 1: there is none (nor a directory); or -EIO with the reason
 * in *error. The caller ends it with secret_file_clear either way. */
int secret_file_read(struct secret_file *ret, const char *directory, struct error *error);

/* Writes it: when it returns 0, the secret is on disk (law 1). Or negative errno. */
int secret_file_write(const struct secret_file *file, const char *directory);

#endif
