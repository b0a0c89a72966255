/* SPDX-License-Identifier: MIT */
#ifndef AMAZON_SQS_ENDPOINT_H
#define AMAZON_SQS_ENDPOINT_H

#include "amazon/sqs_arn.h"

/* Where a queue is reached. */
struct sqs_endpoint {
    char *url;  /* "https://sqs.eu-west-1.amazonaws.com/" */
    char *host; /* as the Host header has it, which is signed */
};

/* From the config's endpoint, or from the ARN when that is NULL. A path, a query or credentials in
 * it: -EINVAL. The caller owns the contents (sqs_endpoint_clear). */
int sqs_endpoint_set(struct sqs_endpoint *ret, const char *endpoint, const struct sqs_arn *arn);
void sqs_endpoint_clear(struct sqs_endpoint *endpoint);

/* The QueueUrl that Amazon gives the queue there; the caller owns it. */
char *sqs_endpoint_queue_url(const struct sqs_endpoint *endpoint, const struct sqs_arn *arn);

#endif
