/* SPDX-License-Identifier: MIT */
#ifndef AWS_SQS_ARN_H
#define AWS_SQS_ARN_H

#include "base/error.h"

/* The parts of arn:aws:sqs:REGION:ACCOUNT:NAME. */
struct sqs_arn {
    char region[64];
    char account[16];
    char name[96];
};

/* Split the ARN of a standard queue. SP-API takes no others: partition "aws" only, and Amazon does
 * not publish to FIFO queues (Notifications API model, SqsResource.arn). 0, or -EIO with the reason
 * in *error (ERROR_CONFIG). ret may be NULL. */
int sqs_arn_split(const char *arn, struct sqs_arn *ret, struct error *error);

/* Check that the ARN names a queue that SP-API can publish to: sqs_arn_split without the parts. */
int sqs_arn_check(const char *arn, struct error *error);

#endif
