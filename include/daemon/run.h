/* SPDX-License-Identifier: MIT */
#ifndef DAEMON_RUN_H
#define DAEMON_RUN_H

#include "config/config.h"

/* Exit statuses of the daemon; systemd does not restart on DAEMON_EXIT_CONFIG. */
enum daemon_exit { DAEMON_EXIT_DONE = 0, DAEMON_EXIT_FAILED = 1, DAEMON_EXIT_CONFIG = 78 };

/* The longest time that a stop by SIGTERM takes. TimeoutStopSec of the unit is a little more. */
#define DAEMON_DRAIN_USEC (23 * 1000000ULL)
/* READY=1 is sent after this time even if no queue has answered. */
#define DAEMON_READY_USEC (10 * 1000000ULL)

/* Runs in the foreground until SIGTERM or SIGINT, or until it can't go on. The config has
 * no errors and is freed with its last use: after a reload nothing of it stays. Says everything
 * through journal events. */
enum daemon_exit daemon_run(struct config *config);

#endif
