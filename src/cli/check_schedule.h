/* SPDX-License-Identifier: MIT */
#ifndef CHECK_SCHEDULE_H
#define CHECK_SCHEDULE_H

#include "daemon/config.h"

/* When each webhook is tried again, by the functions that the daemon waits by: tables on stdout for
 * people. */
void schedule_print(const struct config *config);

/* The same as JSON Lines: for each webhook its limits, then a line for each try. */
void schedule_print_json(const struct config *config);

#endif
