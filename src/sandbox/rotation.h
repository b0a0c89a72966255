/* SPDX-License-Identifier: MIT */
#ifndef SRC_SANDBOX_ROTATION_H
#define SRC_SANDBOX_ROTATION_H

#include <cjson/cJSON.h>

#include "call.h"
#include "lwa.h"
#include "sqs.h"

/*
 * The Application Management API of SP-API (2023-11-30), which has one operation:
 * rotateApplicationClientSecret. The new secret comes only as a message to the queue of the
 * application. At Amazon this queue is set in the developer console, here by POST
 * /_sandbox/rotation. The old secret works until its expiry.
 */
#define ROTATION_PATH          "/applications/2023-11-30/clientSecret"
#define ROTATION_OPERATION     "rotateApplicationClientSecret"
#define ROTATION_INTERVAL_USEC (60 * 1000000ULL) /* 0.0167 calls a second, one at once */

struct rotation {
    struct call_office *office;
    struct lwa *lwa;
    struct sqs *sqs;
    bool limited;
    char queue[QUEUE_NAME_MAX + 1]; /* "": not enrolled */
    uint64_t old_valid_usec;        /* time for which the next old secret still works */
    uint64_t next_passed_usec;      /* no call before this time */
    uint64_t count;                 /* rotations so far */
};

/* Set up rotation without a queue. `limited`: the rate limit applies. */
void rotation_init(struct rotation *rotation, struct call_office *office, struct lwa *lwa,
                   struct sqs *sqs, bool limited);

/* Answer a request on ROTATION_PATH. */
void rotation_request(struct rotation *rotation, struct exchange *exchange);

/* Enrol a queue. After later rotations the old secret still works for old_valid_usec. */
void rotation_enrol(struct rotation *rotation, const struct queue *queue, uint64_t old_valid_usec);

/* Make a new secret and publish it, as a click in the console would. Return false if no queue is
 * enrolled, or if the queue is gone. */
bool rotation_rotate(struct rotation *rotation);

/* Write "queue", the secrets and their ends. */
void rotation_write(const struct rotation *rotation, struct text *out);

#endif
