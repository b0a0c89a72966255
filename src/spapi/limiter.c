/* SPDX-License-Identifier: MIT */
#include "spapi/limiter.h"

#include <errno.h>
#include <sys/queue.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"

/* Lowest believed rate in calls a second. With a rate of 0 a bucket never fills, and
 * its calls wait for ever. */
#define RATE_MIN 0.01
#define RATE_MAX 1000.0

struct limiter_wait {
    struct bucket *bucket;
    TAILQ_ENTRY(limiter_wait) link;
    void (*go)(void *userdata);
    void *userdata;
};

struct bucket {
    struct limiter *limiter;
    LIST_ENTRY(bucket) link;
    char *operation, *party; /* party NULL: the application */
    double tokens, rate;
    uint64_t filled_boot_usec; /* tokens are counted until then; in the future during a pause */
    TAILQ_HEAD(, limiter_wait) waits;
};

struct limiter {
    sd_event *event;
    sd_event_source *timer; /* fires when the next wait may end */
    LIST_HEAD(, bucket) buckets;
    size_t n_waits;
};

static struct bucket *bucket_of(struct limiter *limiter, const char *operation, const char *party)
{
    struct bucket *bucket;
    LIST_FOREACH(bucket, &limiter->buckets, link)
        if (text_equal(bucket->operation, operation) && text_equal(bucket->party, party))
            return bucket;
    bucket = NEW(struct bucket);
    bucket->limiter = limiter;
    bucket->operation = memory_string(operation);
    bucket->party = memory_string(party);
    bucket->tokens = LIMITER_BURST;
    bucket->rate = LIMITER_RATE;
    bucket->filled_boot_usec = clock_boot_usec();
    TAILQ_INIT(&bucket->waits);
    LIST_INSERT_HEAD(&limiter->buckets, bucket, link);
    return bucket;
}

static void fill(struct bucket *bucket, uint64_t boot_usec)
{
    if (boot_usec <= bucket->filled_boot_usec)
        return;
    double passed = (double)(boot_usec - bucket->filled_boot_usec) / USEC_PER_SEC;
    bucket->tokens += passed * bucket->rate;
    if (bucket->tokens > LIMITER_BURST)
        bucket->tokens = LIMITER_BURST;
    bucket->filled_boot_usec = boot_usec;
}

/* Time in microseconds until the first call in the bucket's line may go. */
static uint64_t wait_usec(const struct bucket *bucket, uint64_t boot_usec)
{
    uint64_t pause =
        bucket->filled_boot_usec > boot_usec ? bucket->filled_boot_usec - boot_usec : 0;
    if (bucket->tokens >= 1)
        return pause;
    return pause + (uint64_t)((1 - bucket->tokens) / bucket->rate * USEC_PER_SEC) + 1;
}

/* Take a call that may go now off its line. NULL if none may go. */
static struct limiter_wait *take_next(struct limiter *limiter, uint64_t boot_usec)
{
    struct bucket *bucket;
    LIST_FOREACH(bucket, &limiter->buckets, link) {
        struct limiter_wait *wait = TAILQ_FIRST(&bucket->waits);
        fill(bucket, boot_usec);
        if (!wait || wait_usec(bucket, boot_usec) > 0)
            continue;
        bucket->tokens -= 1;
        TAILQ_REMOVE(&bucket->waits, wait, link);
        limiter->n_waits--;
        return wait;
    }
    return NULL;
}

static void schedule(struct limiter *limiter)
{
    uint64_t boot = clock_boot_usec(), next = UINT64_MAX;
    struct bucket *bucket;
    LIST_FOREACH(bucket, &limiter->buckets, link) {
        if (TAILQ_EMPTY(&bucket->waits))
            continue;
        fill(bucket, boot);
        uint64_t wait = wait_usec(bucket, boot);
        next = wait < next ? wait : next;
    }
    if (next != UINT64_MAX)
        sd_event_source_set_time_relative(limiter->timer, next);
    sd_event_source_set_enabled(limiter->timer,
                                next == UINT64_MAX ? SD_EVENT_OFF : SD_EVENT_ONESHOT);
}

/* Let one call go. Not more at a time, because a callback may ask, cancel, or end the limiter. */
static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
    struct limiter *limiter = userdata;
    struct limiter_wait *wait = take_next(limiter, clock_boot_usec());
    (void)source;
    (void)usec;
    schedule(limiter);
    if (wait)
        wait->go(wait->userdata);
    free(wait);
    return 0;
}

int limiter_new(struct limiter **ret, sd_event *event)
{
    struct limiter *limiter = NEW(struct limiter);
    limiter->event = sd_event_ref(event);
    LIST_INIT(&limiter->buckets);
    int r = sd_event_add_time_relative(event, &limiter->timer, CLOCK_BOOTTIME, 0, USEC_PER_MSEC,
                                       on_timer, limiter);
    if (r >= 0)
        r = sd_event_source_set_enabled(limiter->timer, SD_EVENT_OFF);
    if (r < 0) {
        limiter_free(limiter);
        return r;
    }
    *ret = limiter;
    return 0;
}

static void bucket_free(struct bucket *bucket)
{
    struct limiter_wait *wait;
    while ((wait = TAILQ_FIRST(&bucket->waits))) {
        TAILQ_REMOVE(&bucket->waits, wait, link);
        free(wait);
    }
    free(bucket->operation);
    free(bucket->party);
    free(bucket);
}

void limiter_free(struct limiter *limiter)
{
    struct bucket *bucket;
    if (!limiter)
        return;
    while ((bucket = LIST_FIRST(&limiter->buckets))) {
        LIST_REMOVE(bucket, link);
        bucket_free(bucket);
    }
    sd_event_source_disable_unref(limiter->timer);
    sd_event_unref(limiter->event);
    free(limiter);
}

int limiter_ask(struct limiter *limiter, const char *operation, const char *party,
                void (*go)(void *userdata), void *userdata, struct limiter_wait **ret_wait)
{
    if (limiter->n_waits == LIMITER_WAITS_MAX)
        return -ENOBUFS;
    struct limiter_wait *wait = NEW(struct limiter_wait);
    wait->bucket = bucket_of(limiter, operation, party);
    wait->go = go;
    wait->userdata = userdata;
    TAILQ_INSERT_TAIL(&wait->bucket->waits, wait, link);
    limiter->n_waits++;
    schedule(limiter);
    if (ret_wait)
        *ret_wait = wait;
    return 0;
}

void limiter_cancel(struct limiter_wait *wait)
{
    if (!wait)
        return;
    TAILQ_REMOVE(&wait->bucket->waits, wait, link);
    wait->bucket->limiter->n_waits--;
    free(wait);
}

void limiter_learn(struct limiter *limiter, const char *operation, const char *party, double rate)
{
    if (!(rate >= RATE_MIN && rate <= RATE_MAX))
        return;
    struct bucket *bucket = bucket_of(limiter, operation, party);
    fill(bucket, clock_boot_usec());
    bucket->rate = rate;
    schedule(limiter);
}

void limiter_throttled(struct limiter *limiter, const char *operation, const char *party,
                       uint64_t pause_usec)
{
    struct bucket *bucket = bucket_of(limiter, operation, party);
    uint64_t until = clock_boot_usec() + pause_usec;
    bucket->tokens = 1;
    if (until > bucket->filled_boot_usec)
        bucket->filled_boot_usec = until;
    schedule(limiter);
}
