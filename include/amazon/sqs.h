/* SPDX-License-Identifier: MIT */
#ifndef AMAZON_SQS_H
#define AMAZON_SQS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "amazon/call_tally.h"
#include "amazon/credentials.h"
#include "amazon/sqs_answer.h"
#include "amazon/sqs_arn.h"
#include "base/error.h"
#include "wire/http.h"

/*
 * One SQS queue. Every call is asynchronous: it returns 0 and its callback fires once, later, from
 * the loop; or it returns a negative errno and the callback never fires. The handle of a call is
 * good for sqs_cancel until the callback is entered.
 *
 * Errors in callbacks are classified: ERROR_THROTTLED, ERROR_CREDENTIALS, ERROR_CLOCK (only after
 * one attempt with the corrected clock), ERROR_REFUSED (until somebody changes the queue, its
 * policy or the config), ERROR_STATUS (5xx and what else is worth another try), or the transport's
 * own kind. `code` is SQS's word for it, `text` names the queue.
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
    const char *name;     /* of the queue in the config, for texts */
    const char *arn;      /* passed sqs_arn_check */
    const char *endpoint; /* "https://sqs.eu-west-1.amazonaws.com"; NULL: from the ARN */
    const struct aws_credentials *credentials; /* borrowed until sqs_free, read at each call */
    struct call_tally *tally; /* SQS_OPERATIONS of them, borrowed likewise; NULL: nobody counts */
};

/* Makes a client; http is borrowed until sqs_free. 0, or -EINVAL: the ARN or the endpoint is not
 * one. */
int sqs_new(struct sqs **ret, struct http *http, const struct sqs_options *options);

/* "ReceiveMessage", ... Never NULL. */
const char *sqs_operation_name(enum sqs_operation operation);

/* Ends every call without its callback. NULL is fine. */
void sqs_free(struct sqs *sqs);

/* Ends a call without its callback. What SQS hands to an abandoned ReceiveMessage stays hidden
 * until its visibility ends. NULL is fine. */
void sqs_cancel(struct sqs_call *call);

/* Whether one of its answers had a Date header, so that clock_learn has Amazon's time. */
bool sqs_is_dated(const struct sqs *sqs);

/* The batch is the callback's from then on (sqs_batch_free); NULL when error->kind is not
 * ERROR_NONE. An empty answer is a batch without messages. */
typedef void (*sqs_receive_fn)(struct sqs_batch *batch, const struct error *error, void *userdata);

/* ReceiveMessage: waits up to wait_s (0 to 20) for 1 to `max` messages (at most 10), which are
 * hidden from others for visibility_s. Our own deadline is wait_s + 5 s. ret_call may be NULL. */
int sqs_receive(struct sqs *sqs, unsigned max, unsigned wait_s, unsigned visibility_s,
                sqs_receive_fn done, void *userdata, struct sqs_call **ret_call);

/* results[i] belongs to receipts[i] of the call; when error->kind is not ERROR_NONE the call as a
 * whole failed and results is NULL. */
typedef void (*sqs_delete_fn)(const struct sqs_entry_result *results, size_t count,
                              const struct error *error, void *userdata);

/* DeleteMessageBatch of 1 to 10 receipts (copied). The same receipt may come twice. Deleting again
 * is a success at SQS, so a failed call may be repeated whole. */
int sqs_delete(struct sqs *sqs, const char *const receipts[], size_t count, sqs_delete_fn done,
               void *userdata, struct sqs_call **ret_call);

typedef void (*sqs_done_fn)(const struct error *error, void *userdata);

/* ChangeMessageVisibility: hides the message for visibility_s (0 to 43200) from now on. */
int sqs_hide(struct sqs *sqs, const char *receipt, unsigned visibility_s, sqs_done_fn done,
             void *userdata, struct sqs_call **ret_call);

/* attributes is valid only inside the callback; NULL when error->kind is not ERROR_NONE. */
typedef void (*sqs_attributes_fn)(const struct sqs_queue_attributes *attributes,
                                  const struct error *error, void *userdata);

/* GetQueueAttributes, all of them. */
int sqs_attributes(struct sqs *sqs, sqs_attributes_fn done, void *userdata,
                   struct sqs_call **ret_call);

/* GetQueueUrl. Until it has answered, and where the policy denies it, calls use the URL that
 * follows from endpoint, account and name, which is what Amazon's own would be. */
int sqs_resolve(struct sqs *sqs, sqs_done_fn done, void *userdata, struct sqs_call **ret_call);

#endif
