/* SPDX-License-Identifier: MIT */
#ifndef TESTS_REGISTERING_H
#define TESTS_REGISTERING_H

#include "base/text.h"
#include "fake_clock.h"
#include "fake_loop.h"
#include "parts.h"
#include "register/registrar.h"
#include "scripted_http.h"
#include "spapi/lwa.h"
#include "spapi/operation.h"

/*
 * A registrar before a scripted Amazon, for one seller, "acme", or two, "acme" and "other", of
 * ORDER_CHANGE.
 */

#define ARN "arn:aws:sqs:eu-west-1:444455556666:amazon-orders"
#define API "https://sp.example/notifications/v1/"

/* Requests, as far as rules have to tell them apart. */
#define GRANTLESS    "client_credentials"
#define SELLER       "grant_type=refresh_token"
#define DESTINATIONS "GET " API "destinations\n"
#define CREATE       "POST " API "destinations\n"
#define LISTS(type)  "GET " API "subscriptions?notificationTypes=" type "&"
#define LOOK         LISTS("ORDER_CHANGE")
#define LOOK_SINGLE  "GET " API "subscriptions/ORDER_CHANGE?"
#define SUBSCRIBE    "POST " API "subscriptions/ORDER_CHANGE\n"
#define DELETE       "DELETE " API "subscriptions/ORDER_CHANGE/s1\n"

/* Answers. */
#define DESTINATION(id, arn)                                                                       \
    "{\"destinationId\":\"" id "\",\"name\":\"n\",\"resource\":{\"sqs\":{\"arn\":\"" arn "\"}}}"
#define NO_DESTINATIONS  "{\"payload\":[]}"
#define ONE_DESTINATION  "{\"payload\":[" DESTINATION("d1", ARN) "]}"
#define SUBSCRIPTION(as) "{\"payload\":{\"subscriptionId\":\"s1\"" as "}}"
#define LISTED(as)       "{\"payload\":{\"subscriptions\":[{\"subscriptionId\":\"s1\"" as "}]}}"
#define NONE_LISTED      "{\"payload\":{\"subscriptions\":[]}}"
#define AS_WANTED        ",\"payloadVersion\":\"1.0\",\"destinationId\":\"d1\""
#define REFUSAL(code, details)                                                                     \
    "{\"errors\":[{\"code\":\"" code "\",\"message\":\"m\",\"details\":\"" details "\"}]}"

struct registering {
    sd_event *event;
    struct http *http;
    struct lwa *lwa;
    struct secret refresh[2];
    struct registrar_seller sellers[2]; /* these two are for the test to change */
    struct registrar_options options;
    struct registrar *registrar;
    struct text report; /* a line for each: "acme: created TYPE ID: text" */
    bool finished;
    unsigned failures, differences;
    bool passes; /* the last failure may pass by itself */
};

/* ORDER_CHANGE and FEED_PROCESSING_FINISHED. */
extern char *registering_two_types[];

int registering_setup(void **state);
int registering_teardown(void **state);
#define IN_REGISTERING(test)                                                                       \
    cmocka_unit_test_setup_teardown(test, registering_setup, registering_teardown)

/* Tokens for as long as it takes: "grantless", "of-acme" and "of-other". */
void registering_give_tokens(struct registering *w);

/* Begins; does all of it and lets the time pass that it takes. */
void registering_start(struct registering *w);
void registering_run(struct registering *w);

/* What was reported, whole. */
void registering_reported(const struct registering *w, const char *expected);

/* Every call to the API (not to LWA) in a line: what is asked, by whose token. */
void registering_called(const struct registering *w, const char *expected);

/* The first request that has `part` in it. */
const char *registering_request(const struct registering *w, const char *part);

#endif
