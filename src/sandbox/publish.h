/* SPDX-License-Identifier: MIT */
#ifndef SRC_SANDBOX_PUBLISH_H
#define SRC_SANDBOX_PUBLISH_H

#include "generator.h"
#include "sqs.h"

/*
 * Publishing: Amazon's reaction to the changes of an order. A job fills a queue at once, in steps
 * that let the loop turn, or at a rate.
 */
#define PUBLISH_COUNT_MAX 5000000 /* notifications of one job */
#define PUBLISH_JOBS_MAX  32

struct publish_job;

struct publisher {
    struct sqs *sqs;
    struct publish_job *jobs;
    size_t job_count;
    uint64_t started;      /* jobs ever: part of the default seed */
    uint64_t sent, unique; /* over all jobs */
    struct text ids;       /* NotificationIds in the order of their first sending, \n after each */
    uint64_t id_count;
};

/* An order to publish. */
struct publish_order {
    struct queue *queue;
    struct generator generator; /* unused with bodies */
    char **bodies;              /* sent unchanged; then owned by the job; NULL: generated */
    uint32_t count;             /* different notifications */
    double duplicates, disorder;
    double rate; /* messages per second; 0: at once */
};

/* Set up a publisher without jobs. */
void publisher_init(struct publisher *publisher, struct sqs *sqs);

/* Stop all jobs and forget the sent messages. */
void publisher_reset(struct publisher *publisher);

/* Start a job and answer the exchange: now if there is a rate, otherwise when all messages are
 * sent. Return 0, or -ENOSPC if there are too many jobs. Then the exchange is not answered and
 * `bodies` still belong to the caller. */
int publisher_start(struct publisher *publisher, const struct publish_order *order,
                    struct exchange *exchange);

/* Return the number of messages that running jobs still have to send. */
uint64_t publisher_pending(const struct publisher *publisher);

#endif
