/* SPDX-License-Identifier: MIT */
#ifndef SIGNING_H
#define SIGNING_H

#include "base/text.h"
#include "commands.h"
#include "webhook/sign.h"

/* What sign and verify share. */

/* Bytes of a body that are read: more than any notification has. */
#define SIGNING_BODY_MAX ((size_t)16 * 1024 * 1024)

/* Reads the secret: of the configuration's webhook (--webhook), or from a file (--secret-file).
 * Returns CLI_DONE and keys, which the caller ends with webhook_keys_clear, or the exit status of
 * what was said. */
int signing_keys(const struct cli *cli, struct webhook_keys *ret);

/* The same for one webhook of the configuration; no keys where it has no secret. 0 or -EIO. */
int signing_webhook_keys(const struct config_webhook *webhook, struct webhook_keys *ret,
                         struct error *error);

/* The configuration's webhook of that name, or NULL with an error said. */
const struct config_webhook *signing_webhook(const struct config *config, const char *name);

/* Appends a file's bytes, or standard input's ("-" or NULL). Returns CLI_DONE or CLI_FAILED. */
int signing_read(const char *path, struct text *out);

#endif
