/* SPDX-License-Identifier: MIT */
#ifndef SRC_SANDBOX_SQS_H
#define SRC_SANDBOX_SQS_H

#include <cjson/cJSON.h>

#include "call.h"
#include "queue.h"
#include "sigcheck.h"

/*
 * SQS: AWS JSON 1.0 on POST /. sqs.c checks and dispatches. sqs_queues.c, sqs_send.c, sqs_receive.c
 * and sqs_settle.c do the operations.
 */
#define SQS_QUEUES_MAX 64
#define SQS_BATCH_MAX  10
#define SQS_TYPE       "application/x-amz-json-1.0"

struct sqs {
    struct call_office *office;
    struct sigcheck sigcheck;
    uint64_t latency_usec; /* before every answer */
    struct queue *queues[SQS_QUEUES_MAX];
    size_t queue_count;
    uint32_t next_number;
    uint64_t random;   /* message ids, receipt handle keys */
    uint64_t lost;     /* messages given to abandoned polls */
    struct text out;   /* the answer being written; kept for its memory */
    struct text spare; /* a second one */
};

/* Set up SQS with its default queue. */
void sqs_init(struct sqs *sqs, struct call_office *office, uint64_t latency_usec);

/* Answer waiting calls with an error, and free the rest. */
void sqs_clear(struct sqs *sqs);

/* Set everything back to the state after sqs_init. */
void sqs_reset(struct sqs *sqs);

/* Whether both SQS and the sandbox have an operation with this name. */
bool sqs_has_operation(const char *name);

/* Answer a request on POST /. */
void sqs_request(struct sqs *sqs, struct exchange *exchange);

/* Return the queue with this name. If it is new, make it. NULL: bad name, or
 * SQS_QUEUES_MAX are there. */
struct queue *sqs_queue(struct sqs *sqs, const char *name);

/* Return the queue with this name, or NULL. */
struct queue *sqs_find_queue(struct sqs *sqs, const char *name);

/* Make a MessageId. */
void sqs_new_id(struct sqs *sqs, char out[37]);

/* Put a message of our own into the queue at once. Its body has no characters that SQS refuses. */
void sqs_publish(struct sqs *sqs, struct queue *queue, const struct text *body);

/* Answer the polls that wait for the queue, because a message may be visible. */
void sqs_wake(struct sqs *sqs, struct queue *queue);

/* Make due messages visible, because the clock was moved. */
void sqs_time_moved(struct sqs *sqs);

#endif
