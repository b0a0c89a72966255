/* SPDX-License-Identifier: MIT */
#ifndef AMAZON_QUEUE_POLICY_H
#define AMAZON_QUEUE_POLICY_H

#include "base/text.h"

/*
 * The access policy of a queue: whether Amazon may publish to it. Pure. It follows the rules of IAM
 * (JSON policy elements, evaluation logic): an explicit Deny wins, no Allow is a refusal. What
 * hangs on conditions is not guessed but said.
 */

/* The account that SP-API publishes with, and what it must be allowed (SP-API: Tutorial: Grant the
 * SP-API Permission to an Amazon SQS Queue). A service principal in its place gives silence. */
#define QUEUE_POLICY_PUBLISHER "437568002678"
#define QUEUE_POLICY_SEND      "sqs:SendMessage"
#define QUEUE_POLICY_LOOK      "sqs:GetQueueAttributes"

/* Bytes of a policy that are read; SQS takes 8 KiB, SetQueueAttributes as a whole 256. */
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
    char text[200]; /* which statement decided, or why none does: half a sentence for people */
};

/* Whether the policy (NULL: the queue has none) lets the publisher do the action to the queue. */
struct queue_policy_judgement queue_policy_judge(const char *policy, const char *action,
                                                 const char *arn);

/* Who else than SP-API and the queue's own account may send. The policy is the only proof that a
 * notification is Amazon's. */
enum queue_policy_senders {
    QUEUE_POLICY_CLOSED, /* nobody */
    QUEUE_POLICY_SHARED, /* another account, a service, or it hangs on a condition */
    QUEUE_POLICY_OPEN,   /* everybody */
};
struct queue_policy_opening {
    enum queue_policy_senders senders;
    char text[200]; /* who, and by which statement: half a sentence for people */
};

/* The same of a policy; NULL, and one that cannot be read: nobody. */
struct queue_policy_opening queue_policy_opening(const char *policy, const char *arn);

/* Appends the policy that allows the publisher exactly what it needs at the queue, indented. */
void queue_policy_print(struct text *out, const char *arn);

/* Appends the statement for the policy of the customer's KMS key that encrypts the queue (SP-API:
 * Set up notifications, Step 2), indented. SQS's own encryption (SSE-SQS) needs none. */
void queue_policy_print_kms(struct text *out);

#endif
