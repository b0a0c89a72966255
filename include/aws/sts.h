/* SPDX-License-Identifier: MIT */
#ifndef AWS_STS_H
#define AWS_STS_H

#include "aws/credentials.h"
#include "base/error.h"
#include "wire/http.h"

/* The AWS Security Token Service of a region. AWS_ENDPOINT_URL_STS names another endpoint. */
struct sts_call;

struct sts_place {
    struct http *http;
    const char *region;
};

/* arn is NULL when error->kind is not ERROR_NONE; valid only inside the callback. */
typedef void (*sts_arn_fn)(const char *arn, const struct error *error, void *userdata);

/* Call GetCallerIdentity: it needs no permission, and shows whom AWS takes the credentials for. 0,
 * or negative errno: the callback never comes. */
int sts_caller_identity(struct sts_call **ret, const struct sts_place *place,
                        const struct aws_credentials *credentials, sts_arn_fn done, void *userdata);

/* End a call without its callback. NULL is fine. */
void sts_cancel(struct sts_call *call);

#endif
