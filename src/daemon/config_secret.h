/* SPDX-License-Identifier: MIT */
#ifndef CONFIG_SECRET_H
#define CONFIG_SECRET_H

#include "daemon/config.h"

/* Wipes and frees what is in it; fine on an empty one. */
void config_secret_clear(struct config_secret *secret);

/* Reads a file of at most CONFIG_LINE_MAX bytes, as it is. 0, -EFBIG, or another negative errno;
 * -EINVAL: it is no regular file. */
int secret_read_file(struct secret *ret, const char *path);

/* What is wrong with a reference that is no literal; NULL: nothing. */
const char *config_reference_problem(const char *reference);

/* Finds a systemd credential where design 4.2 lists them, encrypted ones through systemd-creds,
 * which gets CREDENTIAL_DECRYPT_USEC. 0, or -EIO with the reason, without the name, in *error. */
#define CREDENTIAL_DECRYPT_USEC 30000000
int credential_find(struct secret *ret, const char *name, struct error *error);

/* Reads a file that systemd-creds has encrypted under that name. What systemd-creds has to say goes
 * to our stderr. 0, or -EIO with the reason in *error. */
int credential_decrypt(struct secret *ret, const char *name, const char *path, struct error *error);

/* Takes a variable out of the environment; what it held is given again to all who ask for the same
 * name later. 0, or -ENOENT. */
int secret_take_variable(struct secret *ret, const char *name);

#endif
