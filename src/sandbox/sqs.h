/* SPDX-License-Identifier: MIT */
#ifndef SANDBOX_SQS_H
#define SANDBOX_SQS_H

#include <cjson/cJSON.h>

#include "call.h"
#include "queue.h"
#include "sigcheck.h"

/*
 * SQS: AWS JSON 1.0 on POST /. sqs.c checks and dispatches; sqs_queues.c, sqs_send.c,
 * sqs_receive.c and sqs_settle.c hold the operations.
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
    uint64_t lost;     /* messages handed to polls that were given up */
    struct text out;   /* the answer being written; kept for its memory */
    struct text spare; /* a second one */
};

void sqs_init(struct sqs *sqs, struct call_office *office, uint64_t latency_usec);

/* Answers what waits with an error, frees the rest. */
void sqs_clear(struct sqs *sqs);

/* Back to the state after sqs_init. */
void sqs_reset(struct sqs *sqs);

/* Whether SQS has an operation of that name, and the sandbox too. */
bool sqs_has_operation(const char *name);

/* A request on POST /. */
void sqs_request(struct sqs *sqs, struct exchange *exchange);

/* The queue of that name, made when it is new; NULL: bad name, or SQS_QUEUES_MAX are there. */
struct queue *sqs_queue(struct sqs *sqs, const char *name);

/* The queue of that name, or NULL. */
struct queue *sqs_find_queue(struct sqs *sqs, const char *name);

/* A MessageId. */
void sqs_new_id(struct sqs *sqs, char out[37]);

/* Puts a message of our own into the queue, at once; its body has nothing that SQS refuses. */
void sqs_publish(struct sqs *sqs, struct queue *queue, const struct text *body);

/* Something may be visible: answers the polls that wait for it. */
void sqs_wake(struct sqs *sqs, struct queue *queue);

/* The clock was moved: what is due becomes visible. */
void sqs_time_moved(struct sqs *sqs);

#endif
