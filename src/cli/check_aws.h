/* SPDX-License-Identifier: MIT */
#ifndef SRC_CLI_CHECK_AWS_H
#define SRC_CLI_CHECK_AWS_H

#include "config/config.h"

/* Where AWS credentials come from, and the sources that this one hides. */
struct check_aws {
    char *place, *hidden; /* NULL: none is found */
};

/* Find it, without the network. A profile that cannot be used is a warning: the daemon may have
 * another environment. The caller owns the contents (check_aws_clear). */
void check_aws_look(struct check_aws *ret, const struct config *config,
                    struct config_findings *findings);
void check_aws_clear(struct check_aws *aws);

/* Print it, if it is not just the key in [aws]. */
void check_aws_print(const struct check_aws *aws);
void check_aws_put(struct text *out, const struct check_aws *aws);

#endif
