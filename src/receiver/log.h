/* SPDX-License-Identifier: MIT */
#ifndef RECEIVER_LOG_H
#define RECEIVER_LOG_H

#include <stdbool.h>
#include <stdio.h>

#include "ledger.h"
#include "wire/server.h"

/* Appends one JSON line about a request and its end; status 0: it was not answered. */
void log_request(FILE *log, const struct exchange *exchange, int status, bool verified,
                 const struct ledger_ticket *ticket);

/* Writes the request as it came, headers and body, to a new file. 0 or negative errno. */
int log_first(const char *path, const struct exchange *exchange);

#endif
