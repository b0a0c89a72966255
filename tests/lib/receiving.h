/* SPDX-License-Identifier: MIT */
#ifndef TESTS_RECEIVING_H
#define TESTS_RECEIVING_H

#include "aws/credentials.h"
#include "aws/sqs_answer.h"
#include "base/text.h"
#include "receive/receiver.h"
#include "workshop.h"

/*
 * A receiver of the queue "orders-eu" with one seller, "acme", and the workshop's webhook. What SQS
 * answers to everything but ReceiveMessage is scripted: all goes well. Polls wait for the test.
 */
struct receiving {
    struct workshop shop;
    struct aws_credentials credentials;
    struct receive_room room;
    struct receiver_seller sellers[2];
    struct receiver_webhook webhooks[2];
    struct receiver_options options; /* the test may change it and start anew */
    struct receiver *receiver;
    char attributes[256]; /* the answer to GetQueueAttributes */
    int claim_result;     /* not 0: the turn fails with it */
    unsigned answered;
    int64_t offset_usec;
    unsigned messages; /* made so far: their ids are m0, m1, ... */
};

#define ACME_ID "A297A7DJHEYXBY"

int receiving_setup(void **state);
int receiving_teardown(void **state);
#define IN_RECEIVING(test)                                                                         \
    cmocka_unit_test_setup_teardown(test, receiving_setup, receiving_teardown)

/* Makes the receiver, in place of an earlier one, and starts it. */
void receiving_start(struct receiving *r);

void receiving_rest(struct receiving *r);
void receiving_run(struct receiving *r, uint64_t usec);

/* Answers the oldest open poll with these bodies; NULL ends them. */
void receiving_answer(struct receiving *r, const char *const bodies[]);
#define receiving_bring(r, ...) receiving_answer(r, (const char *const[]){__VA_ARGS__, NULL})

/* Answers it with so many order changes of acme, each new; with a failure. */
void receiving_answer_new(struct receiving *r, unsigned count);
#define receiving_fail(r, ...)                                                                     \
    do {                                                                                           \
        scripted_answer((r)->shop.http, &(struct scripted_rule){__VA_ARGS__});                     \
        receiving_rest(r);                                                                         \
    } while (0)

/* Polls that are open; calls of an operation since the start; the last of them (NULL: none). */
size_t receiving_open(const struct receiving *r);
size_t receiving_calls(const struct receiving *r, const char *operation);
const char *receiving_call(const struct receiving *r, const char *operation);

/* The body of an order change; the caller frees it. seller NULL: none in it. */
char *receiving_order(const char *id, const char *seller, const char *order);

#endif
