/* SPDX-License-Identifier: MIT */
#ifndef CONFIG_AWS_H
#define CONFIG_AWS_H

#include "aws/credentials.h"
#include "config/config.h"

/* Read the keys of [aws] or, if the section has none, those of the environment. 0, or -EIO with the
 * reason in *error. The caller owns the contents in both cases (aws_credentials_clear). */
int config_aws_credentials(struct aws_credentials *ret, const struct config *config,
                           struct error *error);

#endif
