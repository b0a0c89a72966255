/* SPDX-License-Identifier: MIT */
#ifndef ADMIN_BODY_H
#define ADMIN_BODY_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes of a request's body: two members, and an ARN has 1000 characters at most. */
#define ADMIN_BODY_MAX ((size_t)16 * 1024)

/* What registerNotification is asked for (Data Border, Notifications API). */
struct admin_body {
    char *arn; /* a standard SQS queue's; owned by the caller */
    bool recreate;
};

/* Reads the request's body. Members that are not known are passed over. 0, or -EINVAL with the
 * reason, for people, in `why`; then there is nothing to free. */
int admin_body_parse(const char *bytes, size_t size, struct admin_body *ret, char why[320]);

#endif
