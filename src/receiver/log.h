/* SPDX-License-Identifier: MIT */
#ifndef SRC_RECEIVER_LOG_H
#define SRC_RECEIVER_LOG_H

#include <stdbool.h>
#include <stdio.h>

#include "ledger.h"
#include "wire/server.h"

/* Append one JSON line about a request and its end. Status 0: it was not answered. */
void log_request(FILE *log, const struct exchange *exchange, int status, bool verified,
                 const struct ledger_ticket *ticket);

/* Write the request as it came, headers and body, to a new file. 0 or negative errno. */
int log_first(const char *path, const struct exchange *exchange);

#endif
