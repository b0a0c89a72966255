/* SPDX-License-Identifier: MIT */
#ifndef SPAPI_LIMITER_H
#define SPAPI_LIMITER_H

#include <stdint.h>
#include <systemd/sd-event.h>

/*
 * Keeps calls within SP-API's usage plans. Each operation and party (a seller, or the application)
 * has a token bucket: one call a second and five at once, for every operation of the Notifications
 * API. If the bucket is empty, further calls wait in line.
 *
 * Source: Usage Plans and Rate Limits (developer-docs.amazon.com/sp-api). The rate of an account
 * may differ: x-amzn-RateLimit-Limit reports it with answers of 200, 400 and 404.
 */
struct limiter;
struct limiter_wait;

#define LIMITER_RATE  1.0
#define LIMITER_BURST 5.0
/* Calls that wait in line, of all buckets together. Further ones are refused. */
#define LIMITER_WAITS_MAX 20000

/* Make a limiter. A reference to the event loop is taken. 0 or negative errno. */
int limiter_new(struct limiter **ret, sd_event *event);

/* Free a limiter and end every wait without its callback. NULL is fine. */
void limiter_free(struct limiter *limiter);

/* Call `go` once, from the loop, when a call of the operation for the party may be made, in the
 * order of asking. party NULL: the application. The strings are copied. *ret_wait is for
 * limiter_cancel and ends with the callback. 0, -ENOBUFS if too many calls wait, or another
 * negative errno. */
int limiter_ask(struct limiter *limiter, const char *operation, const char *party,
                void (*go)(void *userdata), void *userdata, struct limiter_wait **ret_wait);

/* End a wait without its callback. NULL is fine. */
void limiter_cancel(struct limiter_wait *wait);

/* Use the rate that Amazon reports, in calls a second; 0 or less: it reported none. */
void limiter_learn(struct limiter *limiter, const char *operation, const char *party, double rate);

/* Amazon has answered 429: make no call for pause_usec, then one; then the bucket fills again. */
void limiter_throttled(struct limiter *limiter, const char *operation, const char *party,
                       uint64_t pause_usec);

#endif
