/* SPDX-License-Identifier: MIT */
#ifndef AWS_QUEUE_POLICY_H
#define AWS_QUEUE_POLICY_H

#include "base/text.h"

/*
 * The access policy of a queue: whether Amazon may publish to it. Pure. It follows the rules of IAM
 * (JSON policy elements, evaluation logic): an explicit Deny wins, and without an Allow the action
 * is refused. If the result depends on a condition, that is reported and not guessed.
 */

/* The account that SP-API publishes with, and the actions that it must be allowed (SP-API:
 * Tutorial: Grant the SP-API Permission to an Amazon SQS Queue). With a service principal in its
 * place nothing comes. */
#define QUEUE_POLICY_PUBLISHER "437568002678"
#define QUEUE_POLICY_SEND      "sqs:SendMessage"
#define QUEUE_POLICY_LOOK      "sqs:GetQueueAttributes"

/* Bytes of a policy that are read. SQS takes 8 KiB, SetQueueAttributes as a whole 256. */
#define QUEUE_POLICY_MAX ((size_t)256 * 1024)

enum queue_policy_verdict {
    QUEUE_POLICY_ALLOWS,
    QUEUE_POLICY_DEPENDS, /* on a condition, of the Allow or of a Deny */
    QUEUE_POLICY_SILENT,  /* no statement allows it */
    QUEUE_POLICY_DENIES,
    QUEUE_POLICY_UNREADABLE,
};

struct queue_policy_judgement {
    enum queue_policy_verdict verdict;
    char text[200]; /* the deciding statement, or why none decides: half a sentence for people */
};

/* Judge whether the policy (NULL: the queue has none) allows the publisher the action at the
 * queue. */
struct queue_policy_judgement queue_policy_judge(const char *policy, const char *action,
                                                 const char *arn);

/* The senders that are allowed beside SP-API and the queue's own account. Only the policy proves
 * that a notification comes from Amazon. */
enum queue_policy_senders {
    QUEUE_POLICY_CLOSED, /* none */
    QUEUE_POLICY_SHARED, /* another account, a service, or it depends on a condition */
    QUEUE_POLICY_OPEN,   /* everybody */
};
struct queue_policy_opening {
    enum queue_policy_senders senders;
    char text[200]; /* the sender, and the statement: half a sentence for people */
};

/* Find the other senders that a policy allows. If it is NULL or cannot be read: none. */
struct queue_policy_opening queue_policy_opening(const char *policy, const char *arn);

/* Append the policy that allows the publisher exactly the necessary actions at the queue,
 * indented. */
void queue_policy_print(struct text *out, const char *arn);

/* Append the statement for the policy of the customer's KMS key that encrypts the queue (SP-API:
 * Set up notifications, Step 2), indented. SQS's own encryption (SSE-SQS) needs none. */
void queue_policy_print_kms(struct text *out);

#endif
