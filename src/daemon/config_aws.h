/* SPDX-License-Identifier: MIT */
#ifndef CONFIG_AWS_H
#define CONFIG_AWS_H

#include "amazon/credentials.h"
#include "daemon/config.h"

/* The keys of [aws], or those of the environment where the section has none. 0, or -EIO with the
 * reason in *error. The caller owns the contents either way (aws_credentials_clear). */
int config_aws_credentials(struct aws_credentials *ret, const struct config *config,
                           struct error *error);

#endif
