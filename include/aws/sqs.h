/* SPDX-License-Identifier: MIT */
#ifndef AWS_SQS_H
#define AWS_SQS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "aws/credentials.h"
#include "aws/identity.h"
#include "aws/sqs_answer.h"
#include "aws/sqs_arn.h"
#include "base/error.h"
#include "wire/call_tally.h"
#include "wire/http.h"

/*
 * One SQS queue. Every call is asynchronous: it returns 0 and its callback is called once, later,
 * from the loop; or it returns a negative errno and the callback is never called. The handle of a
 * call is valid for sqs_cancel until the callback begins.
 *
 * Errors in callbacks are classified: ERROR_THROTTLED, ERROR_CREDENTIALS, ERROR_CLOCK (only after
 * one attempt with the corrected clock), ERROR_REFUSED (until somebody changes the queue, its
 * policy or the config), ERROR_STATUS (5xx and other errors for which another try makes sense), or
 * the transport's own kind. `code` is SQS's word for the error, `text` names the queue.
 */
struct sqs;
struct sqs_call;

enum sqs_operation {
    SQS_RECEIVE,
    SQS_DELETE,
    SQS_HIDE,
    SQS_ATTRIBUTES,
    SQS_RESOLVE,
    SQS_OPERATIONS,
};

struct sqs_options {
    const char *name;     /* of the queue in the config, for messages */
    const char *arn;      /* passed sqs_arn_check */
    const char *endpoint; /* "https://sqs.eu-west-1.amazonaws.com"; NULL: from the ARN */
    /* One of them signs the calls; borrowed until sqs_free. A call waits until the identity has
     * credentials. If Amazon says that it does not know them or that they have ended, they are
     * fetched and the call is made once more. */
    struct identity *identity;
    const struct aws_credentials *credentials; /* read at each call */
    struct call_tally *tally; /* SQS_OPERATIONS of them, borrowed as well; NULL: not counted */
};

/* Make a client; http is borrowed until sqs_free. 0, or -EINVAL: the ARN or the endpoint is
 * invalid. */
int sqs_new(struct sqs **ret, struct http *http, const struct sqs_options *options);

/* The name of an operation: "ReceiveMessage", ... Never NULL. */
const char *sqs_operation_name(enum sqs_operation operation);

/* Free a client and end every call without its callback. NULL is fine. */
void sqs_free(struct sqs *sqs);

/* End a call without its callback. Messages that SQS gives to an abandoned ReceiveMessage stay
 * hidden until their visibility timeout ends. NULL is fine. */
void sqs_cancel(struct sqs_call *call);

/* Whether one of its answers had a Date header, so that clock_learn has Amazon's time. */
bool sqs_is_dated(const struct sqs *sqs);

/* The callback owns the batch (sqs_batch_free); NULL when error->kind is not ERROR_NONE. An empty
 * answer is a batch without messages. */
typedef void (*sqs_receive_fn)(struct sqs_batch *batch, const struct error *error, void *userdata);

/* Call ReceiveMessage: wait up to wait_s (0 to 20) for 1 to `max` messages (at most 10), which are
 * hidden from others for visibility_s. Our own deadline is wait_s + 5 s. ret_call may be NULL. */
int sqs_receive(struct sqs *sqs, unsigned max, unsigned wait_s, unsigned visibility_s,
                sqs_receive_fn done, void *userdata, struct sqs_call **ret_call);

/* results[i] belongs to receipts[i] of the call. When error->kind is not ERROR_NONE, the call as a
 * whole failed and results is NULL. */
typedef void (*sqs_delete_fn)(const struct sqs_entry_result *results, size_t count,
                              const struct error *error, void *userdata);

/* Call DeleteMessageBatch for 1 to 10 receipts (copied). The same receipt may come twice. A second
 * delete is a success at SQS, so a failed call may be repeated whole. */
int sqs_delete(struct sqs *sqs, const char *const receipts[], size_t count, sqs_delete_fn done,
               void *userdata, struct sqs_call **ret_call);

typedef void (*sqs_done_fn)(const struct error *error, void *userdata);

/* Call ChangeMessageVisibility: hide the message for visibility_s (0 to 43200) from now on. */
int sqs_hide(struct sqs *sqs, const char *receipt, unsigned visibility_s, sqs_done_fn done,
             void *userdata, struct sqs_call **ret_call);

/* attributes is valid only inside the callback; NULL when error->kind is not ERROR_NONE. */
typedef void (*sqs_attributes_fn)(const struct sqs_queue_attributes *attributes,
                                  const struct error *error, void *userdata);

/* Call GetQueueAttributes, for all of them. */
int sqs_attributes(struct sqs *sqs, sqs_attributes_fn done, void *userdata,
                   struct sqs_call **ret_call);

/* Call GetQueueUrl. Until it has answered, or if the policy denies it, calls use the URL made from
 * endpoint, account and name, which would be the same as Amazon's own. */
int sqs_resolve(struct sqs *sqs, sqs_done_fn done, void *userdata, struct sqs_call **ret_call);

#endif
