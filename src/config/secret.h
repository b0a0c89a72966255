/* SPDX-License-Identifier: MIT */
#ifndef SRC_CONFIG_SECRET_H
#define SRC_CONFIG_SECRET_H

#include "config/config.h"

/* Wipe and free the contents. An empty one is fine. */
void config_secret_clear(struct config_secret *secret);

/* Read a file of at most CONFIG_LINE_MAX bytes, as it is. 0, -EFBIG, or another negative errno;
 * -EINVAL: it is not a regular file. */
int secret_read_file(struct secret *ret, const char *path);

/* Return the problem of a reference that is not a literal; NULL: none. */
const char *config_reference_problem(const char *reference);

/* Find a systemd credential in the places that dockbell.conf(5) lists. Encrypted ones go through
 * systemd-creds, which gets CREDENTIAL_DECRYPT_USEC. 0, or -EIO with the reason, without the name,
 * in *error. */
#define CREDENTIAL_DECRYPT_USEC 30000000
int credential_find(struct secret *ret, const char *name, struct error *error);

/* Read a file that systemd-creds has encrypted under that name. The messages of systemd-creds go to
 * our stderr. 0, or -EIO with the reason in *error. */
int credential_decrypt(struct secret *ret, const char *name, const char *path, struct error *error);

/* Take a variable out of the environment. Later calls with the same name get the same value. 0, or
 * -ENOENT. */
int secret_take_variable(struct secret *ret, const char *name);

#endif
