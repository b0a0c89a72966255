/* SPDX-License-Identifier: MIT */
#include "publish.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/memory.h"
#include "body.h"

#define STEP_MESSAGES 2000 /* sent per turn of the loop if there is no rate */
#define TICK_USEC     1000 /* accuracy of rates */

struct publish_job {
    struct call_waiting waiting; /* first: the exchange's context */
    struct publisher *publisher;
    struct publish_job *previous, *next;
    struct publish_order order;
    struct generator_plan plan;
    unsigned char *seen; /* a bit per notification: its id is in `ids` */
    size_t sent;
    uint64_t unique;
    uint64_t started_usec; /* CLOCK_MONOTONIC */
    sd_event_source *source;
    struct exchange *exchange; /* to be answered at the end; NULL: answered or gone */
};

void publisher_init(struct publisher *publisher, struct sqs *sqs)
{
    *publisher = (struct publisher){.sqs = sqs};
}

static void free_bodies(char **bodies, size_t count)
{
    for (size_t i = 0; bodies && i < count; i++)
        free(bodies[i]);
    free(bodies);
}

static void job_free(struct publish_job *job)
{
    if (job->previous)
        job->previous->next = job->next;
    else
        job->publisher->jobs = job->next;
    if (job->next)
        job->next->previous = job->previous;
    job->publisher->job_count--;
    sd_event_source_disable_unref(job->source);
    free_bodies(job->order.bodies, job->order.count);
    free(job->plan.order);
    free(job->seen);
    free(job);
}

static void answer(struct exchange *exchange, const struct publish_job *job)
{
    AUTOTEXT struct text out = {0};
    json_open(&out, NULL, '{');
    json_number(&out, "sent", (int64_t)job->plan.size);
    json_number(&out, "unique", (int64_t)job->unique);
    json_string(&out, "queue", job->order.queue->name);
    if (!job->order.bodies)
        json_number(&out, "seed", (int64_t)job->order.generator.seed);
    json_close(&out, '}');
    exchange_answer(exchange, 200, "application/json", out.data, out.size);
}

static void job_end(struct publish_job *job)
{
    if (job->exchange) {
        exchange_set_context(job->exchange, NULL);
        answer(job->exchange, job);
    }
    job_free(job);
}

void publisher_reset(struct publisher *publisher)
{
    for (struct publish_job *job = publisher->jobs, *next; job; job = next) {
        next = job->next;
        job_end(job);
    }
    text_clear(&publisher->ids);
    *publisher = (struct publisher){.sqs = publisher->sqs};
}

uint64_t publisher_pending(const struct publisher *publisher)
{
    uint64_t pending = 0;
    for (const struct publish_job *job = publisher->jobs; job; job = job->next)
        pending += job->plan.size - job->sent;
    return pending;
}

/* Read the NotificationId of a body from the caller. "" if none can be found. */
static void read_id(const char *body, struct text *out)
{
    AUTOJSON cJSON *json = json_parse(body, strlen(body), QUEUE_BODY_MAX);
    const cJSON *metadata = json_get_object(json, "NotificationMetadata");
    const char *id = json_get_string(metadata, "NotificationId");
    if (!metadata)
        id = json_get_string(json_get_object(json, "notificationMetadata"), "notificationId");
    if (id && !strchr(id, '\n'))
        text_append_string(out, id);
}

/* Keep the id of a notification that is sent for the first time. */
static void remember(struct publish_job *job, uint32_t number, const char *id, size_t size)
{
    struct publisher *publisher = job->publisher;
    unsigned char bit = (unsigned char)(1 << (number % 8));
    if (job->seen[number / 8] & bit)
        return;
    job->seen[number / 8] |= bit;
    publisher->unique++;
    text_append(&publisher->ids, id, size);
    text_append_char(&publisher->ids, '\n');
    publisher->id_count++;
}

static void send_one(struct publish_job *job, uint32_t number, struct text *body,
                     struct text *escaped)
{
    struct sqs *sqs = job->publisher->sqs;
    char message_id[37], id[RNG_UUID_MAX] = "";
    text_reset(body);
    text_reset(escaped);
    if (job->order.bodies) {
        AUTOTEXT struct text written = {0};
        text_append_string(body, job->order.bodies[number]);
        read_id(body->data, &written);
        remember(job, number, written.data ? written.data : "", written.size);
    } else {
        generator_write(&job->order.generator, number, body, id);
        remember(job, number, id, strlen(id));
    }
    body_escape(escaped, body->data, body->size); /* checked before the job was made */
    sqs_new_id(sqs, message_id);
    queue_send(job->order.queue, message_id, body->data, body->size, escaped, 0,
               simclock_passed_usec(sqs->office->clock), simclock_wall_usec(sqs->office->clock));
    job->publisher->sent++;
}

/* Send the messages of the plan before number `end`. */
static void send_until(struct publish_job *job, size_t end)
{
    AUTOTEXT struct text body = {0}, escaped = {0};
    while (job->sent < end)
        send_one(job, job->plan.order[job->sent++], &body, &escaped);
    sqs_wake(job->publisher->sqs, job->order.queue);
}

static int on_step(sd_event_source *source, void *userdata)
{
    (void)source;
    struct publish_job *job = userdata;
    size_t left = job->plan.size - job->sent;
    send_until(job, job->sent + (left < STEP_MESSAGES ? left : STEP_MESSAGES));
    if (job->sent == job->plan.size)
        job_end(job);
    return 0;
}

/* Return the time at which message n of a job with a rate is due. */
static uint64_t due_usec(const struct publish_job *job, size_t n)
{
    return job->started_usec + (uint64_t)((double)n / job->order.rate * USEC_PER_SEC);
}

static int on_tick(sd_event_source *source, uint64_t usec, void *userdata)
{
    (void)usec;
    struct publish_job *job = userdata;
    uint64_t now_usec;
    int r = sd_event_now(job->publisher->sqs->office->event, CLOCK_MONOTONIC, &now_usec);
    if (r < 0)
        return r;
    double due = (double)(now_usec - job->started_usec) / USEC_PER_SEC * job->order.rate;
    size_t end = due >= (double)job->plan.size ? job->plan.size : (size_t)due + 1;
    send_until(job, end < job->plan.size ? end : job->plan.size);
    if (job->sent == job->plan.size) {
        job_end(job);
        return 0;
    }
    uint64_t next_usec = due_usec(job, job->sent);
    r = sd_event_source_set_time(source, next_usec > now_usec + TICK_USEC ? next_usec
                                                                          : now_usec + TICK_USEC);
    return r < 0 ? r : sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static void job_gone(struct call_waiting *waiting)
{
    struct publish_job *job = (struct publish_job *)waiting;
    job->exchange = NULL;
}

static int compare_strings(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static uint64_t count_different(char *const *bodies, size_t count)
{
    char **sorted = memory_resize(NULL, count + 1, sizeof(*sorted));
    memcpy(sorted, bodies, count * sizeof(*sorted));
    qsort(sorted, count, sizeof(*sorted), compare_strings);
    uint64_t different = count > 0;
    for (size_t i = 1; i < count; i++)
        different += strcmp(sorted[i - 1], sorted[i]) != 0;
    free(sorted);
    return different;
}

static struct publish_job *job_new(struct publisher *publisher, const struct publish_order *order)
{
    struct publish_job *job = NEW(struct publish_job);
    job->publisher = publisher;
    job->order = *order;
    job->seen = memory_new(order->count / 8 + 1);
    job->unique = order->bodies ? count_different(order->bodies, order->count) : order->count;
    generator_plan(&job->plan, &order->generator, order->count, order->duplicates, order->disorder);
    job->next = publisher->jobs;
    if (job->next)
        job->next->previous = job;
    publisher->jobs = job;
    publisher->job_count++;
    publisher->started++;
    return job;
}

int publisher_start(struct publisher *publisher, const struct publish_order *order,
                    struct exchange *exchange)
{
    sd_event *event = publisher->sqs->office->event;
    if (publisher->job_count == PUBLISH_JOBS_MAX)
        return -ENOSPC;
    struct publish_job *job = job_new(publisher, order);
    int r = sd_event_now(event, CLOCK_MONOTONIC, &job->started_usec);
    if (r >= 0 && order->rate > 0)
        r = sd_event_add_time(event, &job->source, CLOCK_MONOTONIC, job->started_usec, TICK_USEC,
                              on_tick, job);
    else if (r >= 0)
        r = sd_event_add_defer(event, &job->source, on_step, job);
    if (r >= 0)
        r = sd_event_source_set_enabled(job->source,
                                        order->rate > 0 ? SD_EVENT_ONESHOT : SD_EVENT_ON);
    if (r < 0) {
        job->order.bodies = NULL;
        job_free(job);
        return r;
    }
    if (order->rate > 0) {
        answer(exchange, job);
        return 0;
    }
    job->waiting.gone = job_gone;
    job->exchange = exchange;
    exchange_set_context(exchange, job);
    return 0;
}
