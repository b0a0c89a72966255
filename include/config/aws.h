/* SPDX-License-Identifier: MIT */
#ifndef CONFIG_AWS_H
#define CONFIG_AWS_H

#include "aws/identity.h"
#include "config/config.h"

/* Fill the options that come from [aws]: setting, region, keys and files. They borrow from the
 * config; *ret_files is the caller's (text_list_free), and must live as long as the identities. */
void config_aws_options(struct identities_options *ret, char ***ret_files,
                        const struct config *config);

/* Return the identity that a queue wants. It borrows from the queue. */
struct identity_want config_aws_want(const struct config_queue *queue);

#endif
