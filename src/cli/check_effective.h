/* SPDX-License-Identifier: MIT */
#ifndef CHECK_EFFECTIVE_H
#define CHECK_EFFECTIVE_H

#include "base/text.h"
#include "daemon/config.h"

/* check --print: the configuration that results from all files and defaults, with the place of each
 * value. Secrets are shown as references, literal ones not at all. */

/* On stdout, in the form of a config file; places are comments. */
void effective_print(const struct config *config);

/* The same as the member "sections" of a JSON object. */
void effective_put(struct text *out, const struct config *config);

#endif
