/* SPDX-License-Identifier: MIT */
#ifndef SRC_CLI_CHECK_SCHEDULE_H
#define SRC_CLI_CHECK_SCHEDULE_H

#include "config/config.h"

/* Print the times of all tries of each webhook, as tables for people on stdout. The daemon uses the
 * same functions for its waits. */
void schedule_print(const struct config *config);

/* Print the same as JSON Lines: for each webhook its limits, then a line for each try. */
void schedule_print_json(const struct config *config);

#endif
