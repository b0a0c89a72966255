/* SPDX-License-Identifier: MIT */
#ifndef SPAPI_SECRET_FILE_H
#define SPAPI_SECRET_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/secret.h"

/*
 * The client secret that Amazon sent, in a file of its own in the state directory, the only place
 * where it is written: lines "key=value" with client_id, secret, issued, expires, received, and
 * old_secret with old_expires while the replaced one is kept. On disk it is sealed with a key made
 * from the configured secret; an earlier version wrote it as it is.
 */
#define SECRET_FILE_NAME "client_secret"
#define SECRET_FILE_MAX  ((size_t)16 * 1024)
/* Bytes of a secret or client id in the file. */
#define SECRET_FILE_WORD_MAX 1024

struct secret_file {
    char *client_id;
    struct secret secret, old; /* old empty: none is kept */
    bool sealed;               /* on disk, when it was read */
    uint64_t issued_usec, expires_usec, received_usec, old_expires_usec; /* wall; 0: not known */
};

/* Parse the bytes of such a file; unknown keys are ignored. 0, or -EINVAL. In both cases the caller
 * ends it with secret_file_clear. */
int secret_file_parse(struct secret_file *ret, const char *bytes, size_t size);
void secret_file_clear(struct secret_file *file);

/* The file is sealed with a key from another secret: the config has been changed since. */
#define SECRET_FILE_LOCKED 2

/* Read directory/SECRET_FILE_NAME; `configured` opens it if it is sealed. 0; 1: there is no file
 * (or no directory); or the reason in *error: SECRET_FILE_LOCKED, or -EIO. The caller calls
 * secret_file_clear in all cases. */
int secret_file_read(struct secret_file *ret, const char *directory,
                     const struct secret *configured, struct error *error);

/* Write the file, sealed with a key from `configured` (empty: not sealed). If this returns 0, the
 * secret is on disk. Or negative errno. */
int secret_file_write(const struct secret_file *file, const char *directory,
                      const struct secret *configured);

#endif
