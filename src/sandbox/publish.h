/* SPDX-License-Identifier: MIT */
#ifndef SANDBOX_PUBLISH_H
#define SANDBOX_PUBLISH_H

#include "generator.h"
#include "sqs.h"

/*
 * Publishing: what Amazon does when something happens to an order. A job fills a queue at once, in
 * steps that let the loop turn, or at a rate.
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
    struct text ids;       /* NotificationIds in the order they were first sent, \n after each */
    uint64_t id_count;
};

/* What to publish. */
struct publish_order {
    struct queue *queue;
    struct generator generator; /* unused with bodies */
    char **bodies;              /* sent as they are; owned by the job then; NULL: generated */
    uint32_t count;             /* different notifications */
    double duplicates, disorder;
    double rate; /* messages per second; 0: at once */
};

void publisher_init(struct publisher *publisher, struct sqs *sqs);

/* Stops all jobs and forgets what was sent. */
void publisher_reset(struct publisher *publisher);

/* Starts a job and answers the exchange: with a rate now, otherwise when all is sent. 0, or
 * -ENOSPC: too many jobs, and then the exchange is not answered and `bodies` stay the caller's. */
int publisher_start(struct publisher *publisher, const struct publish_order *order,
                    struct exchange *exchange);

/* Messages that running jobs have yet to send. */
uint64_t publisher_pending(const struct publisher *publisher);

#endif
