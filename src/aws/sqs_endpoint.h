/* SPDX-License-Identifier: MIT */
#ifndef SRC_AWS_SQS_ENDPOINT_H
#define SRC_AWS_SQS_ENDPOINT_H

#include "aws/sqs_arn.h"

/* The address of a queue. */
struct sqs_endpoint {
    char *url;  /* "https://sqs.eu-west-1.amazonaws.com/" */
    char *host; /* as in the Host header, which is signed */
};

/* Set the endpoint from the config's `endpoint`, or from the ARN if that is NULL. Return -EINVAL if
 * the endpoint has a path, a query or credentials. The caller owns the contents
 * (sqs_endpoint_clear). */
int sqs_endpoint_set(struct sqs_endpoint *ret, const char *endpoint, const struct sqs_arn *arn);

/* Free the contents, not the struct. */
void sqs_endpoint_clear(struct sqs_endpoint *endpoint);

/* Return the QueueUrl that Amazon gives the queue at this endpoint. The caller owns it. */
char *sqs_endpoint_queue_url(const struct sqs_endpoint *endpoint, const struct sqs_arn *arn);

#endif
