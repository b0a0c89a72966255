/* SPDX-License-Identifier: MIT */
#ifndef AMAZON_SQS_CALL_H
#define AMAZON_SQS_CALL_H

#include <sys/queue.h>

#include "amazon/sigv4.h"
#include "amazon/sqs.h"
#include "base/text.h"
#include "sqs_endpoint.h"

/* What one call to a queue is while it is under way. sqs.c makes the calls, sqs_call.c signs them,
 * sends them and judges the answers. */
struct sqs_call;

/* Hands the answer to whoever asked; error.kind is ERROR_NONE for a good answer. The call is off
 * its queue's list already, so that the callback may end the client. */
typedef void (*sqs_finish_fn)(struct sqs_call *call, struct http_answer *answer,
                              struct error *error);

struct sqs_call {
    struct sqs *sqs;
    LIST_ENTRY(sqs_call) link;
    struct http_slot *slot; /* NULL once it is answered */
    enum sqs_operation operation;
    sqs_finish_fn finish;
    struct text body;
    uint64_t timeout_ms;
    int64_t signed_base_usec; /* clock_trusted_base_usec when it was signed */
    bool again;               /* it was signed a second time */
    size_t count;             /* entries of a delete */
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
    const struct aws_credentials *credentials;
    struct sigv4 *signer;
    struct call_tally *tally; /* by operation; NULL: nobody counts */
    bool dated;               /* an answer had a Date header */
    LIST_HEAD(, sqs_call) calls;
};

/* A call whose body is begun: the caller adds members and starts it. */
struct sqs_call *sqs_call_new(struct sqs *sqs, enum sqs_operation operation, sqs_finish_fn finish,
                              void *userdata);

/* Ends the body and sends the call. Passes http_call's result on; the call is gone if it failed. */
int sqs_call_start(struct sqs_call *call, struct sqs_call **ret_call);

/* Turns a good answer into ERROR_PROTOCOL: what it says is not what SQS answers. */
void sqs_call_unreadable(const struct sqs_call *call, const struct http_answer *answer,
                         struct error *error);

#endif
