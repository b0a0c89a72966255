/* SPDX-License-Identifier: MIT */
#ifndef SRC_SANDBOX_CONTROL_H
#define SRC_SANDBOX_CONTROL_H

#include "sandbox.h"

/* The control endpoint: everything below /_sandbox. It is for testers, so it needs no credentials
 * and explains the faults of a request. */

#define CONTROL_BODY_MAX (64 * 1024 * 1024) /* of /_sandbox/publish with bodies */

/* Answer a request below /_sandbox. */
void control_request(struct sandbox *sandbox, struct exchange *exchange);

/* Read a publish request. Return 0, or -EINVAL with the reason in `why`. The caller frees
 * ret->bodies and the `count` strings in it. */
int control_read_publish(struct sandbox *sandbox, const cJSON *in, struct publish_order *ret,
                         struct text *why);

/* Read the queue for new client secrets. If the request asks for a new secret, make one. Return 0,
 * or -EINVAL with the reason in `why`. */
int control_read_rotation(struct sandbox *sandbox, const cJSON *in, struct text *why);

/* Read a fault rule. Return 0, or -EINVAL with the reason in `why`. */
int control_read_fault(const cJSON *in, struct fault_rule *ret, struct text *why);

#endif
