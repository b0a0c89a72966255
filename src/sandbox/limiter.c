/* SPDX-License-Identifier: MIT */
#include "limiter.h"

#include "base/clock.h"
#include "base/text.h"

static struct limiter_bucket *find(struct limiter *limiter, const char *op, const char *owner,
                                   uint64_t now_usec)
{
    for (size_t i = 0; i < limiter->count; i++)
        if (text_equal(limiter->buckets[i].op, op) && text_equal(limiter->buckets[i].owner, owner))
            return &limiter->buckets[i];
    if (limiter->count == LIMITER_BUCKETS_MAX)
        return NULL;
    struct limiter_bucket *bucket = &limiter->buckets[limiter->count++];
    *bucket = (struct limiter_bucket){op, owner, LIMITER_BURST, now_usec};
    return bucket;
}

bool limiter_take(struct limiter *limiter, const char *op, const char *owner, uint64_t now_usec)
{
    struct limiter_bucket *bucket = limiter->off ? NULL : find(limiter, op, owner, now_usec);
    if (!bucket)
        return true;
    bucket->tokens += (double)(now_usec - bucket->filled_usec) / USEC_PER_SEC * LIMITER_RATE;
    bucket->filled_usec = now_usec;
    if (bucket->tokens > LIMITER_BURST)
        bucket->tokens = LIMITER_BURST;
    if (bucket->tokens < 1)
        return false;
    bucket->tokens -= 1;
    return true;
}
