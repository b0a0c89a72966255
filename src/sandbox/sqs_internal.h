/* SPDX-License-Identifier: MIT */
#ifndef SRC_SANDBOX_SQS_INTERNAL_H
#define SRC_SANDBOX_SQS_INTERNAL_H

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

/* Return the code that an entry of a batch answer has. */
const char *sqs_error_code(enum sqs_error error);

/* Answer the call with an error. */
void sqs_refuse(struct call *call, enum sqs_error error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Answer the call with the text. */
void sqs_answer(struct call *call, const struct text *out);

/* Answer {}. */
void sqs_answer_empty(struct call *call);

/* Do an operation: read its input, and answer now or later. */
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

/* Return the queue in QueueUrl. NULL: the call is answered. */
struct queue *sqs_input_queue(struct sqs *sqs, struct call *call, const cJSON *in);

/* Read a whole number between low and high. If the member is absent, *ret keeps its value. False:
 * the call is answered. */
bool sqs_input_number(struct call *call, const cJSON *in, const char *name, uint32_t low,
                      uint32_t high, uint32_t *ret);

/* Return a string that must be there. NULL: the call is answered. */
const char *sqs_input_string(struct call *call, const cJSON *in, const char *name);

/* Return the entries of a batch, with checked ids. NULL: the call is answered. */
const cJSON *sqs_batch_entries(struct call *call, const cJSON *in, const char *entry_name);

/* Begin the answer of a batch. Until its end, successful entries are written as JSON objects into
 * sqs->out, and failed ones into sqs->spare. */
void sqs_batch_begin(struct sqs *sqs);

/* Write an entry as failed. */
void sqs_batch_failed(struct sqs *sqs, const char *id, enum sqs_error error, bool sender_fault,
                      const char *message);

/* End the answer of a batch and send it. */
void sqs_batch_end(struct sqs *sqs, struct call *call);

/* Whether a PARTIAL fault hits this entry, which happens to every second one, beginning with the
 * first. If it does, the entry is written as failed. */
bool sqs_batch_fault(struct sqs *sqs, struct call *call, unsigned index, const char *id);

/* End all polls of the queue with QueueDoesNotExist. */
void sqs_end_waiters(struct queue *queue);

/* Return the number of waiting polls. */
unsigned sqs_waiters(const struct queue *queue);

#endif
