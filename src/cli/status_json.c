/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/memory.h"
#include "status.h"

static void put_fact(struct text *out, const struct status *status, const char *section,
                     const char *name, const char *key)
{
    AUTOFREE char *value = status_fact(status, section, name, key);
    json_string(out, key, value);
}

/* Append a number that the daemon noted. It is null if there is none, or if it is from
 * a run that has ended. */
static void put_number(struct text *out, const struct status *status, const char *section,
                       const char *name, const char *key, bool live)
{
    AUTOFREE char *value =
        live && status->pid == 0 ? NULL : status_fact(status, section, name, key);
    char *end = value;
    long long number = value ? strtoll(value, &end, 10) : 0;
    if (value && *value && *end == '\0')
        json_number(out, key, number);
    else
        json_null(out, key);
}

/* Append a time and its age: "last_receive", "last_receive_age". */
static void put_moment(struct text *out, const struct status *status, const char *section,
                       const char *name, const char *key)
{
    uint64_t usec = status_fact_usec(status, section, name, key);
    AUTOFREE char *age = memory_format("%s_age", key);
    json_time(out, key, usec);
    queue_json_age(out, age, usec, status->now_usec);
}

static void put_daemon(struct text *out, const struct status *status)
{
    json_open(out, "daemon", '{');
    if (status->pid < 0)
        json_null(out, "running");
    else
        json_bool(out, "running", status->pid > 0);
    if (status->pid > 0)
        json_number(out, "pid", status->pid);
    else
        json_null(out, "pid");
    put_fact(out, status, "daemon", "", "version");
    put_moment(out, status, "daemon", "", "started");
    put_moment(out, status, "daemon", "", "noted");
    json_string(out, "state", status->line.data);
    put_number(out, status, "daemon", "", "clock_offset_ms", false);
    json_close(out, '}');
}

static void put_counts(struct text *out, const char *key, const uint64_t counts[DELIVERY_STATES])
{
    json_open(out, key, '{');
    for (unsigned state = 1; state < DELIVERY_STATES; state++)
        json_number(out, delivery_state_name(state), (int64_t)counts[state]);
    json_close(out, '}');
}

static void put_queues(struct text *out, const struct status *status)
{
    json_open(out, "queues", '[');
    for (size_t i = 0; i < status->at.config->n_queues; i++) {
        const struct config_queue *queue = &status->at.config->queues[i];
        json_open(out, NULL, '{');
        json_string(out, "name", queue->name);
        json_string(out, "arn", queue->arn);
        put_moment(out, status, "queue", queue->name, "last_receive");
        put_moment(out, status, "queue", queue->name, "last_message");
        put_fact(out, status, "queue", queue->name, "last_error");
        put_fact(out, status, "queue", queue->name, "delete_error");
        put_number(out, status, "queue", queue->name, "damaged", false);
        put_number(out, status, "queue", queue->name, "depth", false);
        put_number(out, status, "queue", queue->name, "lag", false);
        put_number(out, status, "queue", queue->name, "retention", false);
        put_number(out, status, "queue", queue->name, "pollers", true);
        json_close(out, '}');
    }
    json_close(out, ']');
}

/* Append the whole days until a time, negative after it. It is null if the time is unknown. */
static void put_days_left(struct text *out, const struct status *status, const char *key,
                          uint64_t usec)
{
    if (usec)
        json_number(out, key, ((int64_t)usec - (int64_t)status->now_usec) / (int64_t)USEC_PER_DAY);
    else
        json_null(out, key);
}

/* Append the end of a certificate: "ca_ends", "ca_ends_days". */
static void put_certificate(struct text *out, const struct status *status, const char *webhook,
                            const char *key)
{
    uint64_t usec = status_fact_usec(status, "webhook", webhook, key);
    AUTOFREE char *days = memory_format("%s_days", key);
    json_time(out, key, usec);
    put_days_left(out, status, days, usec);
}

static void put_application(struct text *out, const struct status *status)
{
    json_open(out, "application", '{');
    json_string(out, "client_id", status->at.config->client_id);
    put_fact(out, status, "application", "", "secret");
    put_fact(out, status, "application", "", "secret_expires");
    put_days_left(out, status, "secret_expires_days",
                  status_fact_usec(status, "application", "", "secret_expires"));
    put_fact(out, status, "application", "", "lwa_error");
    json_close(out, '}');
}

static void put_sellers(struct text *out, const struct status *status)
{
    json_open(out, "sellers", '[');
    for (size_t i = 0; i < status->at.config->n_sellers; i++) {
        const struct config_seller *seller = &status->at.config->sellers[i];
        json_open(out, NULL, '{');
        json_string(out, "name", seller->name);
        json_string(out, "seller_id", seller->seller_id);
        json_string(out, "queue", seller->queue);
        put_fact(out, status, "seller", seller->name, "registration");
        put_moment(out, status, "seller", seller->name, "registered_at");
        put_moment(out, status, "seller", seller->name, "registration_next");
        put_moment(out, status, "seller", seller->name, "last_message");
        put_fact(out, status, "seller", seller->name, "last_error");
        put_fact(out, status, "seller", seller->name, "lwa_error");
        json_close(out, '}');
    }
    json_close(out, ']');
}

static void put_webhook(struct text *out, const struct status *status,
                        const struct status_webhook *webhook)
{
    json_open(out, NULL, '{');
    json_string(out, "name", webhook->name);
    json_bool(out, "configured", webhook->configured);
    put_fact(out, status, "webhook", webhook->name, "breaker");
    put_moment(out, status, "webhook", webhook->name, "breaker_since");
    json_time(out, "paused", webhook->paused_usec);
    json_string(out, "paused_reason", webhook->paused_why);
    json_number(out, "waiting", (int64_t)status_waiting(webhook));
    json_time(out, "oldest", webhook->oldest_usec);
    queue_json_age(out, "oldest_age", webhook->oldest_usec, status->now_usec);
    json_time(out, "next_attempt", status_next_usec(status, webhook));
    put_moment(out, status, "webhook", webhook->name, "last_success");
    put_fact(out, status, "webhook", webhook->name, "last_error");
    put_moment(out, status, "webhook", webhook->name, "last_error_at");
    put_number(out, status, "webhook", webhook->name, "in_flight", true);
    put_number(out, status, "webhook", webhook->name, "limit", true);
    put_fact(out, status, "webhook", webhook->name, "throttled_to");
    put_certificate(out, status, webhook->name, "client_certificate_ends");
    put_certificate(out, status, webhook->name, "ca_ends");
    put_counts(out, "deliveries", webhook->counts);
    json_close(out, '}');
}

void status_print_json(const struct status *status)
{
    AUTOTEXT struct text out = {0};
    json_open(&out, NULL, '{');
    put_daemon(&out, status);
    json_string(&out, "state_directory", status->at.config->state_directory);
    json_bool(&out, "store", status->at.store != NULL);
    json_open(&out, "notifications", '{');
    json_number(&out, "received", (int64_t)status->received);
    json_number(&out, "accepted", (int64_t)status->accepted);
    json_number(&out, "duplicates", (int64_t)status->duplicates);
    json_number(&out, "rejected", (int64_t)status->rejected);
    json_number(&out, "over_limit", (int64_t)status->over_limit);
    json_close(&out, '}');
    json_open(&out, "unknown", '{');
    json_number(&out, "notifications", (int64_t)status->unknown);
    json_number(&out, "bytes", (int64_t)status->unknown_bytes);
    json_close(&out, '}');
    put_counts(&out, "deliveries", status->counts);
    status_json_disk(&out, status);
    status_json_alarms(&out, status);
    put_application(&out, status);
    status_json_aws(&out, status);
    put_queues(&out, status);
    put_sellers(&out, status);
    json_open(&out, "webhooks", '[');
    for (size_t i = 0; i < status->n_webhooks; i++)
        if (status->webhooks[i].name)
            put_webhook(&out, status, &status->webhooks[i]);
    json_close(&out, ']');
    json_close(&out, '}');
    queue_put_line(&out);
}
