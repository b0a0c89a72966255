/* SPDX-License-Identifier: MIT */
#ifndef TESTS_FORWARDING_H
#define TESTS_FORWARDING_H

#include "deliver/forwarder.h"
#include "workshop.h"

/* What holds when the config says nothing. */
extern const struct schedule forwarding_schedule;

/* A forwarder at work on the workshop's webhook, to https://wms.example/hook. */
struct forwarding {
    struct workshop shop;
    struct forwarder *forwarder;
    struct forwarder *older;     /* of an older config: forwarding_reload */
    struct schedule schedule;    /* of the forwarder; forwarding_limits takes it over */
    struct success_rule success; /* the same */
    const char *client_secret;   /* for access tokens, the same; NULL: it wants none */
    int claim_result; /* not 0: what the end of a turn's claims returns, so that it fails */
};

/* For cmocka: 64 at a time, 20 attempts. */
int forwarding_setup(void **state);
int forwarding_teardown(void **state);
#define IN_FORWARDING(test)                                                                        \
    cmocka_unit_test_setup_teardown(test, forwarding_setup, forwarding_teardown)

/* Replaces the forwarder by one with other limits. */
void forwarding_limits(struct forwarding *f, unsigned concurrency, unsigned max_attempts);

/* As a reload does it: a fresh one takes over. What the older one has begun goes on. */
void forwarding_reload(struct forwarding *f);

/* ... and by one that gets access tokens from https://auth.example/token with this secret. */
void forwarding_oauth(struct forwarding *f, const char *client_secret);

/* Stores a notification and lets the forwarder claim it; its delivery's id. */
int64_t forwarding_accept(struct forwarding *f, const char *id, const char *order);

/* The same for "PREFIX0", "PREFIX1", ..., each with an order of that name; the first one's id. */
int64_t forwarding_accept_many(struct forwarding *f, const char *prefix, unsigned count);

/* Does what is to be done now; lets time pass. */
void forwarding_rest(struct forwarding *f);
void forwarding_run(struct forwarding *f, uint64_t usec);

/* Lets time pass until so many requests have been made in all; fails the test after an hour. */
void forwarding_run_to(struct forwarding *f, size_t requests);

/* Answers the oldest request that waits. */
#define forwarding_answer(f, ...)                                                                  \
    do {                                                                                           \
        scripted_answer((f)->shop.http, &(struct scripted_rule){__VA_ARGS__});                     \
        forwarding_rest(f);                                                                        \
    } while (0)

/* Of the n-th request: a header's value ("" if it is not there; lives until the next call), its
 * body. */
const char *forwarding_header(struct forwarding *f, size_t n, const char *name);
const char *forwarding_body(struct forwarding *f, size_t n);

#endif
