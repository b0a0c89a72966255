/* SPDX-License-Identifier: MIT */
#ifndef SRC_CLI_CHECK_ONLINE_H
#define SRC_CLI_CHECK_ONLINE_H

#include <stdbool.h>

#include "base/text.h"
#include "config/config.h"

/* The results of `check --online`. The functions below take NULL for "not checked". */
struct online;

/* Do all checks and wait for their results. The caller owns the result and must keep the config
 * until online_free. Return NULL if the loop failed, which is reported on stderr. */
struct online *online_look(const struct config *config);

/* Free the results. NULL is allowed. */
void online_free(struct online *online);

/* Whether no check has failed. */
bool online_is_good(const struct online *online);

/* Print one line for each check on stdout. Remedies are below their lines. */
void online_print(const struct online *online);

/* Append the member "online": a list, or null. */
void online_put(struct text *out, const struct online *online);

#endif
