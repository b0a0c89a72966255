/* SPDX-License-Identifier: MIT */
#ifndef SRC_CONFIG_HEADERS_H
#define SRC_CONFIG_HEADERS_H

#include "config/config.h"

/* Wipe and free the contents. An empty one is fine. */
void config_headers_clear(struct config_headers *headers);

#endif
