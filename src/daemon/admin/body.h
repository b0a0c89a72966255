/* SPDX-License-Identifier: MIT */
#ifndef SRC_DAEMON_ADMIN_BODY_H
#define SRC_DAEMON_ADMIN_BODY_H

#include <stdbool.h>
#include <stddef.h>

/* Most bytes of a request's body: it has two members, and an ARN has 1000 characters at most. */
#define ADMIN_BODY_MAX ((size_t)16 * 1024)

/* The members of registerNotification's body (Data Border, Notifications API). */
struct admin_body {
    char *arn; /* of a standard SQS queue; owned by the caller */
    bool recreate;
};

/* Read the request's body. Unknown members are ignored. 0, or -EINVAL with the reason, for people,
 * in `why`; then there is nothing to free. */
int admin_body_parse(const char *bytes, size_t size, struct admin_body *ret, char why[320]);

#endif
