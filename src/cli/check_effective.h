/* SPDX-License-Identifier: MIT */
#ifndef SRC_CLI_CHECK_EFFECTIVE_H
#define SRC_CLI_CHECK_EFFECTIVE_H

#include "base/text.h"
#include "config/config.h"

/* check --print: the configuration that results from all files and defaults, with the place of each
 * value. Secrets are shown as references. Literal secrets are not shown. */

/* Print it on stdout in the form of a config file, with places as comments. */
void effective_print(const struct config *config);

/* Append it as the member "sections" of a JSON object. */
void effective_put(struct text *out, const struct config *config);

#endif
