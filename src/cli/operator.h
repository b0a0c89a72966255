/* SPDX-License-Identifier: MIT */
#ifndef OPERATOR_H
#define OPERATOR_H

#include <stdint.h>

/* Notes in the journal who has run `queue VERB TARGET`, and how many deliveries that changed. */
void operator_audit(const char *verb, const char *target, uint64_t deliveries);

#endif
