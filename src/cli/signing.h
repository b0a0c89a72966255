/* SPDX-License-Identifier: MIT */
#ifndef SRC_CLI_SIGNING_H
#define SRC_CLI_SIGNING_H

#include "base/text.h"
#include "commands.h"
#include "webhook/sign.h"

/* Shared by sign and verify. */

/* Limit for the bytes of a body, above the size of any notification. */
#define SIGNING_BODY_MAX ((size_t)16 * 1024 * 1024)

/* Read the secret, of the configuration's webhook (--webhook) or from a file (--secret-file).
 * Return CLI_DONE and keys, which the caller ends with webhook_keys_clear, or the exit status of a
 * reported error. */
int signing_keys(const struct cli *cli, struct webhook_keys *ret);

/* Read the secret of one webhook of the configuration. If it has none, there are no
 * keys. Return 0 or -EIO. */
int signing_webhook_keys(const struct config_webhook *webhook, struct webhook_keys *ret,
                         struct error *error);

/* Return the configuration's webhook with this name. If there is none, report that and
 * return NULL. */
const struct config_webhook *signing_webhook(const struct config *config, const char *name);

/* Append the bytes of a file, or of standard input ("-" or NULL). Return CLI_DONE or CLI_FAILED. */
int signing_read(const char *path, struct text *out);

#endif
