/* SPDX-License-Identifier: MIT */
#ifndef SRC_DAEMON_ADMIN_HOST_H
#define SRC_DAEMON_ADMIN_HOST_H

#include <stdbool.h>

/* Whether a request's Host names this machine: localhost, 127.0.0.0/8 or [::1], with or without a
 * port. */
bool admin_host_is_local(const char *host);

#endif
