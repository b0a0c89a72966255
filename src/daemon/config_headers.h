/* SPDX-License-Identifier: MIT */
#ifndef CONFIG_HEADERS_H
#define CONFIG_HEADERS_H

#include "daemon/config.h"

/* Wipe and free the contents. An empty one is fine. */
void config_headers_clear(struct config_headers *headers);

#endif
