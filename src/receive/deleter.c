/* SPDX-License-Identifier: MIT */
#include "deleter.h"

#include "base/backoff.h"
#include "base/clock.h"
#include "base/memory.h"
#include "journal/events.h"
#include "receive/receiver.h"

/* How long a receipt waits for others to fill its batch. */
#define DELAY_USEC USEC_PER_SEC
/* The most calls under way at the same time. */
#define CALLS_MAX 32U
/* The most tries of one entry, and the failed tries after which a failure is no chance any more. */
#define TRIES_MAX  5U
#define TRIES_SURE 2U

struct receipt {
    char *handle;
    unsigned tries;
};

struct deletion {
    struct deleter *deleter;
    struct sqs_call *call; /* NULL: free for use */
    struct receipt receipts[SQS_BATCH_MAX];
    size_t count;
};

struct deleter {
    sd_event *event;
    struct sqs *sqs;
    char *queue;
    struct queue_tally *tally;
    struct deleter_hooks hooks;
    sd_event_source *timer;
    bool armed, hurry;
    struct receipt *waiting; /* a ring of RECEIVER_DELETES_MAX */
    size_t first, count;
    struct deletion calls[CALLS_MAX];
    unsigned n_calls;
    unsigned failures;        /* failed calls in a row */
    uint64_t not_before_usec; /* boot clock: the end of the pause after a failed call */
    bool works;               /* the last call deleted all of its messages */
    bool failing;             /* a failure was reported, and is not over */
    struct error trouble;     /* why it fails */
    uint64_t failing_since_usec;
};

static void send_batches(struct deleter *d);

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
    struct deleter *d = userdata;
    (void)source;
    (void)usec;
    d->armed = false;
    send_batches(d);
    return 0;
}

static void arm(struct deleter *d, uint64_t delay_usec)
{
    if (d->armed)
        return;
    d->armed = true;
    sd_event_source_set_time_relative(d->timer, delay_usec);
    sd_event_source_set_enabled(d->timer, SD_EVENT_ONESHOT);
}

static void queue_receipt(struct deleter *d, struct receipt receipt)
{
    if (d->count == RECEIVER_DELETES_MAX) {
        free(receipt.handle);
        return;
    }
    d->waiting[(d->first + d->count++) % RECEIVER_DELETES_MAX] = receipt;
}

static struct receipt next_receipt(struct deleter *d)
{
    struct receipt receipt = d->waiting[d->first];
    d->first = (d->first + 1) % RECEIVER_DELETES_MAX;
    d->count--;
    return receipt;
}

/* The outcome of the entries of one call. */
struct entry_counts {
    unsigned given_up; /* not tried again; SQS sends the message again */
    unsigned failed;   /* given up or tried again, and known to fail, not by chance */
    unsigned retried;
};

/* Queue the receipts again that are worth another try, and count the outcomes. results NULL: the
 * whole call failed. */
static struct entry_counts put_back(struct deletion *deletion,
                                    const struct sqs_entry_result *results)
{
    struct entry_counts outcome = {0};
    for (size_t i = 0; i < deletion->count; i++) {
        struct receipt *receipt = &deletion->receipts[i];
        bool ok = results && results[i].ok;
        bool again = !ok && (!results || results[i].retry) && ++receipt->tries < TRIES_MAX;
        outcome.failed += !ok && (!again || receipt->tries >= TRIES_SURE);
        if (again) {
            outcome.retried++;
            queue_receipt(deletion->deleter, *receipt);
            continue;
        }
        outcome.given_up += !ok;
        free(receipt->handle);
    }
    return outcome;
}

static void begin_to_fail(struct deleter *d, unsigned messages,
                          const struct sqs_entry_result *results, size_t count,
                          const struct error *error)
{
    struct error refused;
    if (error->kind == ERROR_NONE) {
        error_set(&refused, ERROR_REFUSED, "SQS refused to delete them");
        for (size_t i = 0; i < count; i++)
            if (!results[i].ok)
                error_set(&refused, ERROR_REFUSED, "SQS refused to delete them: %s",
                          results[i].code);
        error = &refused;
    }
    d->failing = true;
    d->trouble = *error;
    d->failing_since_usec = clock_boot_usec();
    event_delete_failed(d->queue, messages, error);
    d->hooks.changed(d->hooks.userdata);
}

static void end_to_fail(struct deleter *d)
{
    d->failing = false;
    event_delete_works_again(d->queue, clock_boot_usec() - d->failing_since_usec);
    d->hooks.changed(d->hooks.userdata);
}

static void on_deleted(const struct sqs_entry_result *results, size_t count,
                       const struct error *error, void *userdata)
{
    struct deletion *deletion = userdata;
    struct deleter *d = deletion->deleter;
    bool failed = error->kind != ERROR_NONE;
    deletion->call = NULL;
    d->n_calls--;
    struct entry_counts outcome = put_back(deletion, failed ? NULL : results);
    d->tally->deletes_failed += outcome.given_up;
    d->failures = failed || outcome.retried ? d->failures + 1 : 0;
    d->works = !failed && !outcome.given_up && !outcome.retried;
    if (outcome.failed && !d->failing)
        begin_to_fail(d, outcome.failed, results, failed ? 0 : count, error);
    else if (d->works && d->failing)
        end_to_fail(d);
    if (d->failures)
        d->not_before_usec =
            clock_boot_usec() + backoff_usec(USEC_PER_SEC / 5, 20 * USEC_PER_SEC, d->failures);
    send_batches(d);
}

static struct deletion *free_deletion(struct deleter *d)
{
    for (unsigned i = 0; i < CALLS_MAX; i++)
        if (!d->calls[i].call)
            return &d->calls[i];
    return NULL;
}

static bool send_one(struct deleter *d)
{
    struct deletion *deletion = free_deletion(d);
    const char *handles[SQS_BATCH_MAX];
    if (!deletion)
        return false;
    deletion->deleter = d;
    for (deletion->count = 0; deletion->count < SQS_BATCH_MAX && d->count; deletion->count++) {
        deletion->receipts[deletion->count] = next_receipt(d);
        handles[deletion->count] = deletion->receipts[deletion->count].handle;
    }
    if (sqs_delete(d->sqs, handles, deletion->count, on_deleted, deletion, &deletion->call) == 0) {
        d->n_calls++;
        return true;
    }
    d->tally->deletes_failed += put_back(deletion, NULL).given_up;
    d->not_before_usec = clock_boot_usec() + USEC_PER_SEC;
    return false;
}

static bool may_send(const struct deleter *d)
{
    return clock_boot_usec() >= d->not_before_usec;
}

/* Whether stored messages may be deleted from SQS. If not, drop the receipts; SQS sends the
 * messages again. */
static bool is_safe(struct deleter *d)
{
    if (d->hooks.in_place(d->hooks.userdata))
        return true;
    while (d->count)
        free(next_receipt(d).handle);
    return false;
}

static void send_batches(struct deleter *d)
{
    bool all = d->hurry || !d->armed;
    while (may_send(d) && d->count >= (all ? 1 : SQS_BATCH_MAX) && is_safe(d) && send_one(d))
        ;
    if (d->count && !may_send(d))
        arm(d, d->not_before_usec - clock_boot_usec());
}

void deleter_add(struct deleter *d, const char *receipt)
{
    queue_receipt(d, (struct receipt){.handle = memory_string(receipt)});
    if (!d->hurry)
        arm(d, DELAY_USEC);
    send_batches(d);
}

void deleter_hurry(struct deleter *d)
{
    d->hurry = true;
    send_batches(d);
}

const char *deleter_trouble(const struct deleter *d)
{
    return d->failing ? d->trouble.text : NULL;
}

bool deleter_works(const struct deleter *d)
{
    return d->works;
}

bool deleter_idle(const struct deleter *d)
{
    return d->count == 0 && d->n_calls == 0;
}

int deleter_new(struct deleter **ret, sd_event *event, struct sqs *sqs, const char *queue,
                struct queue_tally *tally, const struct deleter_hooks *hooks)
{
    struct deleter *d = NEW(struct deleter);
    d->event = sd_event_ref(event);
    d->sqs = sqs;
    d->queue = memory_string(queue);
    d->tally = tally;
    d->hooks = *hooks;
    d->waiting = memory_new(RECEIVER_DELETES_MAX * sizeof(*d->waiting));
    int r = sd_event_add_time_relative(event, &d->timer, CLOCK_BOOTTIME, 0, 0, on_timer, d);
    if (r >= 0)
        r = sd_event_source_set_enabled(d->timer, SD_EVENT_OFF);
    if (r < 0) {
        deleter_free(d);
        return r;
    }
    *ret = d;
    return 0;
}

void deleter_free(struct deleter *d)
{
    if (!d)
        return;
    for (unsigned i = 0; i < CALLS_MAX; i++) {
        struct deletion *deletion = &d->calls[i];
        if (!deletion->call)
            continue;
        sqs_cancel(deletion->call);
        for (size_t k = 0; k < deletion->count; k++)
            free(deletion->receipts[k].handle);
    }
    while (d->count)
        free(next_receipt(d).handle);
    sd_event_source_disable_unref(d->timer);
    sd_event_unref(d->event);
    free(d->waiting);
    free(d->queue);
    free(d);
}
