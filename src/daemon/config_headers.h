/* SPDX-License-Identifier: MIT */
#ifndef CONFIG_HEADERS_H
#define CONFIG_HEADERS_H

#include "daemon/config.h"

/* Wipes and frees what is in it; fine on an empty one. */
void config_headers_clear(struct config_headers *headers);

#endif
