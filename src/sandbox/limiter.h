/* SPDX-License-Identifier: MIT */
#ifndef SRC_SANDBOX_LIMITER_H
#define SRC_SANDBOX_LIMITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* SP-API's rate limits: a token bucket per operation and token owner, on the sandbox's clock. */

#define LIMITER_RATE        1 /* requests per second */
#define LIMITER_BURST       5
#define LIMITER_BUCKETS_MAX 4096 /* operations times owners */

struct limiter_bucket {
    const char *op, *owner; /* constants */
    double tokens;
    uint64_t filled_usec;
};

struct limiter {
    struct limiter_bucket buckets[LIMITER_BUCKETS_MAX];
    size_t count;
    bool off;
};

/* Take a token. Return false if there is none. now_usec is time passed. */
bool limiter_take(struct limiter *limiter, const char *op, const char *owner, uint64_t now_usec);

#endif
