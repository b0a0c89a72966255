/* SPDX-License-Identifier: MIT */
#ifndef SANDBOX_SQS_INTERNAL_H
#define SANDBOX_SQS_INTERNAL_H

#include "sqs.h"

/* Shared by the sqs_*.c files. */

enum sqs_error {
    SQS_ACCESS_DENIED,
    SQS_BATCH_EMPTY,
    SQS_BATCH_ID_BAD,
    SQS_BATCH_ID_TWICE,
    SQS_BATCH_TOO_LONG,
    SQS_BATCH_TOO_MANY,
    SQS_CONTENTS_BAD,
    SQS_EXPIRED_TOKEN,
    SQS_HANDLE_BAD,
    SQS_INTERNAL,
    SQS_ATTRIBUTE_BAD,
    SQS_ATTRIBUTE_VALUE_BAD,
    SQS_PARAMETER_BAD,
    SQS_PARAMETER_MISSING,
    SQS_NO_QUEUE,
    SQS_NOT_IN_FLIGHT,
    SQS_OVER_LIMIT,
    SQS_QUEUE_EXISTS,
    SQS_SERIALIZATION,
    SQS_SIGNATURE_INCOMPLETE,
    SQS_SIGNATURE_MISSING,
    SQS_SIGNATURE_WRONG,
    SQS_THROTTLED,
    SQS_UNAVAILABLE,
    SQS_UNKNOWN_KEY,
    SQS_UNKNOWN_OPERATION,
    SQS_UNSUPPORTED,
    SQS_ERRORS,
};

/* The name an entry of a batch answer carries. */
const char *sqs_error_code(enum sqs_error error);

/* Answers the call with an error. */
void sqs_refuse(struct call *call, enum sqs_error error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Answers the call with what is in the text. */
void sqs_answer(struct call *call, const struct text *out);

/* Answers {}. */
void sqs_answer_empty(struct call *call);

/* An operation: reads its input, answers now or later. */
typedef void (*sqs_operation_fn)(struct sqs *sqs, struct call *call, const cJSON *in);

void sqs_create_queue(struct sqs *sqs, struct call *call, const cJSON *in);
void sqs_get_queue_url(struct sqs *sqs, struct call *call, const cJSON *in);
void sqs_get_queue_attributes(struct sqs *sqs, struct call *call, const cJSON *in);
void sqs_set_queue_attributes(struct sqs *sqs, struct call *call, const cJSON *in);
void sqs_purge_queue(struct sqs *sqs, struct call *call, const cJSON *in);
void sqs_send_message(struct sqs *sqs, struct call *call, const cJSON *in);
void sqs_send_message_batch(struct sqs *sqs, struct call *call, const cJSON *in);
void sqs_receive_message(struct sqs *sqs, struct call *call, const cJSON *in);
void sqs_delete_message(struct sqs *sqs, struct call *call, const cJSON *in);
void sqs_delete_message_batch(struct sqs *sqs, struct call *call, const cJSON *in);
void sqs_change_visibility(struct sqs *sqs, struct call *call, const cJSON *in);
void sqs_change_visibility_batch(struct sqs *sqs, struct call *call, const cJSON *in);

/* The queue that QueueUrl names; NULL: the call is answered. */
struct queue *sqs_input_queue(struct sqs *sqs, struct call *call, const cJSON *in);

/* A whole number between low and high. *ret keeps its value when the member is absent. False: the
 * call is answered. */
bool sqs_input_number(struct call *call, const cJSON *in, const char *name, uint32_t low,
                      uint32_t high, uint32_t *ret);

/* A string that must be there; NULL: the call is answered. */
const char *sqs_input_string(struct call *call, const cJSON *in, const char *name);

/* The entries of a batch, their ids checked; NULL: the call is answered. */
const cJSON *sqs_batch_entries(struct call *call, const cJSON *in, const char *entry_name);

/* The answer of a batch: entries that worked are written between begin and end as JSON objects into
 * sqs->out, those that failed are gathered in sqs->spare. */
void sqs_batch_begin(struct sqs *sqs);
void sqs_batch_failed(struct sqs *sqs, const char *id, enum sqs_error error, bool sender_fault,
                      const char *message);
void sqs_batch_end(struct sqs *sqs, struct call *call);

/* Whether a PARTIAL fault hits this entry (every second one, the first included); when it does, the
 * entry is written as failed. */
bool sqs_batch_fault(struct sqs *sqs, struct call *call, unsigned index, const char *id);

/* Ends all polls of the queue with QueueDoesNotExist; NULL queue: none is left waiting anywhere. */
void sqs_end_waiters(struct queue *queue);

/* How many polls wait. */
unsigned sqs_waiters(const struct queue *queue);

#endif
