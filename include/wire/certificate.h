/* SPDX-License-Identifier: MIT */
#ifndef WIRE_CERTIFICATE_H
#define WIRE_CERTIFICATE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Bytes of a file of certificates that are read. The file of a machine's authorities has 200 K. */
#define CERTIFICATE_FILE_MAX ((size_t)4 * 1024 * 1024)

/* When the certificates of a file end, in wall time. */
struct certificate_ends {
    uint64_t first_usec, last_usec; /* of all certificates in it; the same if there is one */
};

/* Read a file of certificates in PEM. 0, or -EIO with the reason, without the path, in *error: the
 * file cannot be read, it has no certificate, or a certificate cannot be parsed. */
int certificate_file_read(const char *path, struct certificate_ends *ret, struct error *error);

/* The same for text in memory. */
int certificate_read(const char *pem, size_t size, struct certificate_ends *ret,
                     struct error *error);

#endif
