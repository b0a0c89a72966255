/* SPDX-License-Identifier: MIT */
#ifndef SRC_AWS_SQS_CALL_H
#define SRC_AWS_SQS_CALL_H

#include <sys/queue.h>

#include "aws/sigv4.h"
#include "aws/sqs.h"
#include "base/text.h"
#include "sqs_endpoint.h"

/* One call to a queue while it is in flight. sqs.c makes the calls. sqs_call.c signs them, sends
 * them and judges the answers. */
struct sqs_call;

/* Give the answer to the function that asked. error.kind is ERROR_NONE for a good answer. The call
 * is off its queue's list already, so the callback may end the client. */
typedef void (*sqs_finish_fn)(struct sqs_call *call, struct http_answer *answer,
                              struct error *error);

struct sqs_call {
    struct sqs *sqs;
    LIST_ENTRY(sqs_call) link;
    struct http_slot *slot; /* NULL after the answer */
    enum sqs_operation operation;
    sqs_finish_fn finish;
    struct text body;
    uint64_t timeout_ms;
    int64_t signed_base_usec;      /* clock_trusted_base_usec at the time of signing */
    bool again;                    /* it was signed a second time */
    bool renewed;                  /* with new credentials */
    uint64_t generation;           /* of the credentials that signed it */
    struct identity_waiter waiter; /* for credentials */
    size_t count;                  /* entries of a delete */
    union {
        sqs_receive_fn receive;
        sqs_delete_fn delete;
        sqs_attributes_fn attributes;
        sqs_done_fn simple;
    } done;
    void *userdata;
};

struct sqs {
    struct http *http;
    char *name;
    struct sqs_arn arn;
    struct sqs_endpoint endpoint;
    char *queue_url;
    struct identity *identity; /* NULL: `credentials` sign */
    const struct aws_credentials *credentials;
    struct sigv4 *signer;
    struct call_tally *tally; /* by operation; NULL: calls are not counted */
    bool dated;               /* an answer had a Date header */
    LIST_HEAD(, sqs_call) calls;
};

/* Make a call and begin its body. The caller adds members and starts the call. */
struct sqs_call *sqs_call_new(struct sqs *sqs, enum sqs_operation operation, sqs_finish_fn finish,
                              void *userdata);

/* End the body and send the call. Return the result of http_call; after a failure the
 * call is freed. */
int sqs_call_start(struct sqs_call *call, struct sqs_call **ret_call);

/* Set ERROR_PROTOCOL for a good status with a body that SQS does not send. */
void sqs_call_unreadable(const struct sqs_call *call, const struct http_answer *answer,
                         struct error *error);

#endif
