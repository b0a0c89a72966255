/* SPDX-License-Identifier: MIT */
#ifndef WIRE_CERTIFICATE_H
#define WIRE_CERTIFICATE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Bytes of a file of certificates that is read; that of a whole machine's authorities has 200 K. */
#define CERTIFICATE_FILE_MAX ((size_t)4 * 1024 * 1024)

/* When the certificates of a file end, in wall time. */
struct certificate_ends {
    uint64_t first_usec, last_usec; /* of all that are in it; the same when there is one */
};

/* Reads a file of certificates in PEM. 0, or -EIO with the reason, without the path, in *error: it
 * cannot be read, or there is no certificate in it, or one that cannot be understood. */
int certificate_file_read(const char *path, struct certificate_ends *ret, struct error *error);

/* The same for text in memory. */
int certificate_read(const char *pem, size_t size, struct certificate_ends *ret,
                     struct error *error);

#endif
