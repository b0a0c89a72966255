/* SPDX-License-Identifier: MIT */
#ifndef SRC_SANDBOX_SPAPI_H
#define SRC_SANDBOX_SPAPI_H

#include <cjson/cJSON.h>

#include "call.h"
#include "limiter.h"
#include "lwa.h"
#include "sqs.h"

/*
 * The Notifications API v1 of SP-API with all its operations, below /notifications/v1. spapi.c
 * finds the operation and checks token and limit. destinations.c, subscriptions.c,
 * subscriptions_list.c and test_notification.c do the operations.
 */
#define SPAPI_DESTINATIONS_MAX  100
#define SPAPI_SUBSCRIPTIONS_MAX 200
#define SPAPI_ID_MAX            37
#define SPAPI_NAME_MAX          256
#define SPAPI_ARN_MAX           1000
#define SPAPI_BODY_MAX          (64 * 1024)

struct destination {
    char id[SPAPI_ID_MAX];
    char name[SPAPI_NAME_MAX + 1];
    char arn[SPAPI_ARN_MAX + 1];
};

struct subscription {
    char id[SPAPI_ID_MAX];
    const char *seller_id;
    const char *type; /* of the table in directive.c */
    char *version;
    char destination_id[SPAPI_ID_MAX];
    char *directive; /* processingDirective as JSON, NULL: none */
};

struct spapi {
    struct call_office *office;
    struct lwa *lwa;
    struct sqs *sqs; /* test notifications go there */
    struct limiter limiter;
    struct destination destinations[SPAPI_DESTINATIONS_MAX];
    size_t destination_count;
    struct subscription subscriptions[SPAPI_SUBSCRIPTIONS_MAX];
    size_t subscription_count;
    uint64_t random; /* ids */
    uint64_t tests;  /* test notifications sent */
};

/* Set up the API without destinations and subscriptions. */
void spapi_init(struct spapi *spapi, struct call_office *office, struct lwa *lwa, struct sqs *sqs,
                bool limited);

/* Free the destinations and subscriptions. */
void spapi_clear(struct spapi *spapi);

/* Whether there is an operation with this name. */
bool spapi_has_operation(const char *name);

/* Answer a request below /notifications/v1. */
void spapi_request(struct spapi *spapi, struct exchange *exchange);

/* Answer a request that is no operation, as Amazon's gateway does. */
void spapi_request_unknown(struct exchange *exchange);

/* Write "destinations": [...], "subscriptions": [...] */
void spapi_write(const struct spapi *spapi, struct text *out);

#endif
