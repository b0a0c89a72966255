/* SPDX-License-Identifier: MIT */
#include "receive/receiver.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "aws/queue_policy.h"
#include "base/backoff.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "journal/events.h"
#include "receiver_private.h"

/* Waits after failures: short for hiccups, long for failures that somebody has to repair. */
#define RETRY_USEC       (USEC_PER_SEC / 2)
#define RETRY_CAP_USEC   (20 * USEC_PER_SEC)
#define REFUSED_USEC     (10 * USEC_PER_SEC)
#define REFUSED_CAP_USEC (60 * USEC_PER_SEC)

/* How old the depth may be while messages come, and how many empty polls are between two looks at
 * it (five minutes of silence). */
#define DEPTH_USEC  (30 * USEC_PER_SEC)
#define DEPTH_EVERY 15

static void poll_more(struct receiver *r);

/* ---- failures ---- */

static bool same_failure(const struct error *a, const struct error *b)
{
    return a->kind == b->kind && text_equal(a->code, b->code);
}

static uint64_t pause_usec(const struct receiver *r, const struct error *error)
{
    bool refused = error->kind == ERROR_REFUSED || error->kind == ERROR_CREDENTIALS ||
                   error->kind == ERROR_CLOCK;
    uint64_t pause = refused ? backoff_usec(REFUSED_USEC, REFUSED_CAP_USEC, r->failures)
                             : backoff_usec(RETRY_USEC, RETRY_CAP_USEC, r->failures);
    return pause > error->retry_after_usec ? pause : error->retry_after_usec;
}

static void tell_silence(struct receiver *r)
{
    if (!r->silent)
        event_queue_silent(r->queue, clock_boot_usec() - r->answer_boot_usec);
    r->silent = true;
}

static void tell_failure(struct receiver *r, const struct error *error)
{
    if (error->kind == ERROR_TIMEOUT)
        tell_silence(r);
    else if (!r->failures || !same_failure(error, &r->failure))
        event_receive_failed(r->queue, error);
    r->failure = *error;
    r->note = true;
}

static void pause_polling(struct receiver *r, const struct error *error)
{
    uint64_t boot = clock_boot_usec();
    if (r->failures++ == 0)
        r->failing_since_usec = boot;
    uint64_t pause = pause_usec(r, error);
    r->retry_boot_usec = boot + pause;
    if (r->stopping)
        return; /* the timer ends the grace */
    sd_event_source_set_time_relative(r->timer, pause);
    sd_event_source_set_enabled(r->timer, SD_EVENT_ONESHOT);
}

static void failed(struct receiver *r, const struct error *error)
{
    quiet_answers(r->options.quiet, false);
    receiver_gap_grows(r);
    r->target = 1;
    tell_failure(r, error);
    /* Polls that were open together fail together: make one pause for all of them. */
    if (!r->failures || clock_boot_usec() >= r->retry_boot_usec)
        pause_polling(r, error);
    /* Write the facts soon: there may be no other reason for a turn. */
    turn_request(r->options.turn);
}

static void works(struct receiver *r)
{
    quiet_answers(r->options.quiet, true);
    receiver_gap_ends(r);
    r->answer_boot_usec = r->tally->answered_boot_usec = clock_boot_usec();
    if (r->failures) {
        event_receive_works_again(r->queue, r->failures,
                                  r->answer_boot_usec - r->failing_since_usec);
        r->note = true;
        if (r->options.hooks.works_again)
            r->options.hooks.works_again(r->queue, r->options.hooks.userdata);
    }
    r->failures = 0;
    r->retry_boot_usec = 0;
    r->silent = false;
    r->received_usec = clock_trusted_usec();
    if (!r->answered && r->options.hooks.answered)
        r->options.hooks.answered(r->queue, r->options.hooks.userdata);
    if (!r->answered)
        turn_request(r->options.turn);
    r->answered = true;
}

/* Check the policy, once at each start. It is the only proof that a notification is Amazon's. */
static void judge_policy(struct receiver *r, const char *policy)
{
    struct queue_policy_opening opening = queue_policy_opening(policy, r->options.arn);
    if (opening.senders != QUEUE_POLICY_CLOSED && !r->tally->open_told)
        event_queue_open(r->queue, opening.text);
    r->tally->open_told = opening.senders != QUEUE_POLICY_CLOSED;
}

static void on_attributes(const struct sqs_queue_attributes *attributes, const struct error *error,
                          void *userdata)
{
    struct receiver *r = userdata;
    r->asking = false;
    /* The policy may deny this call. Failures that matter show when receiving. */
    if (error->kind == ERROR_REFUSED || error->kind == ERROR_CREDENTIALS)
        receiver_learn_retention(r, 0);
    if (error->kind != ERROR_NONE)
        return;
    receiver_learn_retention(r, attributes->retention_s * USEC_PER_SEC);
    judge_policy(r, attributes->policy);
    r->depth = attributes->depth;
    r->depth_boot_usec = clock_boot_usec();
    r->note = true; /* only receiving shows whether messages can be read: KMS may deny that */
    turn_request(r->options.turn);
}

void receiver_ask_attributes(struct receiver *r)
{
    if (!r->asking)
        r->asking = sqs_attributes(r->sqs, on_attributes, r, NULL) == 0;
}

/* ---- polls ---- */

static void end_poll(struct receiver *r, struct poll *poll)
{
    poll->call = NULL;
    r->open--;
    r->options.room->expected -= poll->expected;
}

static void report_date(struct receiver *r)
{
    if (r->options.hooks.dated && sqs_is_dated(r->sqs))
        r->options.hooks.dated(r->options.hooks.userdata);
}

/* Keep one poll open when the queue is idle, and more while answers come back full and their
 * notifications can be sent. */
static void adapt(struct receiver *r, size_t count, unsigned max)
{
    if (count == 0)
        r->target = 1;
    else if (count < max)
        r->target -= r->target > 1;
    else if (r->target < r->options.max_pollers && r->options.room->wanted)
        r->target++;
}

/* Take the received messages off the queue's depth. Ask SQS for the depth now and then, and when a
 * poll finds nothing although there should be messages. */
static void look_at_depth(struct receiver *r, size_t count)
{
    bool old = clock_boot_usec() - r->depth_boot_usec >= DEPTH_USEC;
    bool idle = count == 0 && (r->depth || ++r->quiet_polls % DEPTH_EVERY == 0);
    r->depth -= count < r->depth ? count : r->depth;
    if (idle || (count && old))
        receiver_ask_attributes(r);
}

static void take_answer(struct receiver *r, struct sqs_batch *batch, unsigned max)
{
    works(r);
    look_at_depth(r, batch->count);
    if (batch->damaged)
        receiver_take_damaged(r, batch);
    adapt(r, batch->count + batch->damaged, max);
    receive_room_learn(r->options.room, receiver_size_of(batch), batch->count);
    while (r->successor)
        r = r->successor;
    receiver_take(r, batch);
}

static void on_received(struct sqs_batch *batch, const struct error *error, void *userdata)
{
    struct poll *poll = userdata;
    struct receiver *r = poll->receiver;
    end_poll(r, poll);
    report_date(r);
    if (error->kind == ERROR_NONE)
        take_answer(r, batch, poll->max);
    else
        failed(r, error);
    poll_more(r);
}

static struct poll *free_poll(struct receiver *r)
{
    for (unsigned i = 0; i < r->options.max_pollers; i++)
        if (!r->polls[i].call)
            return &r->polls[i];
    return NULL;
}

/* Return how long SQS may hold the next poll. SQS answers at once while the queue has not answered
 * yet, or not since a failure: during a long poll, an idle queue that works would look as if it did
 * not. */
static unsigned next_wait_s(const struct receiver *r)
{
    return r->answered && !r->failures ? r->options.wait_s : 0;
}

static int open_poll(struct receiver *r, unsigned max)
{
    struct poll *poll = free_poll(r);
    if (!poll)
        return -EBUSY;
    *poll = (struct poll){
        .receiver = r,
        .max = max,
        .wait_s = next_wait_s(r),
        .expected = max * r->options.room->mean,
        .started_boot_usec = clock_boot_usec(),
    };
    int result = sqs_receive(r->sqs, max, poll->wait_s, RECEIVER_VISIBILITY_S, on_received, poll,
                             &poll->call);
    if (result)
        return result;
    r->open++;
    r->polled_boot_usec = poll->started_boot_usec;
    r->options.room->expected += poll->expected;
    return 0;
}

static bool may_poll(const struct receiver *r)
{
    return r->started && !r->retired && !r->stopping && r->open < r->target &&
           clock_boot_usec() >= r->retry_boot_usec;
}

/* Return the time between two polls while none is open. */
static uint64_t pause_between(const struct receiver *r)
{
    if (deleter_trouble(r->deleter))
        return RECEIVER_DELETES_PAUSE_USEC;
    return r->options.room->wanted ? 0 : RECEIVER_BUSY_PAUSE_USEC;
}

/* Whether the next poll must wait. Notifications that cannot be sent yet wait better in SQS than on
 * our disk, and while messages cannot be deleted, most received ones are copies. Every queue still
 * has a poll now and then: it shows that the queue answers, and it brings new messages. */
static bool must_wait(struct receiver *r)
{
    uint64_t next = r->polled_boot_usec + pause_between(r);
    if (r->open)
        return deleter_trouble(r->deleter) || receive_room_is_served(r->options.room);
    if (clock_boot_usec() >= next)
        return false;
    sd_event_source_set_time(r->timer, next);
    sd_event_source_set_enabled(r->timer, SD_EVENT_ONESHOT);
    return true;
}

/* Return how many messages the next poll asks for. Every queue has a poll for one message, however
 * much others hold, because nothing would wake it when there is room again. */
static unsigned next_max(const struct receiver *r)
{
    const struct receive_room *room = r->options.room;
    unsigned max = receive_room_afford(room, SQS_BATCH_MAX);
    bool idle = !r->open && !r->pending && !room->closed && !room->full;
    return max || !idle ? max : 1;
}

static void poll_more(struct receiver *r)
{
    while (may_poll(r) && !must_wait(r)) {
        unsigned max = next_max(r);
        if (!max)
            return;
        int result = open_poll(r, max);
        if (!result)
            continue;
        struct error error;
        error_set(&error, ERROR_CONFIG, "the poll could not be started: %s", strerror(-result));
        failed(r, &error);
    }
}

void receiver_batch_done(struct receiver *r, size_t bytes)
{
    r->options.room->held -= bytes;
    r->pending--;
    poll_more(r);
}

/* ---- stopping ---- */

static void abandon(struct receiver *r)
{
    for (unsigned i = 0; i < r->options.max_pollers; i++) {
        struct poll *poll = &r->polls[i];
        if (!poll->call)
            continue;
        sqs_cancel(poll->call);
        end_poll(r, poll);
        r->abandoned++;
    }
    deleter_hurry(r->deleter);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
    struct receiver *r = userdata;
    (void)source;
    (void)usec;
    if (r->stopping)
        abandon(r);
    else
        poll_more(r);
    return 0;
}

void receiver_retire(struct receiver *r, struct receiver *successor)
{
    r->retired = true;
    r->successor = successor;
    deleter_hurry(r->deleter);
}

void receiver_stop(struct receiver *r)
{
    if (r->stopping)
        return;
    r->stopping = true;
    deleter_hurry(r->deleter);
    sd_event_source_set_time_relative(r->timer, RECEIVER_STOP_GRACE_USEC);
    sd_event_source_set_enabled(r->timer, SD_EVENT_ONESHOT);
}

void receiver_look(const struct receiver *r, struct receiver_view *ret)
{
    *ret = (struct receiver_view){
        .pollers = r->open,
        .depth = r->depth,
        .received_usec = r->received_usec,
        .message_usec = r->message_usec,
        .answered = r->answered,
        .late = r->lag_told,
        .trouble = r->failures ? r->failure.text : NULL,
        .deletes = deleter_works(r->deleter),
        .delete_trouble = deleter_trouble(r->deleter),
    };
}

const char *receiver_queue(const struct receiver *r)
{
    return r->queue;
}

bool receiver_idle(const struct receiver *r)
{
    return !r->open && !r->pending && deleter_idle(r->deleter);
}

unsigned receiver_abandoned(const struct receiver *r)
{
    return r->abandoned;
}

uint64_t receiver_overdue_usec(const struct receiver *r)
{
    uint64_t now = clock_boot_usec(), worst = 0;
    for (unsigned i = 0; i < r->options.max_pollers; i++) {
        uint64_t due = r->polls[i].started_boot_usec + r->polls[i].wait_s * USEC_PER_SEC +
                       RECEIVER_POLL_GRACE_USEC;
        if (r->polls[i].call && now > due && now - due > worst)
            worst = now - due;
    }
    return worst;
}

/* ---- facts for status ---- */

static int note_time(struct receiver *r, struct store *store, const char *key, uint64_t usec)
{
    char text[CLOCK_TEXT_MAX];
    if (!usec)
        return 0;
    clock_rfc3339(text, usec);
    return store_set_fact(store, "queue", r->queue, key, text);
}

static int note_number(struct receiver *r, struct store *store, const char *key, uint64_t value)
{
    char text[24];
    snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
    return store_set_fact(store, "queue", r->queue, key, text);
}

bool receiver_has_facts(const struct receiver *r)
{
    return r->note || r->dirty;
}

void receiver_hurry_facts(struct receiver *r)
{
    r->note = true;
}

int receiver_write_facts(struct receiver *r, struct store *store)
{
    uint64_t boot = clock_boot_usec();
    if (!r->note && boot - r->noted_boot_usec < RECEIVER_FACTS_USEC)
        return 0;
    r->note = r->dirty = false;
    r->noted_boot_usec = boot;
    int result = note_time(r, store, "last_receive", r->received_usec);
    if (!result)
        result = note_time(r, store, "last_message", r->message_usec);
    if (!result)
        result = note_time(r, store, "last_read", r->read_usec);
    if (!result)
        result = store_set_fact(store, "queue", r->queue, "last_error",
                                r->failures ? r->failure.text : NULL);
    if (!result)
        result =
            store_set_fact(store, "queue", r->queue, "delete_error", deleter_trouble(r->deleter));
    if (!result)
        result = note_number(r, store, "damaged", r->tally->damaged);
    if (!result)
        result = note_number(r, store, "depth", r->depth);
    if (!result && r->message_usec)
        result = note_number(r, store, "lag", r->lag_usec / USEC_PER_SEC);
    if (!result && r->retention_usec)
        result = note_number(r, store, "retention", r->retention_usec / USEC_PER_SEC);
    return result ? result : note_number(r, store, "pollers", r->open);
}

/* ---- life ---- */

static void on_resolved(const struct error *error, void *userdata)
{
    struct receiver *r = userdata;
    (void)error; /* without an answer, the URL that follows from the ARN is used */
    receiver_ask_attributes(r);
    r->started = true;
    poll_more(r);
}

void receiver_start(struct receiver *r)
{
    if (sqs_resolve(r->sqs, on_resolved, r, NULL) == 0)
        return;
    r->started = true;
    poll_more(r);
}

void receiver_poke(struct receiver *r)
{
    poll_more(r);
}

/* Deleting fails or works again: the pace of polls changes, and status shows it. */
static void on_deletes_changed(void *userdata)
{
    struct receiver *r = userdata;
    r->note = true;
    turn_request(r->options.turn);
    poll_more(r);
}

static bool is_in_place(void *userdata)
{
    const struct receiver *r = userdata;
    const struct receiver_hooks *hooks = &r->options.hooks;
    return !hooks->in_place || hooks->in_place(hooks->userdata);
}

static int prepare(struct receiver *r)
{
    const struct receiver_options *o = &r->options;
    struct sqs_options sqs = {
        .name = o->queue,
        .arn = o->arn,
        .endpoint = o->endpoint,
        .identity = o->identity,
        .credentials = o->credentials,
        .tally = r->tally->calls,
    };
    int result = sqs_new(&r->sqs, o->http, &sqs);
    if (result == 0)
        result = deleter_new(&r->deleter, r->event, r->sqs, o->queue, r->tally,
                             &(struct deleter_hooks){is_in_place, on_deletes_changed, r});
    if (result < 0)
        return result;
    result = sd_event_add_time_relative(r->event, &r->timer, CLOCK_BOOTTIME, 0, 0, on_timer, r);
    return result < 0 ? result : sd_event_source_set_enabled(r->timer, SD_EVENT_OFF);
}

int receiver_new(struct receiver **ret, const struct receiver_options *options)
{
    struct receiver *r = NEW(struct receiver);
    r->options = *options;
    r->event = sd_event_ref(options->event);
    r->queue = memory_string(options->queue);
    r->tally = options->tally ? options->tally : &r->own_tally;
    r->polls = memory_new(options->max_pollers * sizeof(*r->polls));
    r->target = 1;
    r->answer_boot_usec = clock_boot_usec();
    r->read_usec = options->read_usec;
    r->retention_usec = options->retention_usec;
    r->lag_usec = options->lag_usec;
    r->lag_told =
        options->lag_told && options->lag_alarm_usec && options->lag_usec > options->lag_alarm_usec;
    r->gap_told = options->gap_told;
    int result = prepare(r);
    if (result < 0) {
        receiver_free(r);
        return result;
    }
    *ret = r;
    return 0;
}

void receiver_free(struct receiver *r)
{
    if (!r)
        return;
    deleter_free(r->deleter);
    sqs_free(r->sqs);
    sd_event_source_disable_unref(r->timer);
    sd_event_unref(r->event);
    free(r->polls);
    free(r->secret_why);
    free(r->queue);
    free(r);
}
