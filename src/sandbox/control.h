/* SPDX-License-Identifier: MIT */
#ifndef SANDBOX_CONTROL_H
#define SANDBOX_CONTROL_H

#include "sandbox.h"

/* The control endpoint: everything below /_sandbox. It is for the people who test, so it needs no
 * credentials, and it explains what is wrong with a request. */

#define CONTROL_BODY_MAX (64 * 1024 * 1024) /* of /_sandbox/publish with bodies */

void control_request(struct sandbox *sandbox, struct exchange *exchange);

/* Reads a publish request. 0; or -EINVAL and the reason in `why`. The caller frees ret->bodies and
 * the `count` strings in it. */
int control_read_publish(struct sandbox *sandbox, const cJSON *in, struct publish_order *ret,
                         struct text *why);

/* Reads where new client secrets go to, and makes one when that is asked for. 0; or -EINVAL and the
 * reason in `why`. */
int control_read_rotation(struct sandbox *sandbox, const cJSON *in, struct text *why);

/* Reads a fault rule. 0; or -EINVAL and the reason in `why`. */
int control_read_fault(const cJSON *in, struct fault_rule *ret, struct text *why);

#endif
