/* SPDX-License-Identifier: MIT */
#ifndef SRC_CLI_OPERATOR_H
#define SRC_CLI_OPERATOR_H

#include <stdint.h>

/* Log the user who has run `queue VERB TARGET`, and the number of changed deliveries. */
void operator_audit(const char *verb, const char *target, uint64_t deliveries);

/* Logs who has run `queue forget` for an order, by its reference. */
void operator_audit_forgotten(const char *reference, uint64_t notifications);

/* Logs who has run `dockbell COMMAND TARGET`, which shows or copies bodies. */
void operator_audit_read(const char *command, const char *target);

#endif
