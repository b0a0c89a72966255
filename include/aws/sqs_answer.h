/* SPDX-License-Identifier: MIT */
#ifndef AWS_SQS_ANSWER_H
#define AWS_SQS_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/*
 * Reads the answers of SQS (AWS JSON 1.0). Pure: bytes in, struct out. Unknown members are skipped;
 * numbers that SQS sends as strings are read from either form.
 */

#define SQS_BATCH_MAX 10 /* messages or entries per call, SQS's own limit */
#define SQS_ANSWER_MAX                                                                             \
    ((size_t)24 * 1024 * 1024) /* ten bodies of 1 MiB, each byte possibly escaped */
#define SQS_ANSWER_SMALL_MAX ((size_t)256 * 1024) /* answers without messages */

struct sqs_message {
    const char *id;
    const char *receipt;
    const char *body; /* NUL-terminated behind body_size bytes */
    size_t body_size;
    uint64_t sent_usec;     /* SentTimestamp; 0: unknown */
    unsigned receive_count; /* ApproximateReceiveCount; 0: unknown */
};

/* The messages of one ReceiveMessage answer, and the memory they point into. */
struct sqs_batch {
    struct sqs_message messages[SQS_BATCH_MAX];
    size_t count;
    /* Messages left out: the body does not match its MD5, or id, receipt or body is missing. They
     * come again when their visibility timeout ends. */
    unsigned damaged;
    const char *damaged_ids[SQS_BATCH_MAX]; /* of those; NULL: it has none */
    char *memory;                           /* the memory of the messages */
};

/* Parse a ReceiveMessage answer. 0, or -EBADMSG: not such an answer. The caller owns *ret. */
int sqs_batch_parse(const char *bytes, size_t size, struct sqs_batch **ret);

/* Free a batch. NULL is fine. */
void sqs_batch_free(struct sqs_batch *batch);

/* The result of one entry of a batch. */
struct sqs_entry_result {
    bool ok;
    bool retry;    /* not ok, but not our fault: the same entry may be sent again */
    char code[80]; /* SQS's word when not ok: "ReceiptHandleIsInvalid"; "" if SQS gave none */
};

/* Parse a DeleteMessageBatch answer with entry ids "0", "1", ... An entry that is in neither list
 * is not ok and can be tried again. 0, or -EBADMSG. */
int sqs_results_parse(const char *bytes, size_t size, struct sqs_entry_result *results,
                      size_t count);

/* GetQueueAttributes. Counts are Amazon's approximations. */
struct sqs_queue_attributes {
    uint64_t depth; /* ApproximateNumberOfMessages */
    uint64_t not_visible;
    uint64_t delayed;
    uint64_t visibility_s;
    uint64_t retention_s;
    uint64_t max_receive_count; /* of the redrive policy; 0: there is none */
    char dead_letter_arn[256];  /* "" without a redrive policy */
    bool fifo;
    char *kms_key; /* id, ARN or alias of the KMS key that encrypts it; NULL: none */
    char *policy;  /* the access policy, JSON; NULL: none */
};

/* Parse a GetQueueAttributes answer. 0, or -EBADMSG. An answer without attributes is fine: all are
 * 0, false or NULL. The caller owns the contents (sqs_queue_attributes_clear). */
int sqs_attributes_parse(const char *bytes, size_t size, struct sqs_queue_attributes *ret);
void sqs_queue_attributes_clear(struct sqs_queue_attributes *attributes);

/* Return the QueueUrl of a GetQueueUrl answer, owned by the caller; NULL: it has none. */
char *sqs_url_parse(const char *bytes, size_t size);

/* Set kind, status, code and text from an answer that is not 200. code is the part of __type behind
 * '#', else from x-amzn-query-error (query_error, may be ""), else Code of the older protocol's
 * XML. The text is "CODE: message" in Amazon's words, escaped. RequestThrottled is a throttle
 * although its status is 403. */
void sqs_error_parse(const char *bytes, size_t size, int status, const char *query_error,
                     struct error *ret);

#endif
