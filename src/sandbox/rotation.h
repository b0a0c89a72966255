/* SPDX-License-Identifier: MIT */
#ifndef SANDBOX_ROTATION_H
#define SANDBOX_ROTATION_H

#include <cjson/cJSON.h>

#include "call.h"
#include "lwa.h"
#include "sqs.h"

/*
 * The Application Management API of SP-API (2023-11-30), which has one operation:
 * rotateApplicationClientSecret. The new secret comes only as a message to the queue that the
 * application is enrolled with; in the developer console at Amazon, by POST /_sandbox/rotation
 * here. The old one works until its expiry.
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
    uint64_t old_valid_usec;        /* how long the next old secret works on */
    uint64_t next_passed_usec;      /* no call before */
    uint64_t count;                 /* rotations so far */
};

void rotation_init(struct rotation *rotation, struct call_office *office, struct lwa *lwa,
                   struct sqs *sqs, bool limited);

/* A request on ROTATION_PATH. */
void rotation_request(struct rotation *rotation, struct exchange *exchange);

/* Enrols a queue; old secrets of later rotations work for so long. */
void rotation_enrol(struct rotation *rotation, const struct queue *queue, uint64_t old_valid_usec);

/* Makes a new secret and publishes it, as a click in the console would. False: not enrolled, or the
 * queue is gone. */
bool rotation_rotate(struct rotation *rotation);

/* "queue", the secrets and when they end. */
void rotation_write(const struct rotation *rotation, struct text *out);

#endif
