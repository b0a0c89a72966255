/* SPDX-License-Identifier: MIT */
#ifndef AMAZON_LIMITER_H
#define AMAZON_LIMITER_H

#include <stdint.h>
#include <systemd/sd-event.h>

/*
 * Keeps calls within SP-API's usage plans: a token bucket for each operation and party (a seller,
 * or the application itself), one call a second and five at once for every operation of the
 * Notifications API. Who comes when the bucket is empty waits in line.
 *
 * Source: Usage Plans and Rate Limits (developer-docs.amazon.com/sp-api); the rate of an account
 * may be another one, which x-amzn-RateLimit-Limit tells with answers of 200, 400 and 404.
 */
struct limiter;
struct limiter_wait;

#define LIMITER_RATE  1.0
#define LIMITER_BURST 5.0
/* Waits in line, of all buckets together; more are refused. */
#define LIMITER_WAITS_MAX 20000

/* A reference to the event loop is taken. 0 or negative errno. */
int limiter_new(struct limiter **ret, sd_event *event);

/* Ends every wait without its callback. NULL is fine. */
void limiter_free(struct limiter *limiter);

/* Calls `go` once, from the loop, when a call of the operation for the party may be made, in the
 * order of asking. party NULL: the application. The strings are copied. *ret_wait is for
 * limiter_cancel and ends with the callback. 0, -ENOBUFS when too many wait, or another negative
 * errno. */
int limiter_ask(struct limiter *limiter, const char *operation, const char *party,
                void (*go)(void *userdata), void *userdata, struct limiter_wait **ret_wait);
void limiter_cancel(struct limiter_wait *wait);

/* Amazon says so many calls a second; 0 or less: it did not say. */
void limiter_learn(struct limiter *limiter, const char *operation, const char *party, double rate);

/* Amazon has answered 429: nobody goes for so long, then one, and the bucket fills anew. */
void limiter_throttled(struct limiter *limiter, const char *operation, const char *party,
                       uint64_t pause_usec);

#endif
