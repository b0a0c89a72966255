/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "prose.h"
#include "status.h"
#include "table.h"

/* Indents of further lines on a terminal: below the text behind "Daemon: ", and behind
 * "Notifications: ". */
#define INDENT        8
#define COUNTS_INDENT 15

/* Add a cell "3m 4s ago", or "-" for never. */
static void ago(struct table *table, const struct status *status, uint64_t usec)
{
    char span[TEXT_SPAN_MAX];
    if (usec == 0) {
        table_cell(table, NULL);
        return;
    }
    text_span(span, usec < status->now_usec ? status->now_usec - usec : 0);
    table_cellf(table, "%s ago", span);
}

static void fact(struct table *table, const struct status *status, const char *section,
                 const char *name, const char *key)
{
    AUTOFREE char *value = status_fact(status, section, name, key);
    table_cell(table, value);
}

/* Add a word, painted by its meaning. */
static void word(struct table *table, const char *word, enum paint paint)
{
    table_cell(table, word);
    table_paint(table, paint);
}

/* Add a number that should be 0. */
static void bad_count(struct table *table, uint64_t count, enum paint paint)
{
    table_cellf(table, "%llu", (unsigned long long)count);
    table_paint(table, count ? paint : PAINT_NONE);
}

/* Append the age of the facts: "12s ago". Append nothing if the daemon has noted no time. */
static void facts_age(const struct status *status, const char *before, struct text *out)
{
    uint64_t noted = status_fact_usec(status, "daemon", "", "noted");
    char span[TEXT_SPAN_MAX];
    if (!noted)
        return;
    text_span(span, noted < status->now_usec ? status->now_usec - noted : 0);
    text_appendf(out, "%s%s ago", before, span);
}

/* Print the state in the daemon's own words, or the age of the facts if the daemon did
 * not answer. */
static void put_state(const struct status *status)
{
    AUTOTEXT struct text state = {0};
    if (status->line.size) {
        text_append_string(&state, status->line.data);
    } else {
        text_append_string(&state, status->asked ? "the daemon does not answer"
                                                 : "only root and the daemon's user may ask it");
        facts_age(status, "; this was noted ", &state);
    }
    prose_putf(INDENT, "State:  %s", state.data);
}

static void put_running(const struct status *status)
{
    AUTOFREE char *version = status_fact(status, "daemon", "", "version");
    uint64_t started = status_fact_usec(status, "daemon", "", "started");
    char when[CLOCK_TEXT_MAX], span[TEXT_SPAN_MAX];
    clock_rfc3339(when, started);
    when[strcspn(when, ".")] = '\0'; /* without milliseconds */
    text_span(span, started && started < status->now_usec ? status->now_usec - started : 0);
    prose_putf(INDENT, "Daemon: running, pid %d, version %s, since %s%s (%s)", (int)status->pid,
               version ? version : "?", started ? when : "?", started ? "Z" : "", span);
    put_state(status);
}

static void put_daemon(const struct status *status)
{
    const char *directory = status->at.config->state_directory;
    AUTOTEXT struct text age = {0};
    facts_age(status, " ", &age);
    if (status->pid > 0)
        put_running(status);
    else if (status->pid < 0)
        prose_putf(INDENT, "Daemon: not known whether it runs (no permission to look into %s)",
                   directory);
    else if (status->at.store)
        prose_putf(INDENT, "Daemon: not running. This is what it left in %s%s", directory,
                   age.size ? age.data : "");
    else
        prose_putf(INDENT, "Daemon: not running. There is no store in %s yet", directory);
}

/* Return the words for the last client secret that Amazon accepted. */
static const char *secret_words(const char *fact)
{
    if (text_equal(fact, "file"))
        return "the one that Amazon sent";
    if (text_equal(fact, "old"))
        return "the one that was replaced, as Amazon refuses the newest";
    return text_equal(fact, "config") ? "the configured one" : "not used yet";
}

static void put_application(const struct status *status)
{
    AUTOFREE char *secret = status_fact(status, "application", "", "secret");
    AUTOFREE char *refused = status_fact(status, "application", "", "lwa_error");
    uint64_t expires = status_fact_usec(status, "application", "", "secret_expires");
    char span[TEXT_SPAN_MAX];
    if (!status->at.config->client_id || !status->at.store)
        return;
    AUTOTEXT struct text line = {0};
    text_appendf(&line, "Client secret: %s", secret_words(secret));
    text_span(span, expires > status->now_usec ? expires - status->now_usec : 0);
    if (expires > status->now_usec)
        text_appendf(&line, "; it expires in %s", span);
    else if (expires)
        text_append_string(&line, "; it has expired");
    prose_put(line.data, 0, INDENT);
    if (refused)
        prose_putf(INDENT, "Client secret: %s", refused);
}

/* Add the time from the publication of the last new notification to its arrival. */
static void lag(struct table *table, const struct status *status, const char *queue)
{
    char span[TEXT_SPAN_MAX];
    uint64_t seconds = 0;
    AUTOFREE char *value = status_fact(status, "queue", queue, "lag");
    if (!value || text_to_u64(value, &seconds) < 0) {
        table_cell(table, NULL);
        return;
    }
    text_span(span, seconds * USEC_PER_SEC);
    table_cell(table, span);
}

/* Add the error of a queue, the worst first: it cannot be read, its messages cannot be deleted, or
 * some messages came damaged. */
static void queue_error(struct table *table, const struct status *status, const char *name)
{
    AUTOFREE char *read = status_fact(status, "queue", name, "last_error");
    AUTOFREE char *delete = status_fact(status, "queue", name, "delete_error");
    AUTOFREE char *damaged = status_fact(status, "queue", name, "damaged");
    if (!read && delete)
        table_cellf(table, "deleting fails: %s", delete);
    else if (!read && damaged && !text_equal(damaged, "0"))
        table_cellf(table, "%s damaged (wrong MD5 sum)", damaged);
    else
        table_cell(table, read);
}

static void put_queues(const struct status *status)
{
    static const char *const titles[] = {"QUEUE", "LAST ANSWER", "LAST MESSAGE", "IN SQS",
                                         "LAG",   "POLLS",       "LAST ERROR"};
    struct table *table = table_new(TABLE_REPORT, titles, ELEMENTS(titles));
    for (size_t i = 0; i < status->at.config->n_queues; i++) {
        const char *name = status->at.config->queues[i].name;
        table_cell(table, name);
        ago(table, status, status_fact_usec(status, "queue", name, "last_receive"));
        ago(table, status, status_fact_usec(status, "queue", name, "last_message"));
        fact(table, status, "queue", name, "depth");
        lag(table, status, name);
        if (status->pid)
            fact(table, status, "queue", name, "pollers");
        else
            table_cell(table, NULL);
        queue_error(table, status, name);
    }
    if (table_rows(table))
        putchar('\n');
    table_print(table);
    table_free(table);
}

/* Add whether Amazon has the subscriptions of the configuration. */
static void registration(struct table *table, const struct status *status,
                         const struct config_seller *seller)
{
    AUTOFREE char *result = status_fact(status, "seller", seller->name, "registration");
    if (!seller->subscribe)
        table_cell(table, "not by us");
    else if (text_equal(result, "failed"))
        word(table, result, PAINT_BAD);
    else if (text_equal(result, "different"))
        word(table, result, PAINT_WARN);
    else if (result)
        word(table, "done", PAINT_GOOD);
    else
        table_cell(table, NULL);
}

/* Add the time of the next try of a failed registration. */
static void next_registration(struct table *table, const struct status *status, const char *seller)
{
    uint64_t next = status_fact_usec(status, "seller", seller, "registration_next");
    char span[TEXT_SPAN_MAX];
    if (!next || status->pid == 0) {
        table_cell(table, NULL);
        return;
    }
    text_span(span, next > status->now_usec ? next - status->now_usec : 0);
    if (next > status->now_usec)
        table_cellf(table, "in %s", span);
    else
        table_cell(table, "now");
}

static void put_sellers(const struct status *status)
{
    static const char *const titles[] = {"SELLER", "QUEUE",    "REGISTRATION",
                                         "WHEN",   "NEXT TRY", "LAST ERROR"};
    struct table *table = table_new(TABLE_REPORT, titles, ELEMENTS(titles));
    for (size_t i = 0; i < status->at.config->n_sellers; i++) {
        const struct config_seller *seller = &status->at.config->sellers[i];
        table_cell(table, seller->name);
        table_cell(table, seller->queue);
        registration(table, status, seller);
        ago(table, status, status_fact_usec(status, "seller", seller->name, "registered_at"));
        next_registration(table, status, seller->name);
        fact(table, status, "seller", seller->name, "last_error");
    }
    if (table_rows(table))
        putchar('\n');
    table_print(table);
    table_free(table);
}

/* Add the state of the webhook in one word. */
static void health(struct table *table, const struct status *status,
                   const struct status_webhook *webhook)
{
    AUTOFREE char *breaker = status_fact(status, "webhook", webhook->name, "breaker");
    AUTOFREE char *rate = status_fact(status, "webhook", webhook->name, "throttled_to");
    AUTOFREE char *throttled = memory_format("throttled to %s", rate ? rate : "?");
    if (!webhook->configured)
        word(table, "orphaned", PAINT_WARN);
    else if (webhook->paused_usec)
        word(table, "paused", PAINT_WARN);
    else if (rate && text_equal(breaker, "closed"))
        word(table, throttled, PAINT_WARN);
    else if (text_equal(breaker, "closed"))
        word(table, "works", PAINT_GOOD);
    else if (breaker)
        word(table, "failing", PAINT_BAD);
    else
        table_cell(table, NULL);
}

static void next_try(struct table *table, const struct status *status,
                     const struct status_webhook *webhook)
{
    char span[TEXT_SPAN_MAX];
    uint64_t next = status_next_usec(status, webhook);
    if (next == 0 || !webhook->configured || status->pid == 0) {
        table_cell(table, NULL);
    } else if (next <= status->now_usec) {
        table_cell(table, "now");
    } else {
        text_span(span, next - status->now_usec);
        table_cellf(table, "in %s", span);
    }
}

/* Add the last error, unless a success came after it. */
static void last_error(struct table *table, const struct status *status,
                       const struct status_webhook *webhook)
{
    uint64_t success = status_fact_usec(status, "webhook", webhook->name, "last_success");
    uint64_t failed = status_fact_usec(status, "webhook", webhook->name, "last_error_at");
    if (webhook->paused_usec)
        table_cell(table, webhook->paused_why);
    else if (failed && failed < success)
        table_cell(table, NULL);
    else
        fact(table, status, "webhook", webhook->name, "last_error");
}

static void put_webhook(struct table *table, const struct status *status,
                        const struct status_webhook *webhook)
{
    char span[TEXT_SPAN_MAX];
    table_cell(table, webhook->name);
    health(table, status, webhook);
    table_cellf(table, "%llu", (unsigned long long)status_waiting(webhook));
    if (webhook->oldest_usec) {
        text_span(span, webhook->oldest_usec < status->now_usec
                            ? status->now_usec - webhook->oldest_usec
                            : 0);
        table_cell(table, span);
    } else {
        table_cell(table, NULL);
    }
    bad_count(table, webhook->counts[DELIVERY_HELD], PAINT_WARN);
    bad_count(table, webhook->counts[DELIVERY_DEAD], PAINT_BAD);
    next_try(table, status, webhook);
    last_error(table, status, webhook);
}

/* Whether the webhook has a line. If it is not in the configuration, it has one only while
 * deliveries wait. */
static bool is_shown(const struct status_webhook *webhook)
{
    return webhook->name && (webhook->configured || status_waiting(webhook));
}

static void put_webhooks(const struct status *status)
{
    static const char *const titles[] = {"WEBHOOK", "STATE", "WAITING",  "OLDEST",
                                         "HELD",    "DEAD",  "NEXT TRY", "LAST ERROR"};
    struct table *table = table_new(TABLE_REPORT, titles, ELEMENTS(titles));
    for (size_t i = 0; i < status->n_webhooks; i++)
        if (is_shown(&status->webhooks[i]))
            put_webhook(table, status, &status->webhooks[i]);
    if (table_rows(table))
        putchar('\n');
    table_print(table);
    table_free(table);
}

static void put_certificate(const struct status *status, const char *webhook, const char *fact,
                            const char *what)
{
    uint64_t ends = status_fact_usec(status, "webhook", webhook, fact);
    char span[TEXT_SPAN_MAX];
    if (!ends)
        return;
    text_span(span, ends > status->now_usec ? ends - status->now_usec : 0);
    if (ends > status->now_usec)
        printf("Webhook %s: the %s ends in %s\n", webhook, what, span);
    else
        printf("Webhook %s: the %s has ended\n", webhook, what);
}

static void put_certificates(const struct status *status)
{
    for (size_t i = 0; i < status->at.config->n_webhooks; i++) {
        const char *name = status->at.config->webhooks[i].name;
        put_certificate(status, name, "client_certificate_ends", "client certificate");
        put_certificate(status, name, "ca_ends", "authority in ca_file");
    }
}

/* Print the number of deliveries without a webhook that wait for a decision. */
static void put_without_webhook(const struct status *status)
{
    for (size_t i = 0; i < status->n_webhooks; i++) {
        const uint64_t *counts = status->webhooks[i].counts;
        if (status->webhooks[i].name || (!counts[DELIVERY_HELD] && !counts[DELIVERY_DEAD]))
            continue;
        printf("\nOf no webhook: %llu held, %llu dead (see: dockbell queue list)\n",
               (unsigned long long)counts[DELIVERY_HELD],
               (unsigned long long)counts[DELIVERY_DEAD]);
    }
}

static void put_counts(const struct status *status)
{
    AUTOTEXT struct text line = {0};
    AUTOFREE char *over = NULL;
    if (status->over_limit)
        over = memory_format("%llu over limit", (unsigned long long)status->over_limit);
    putchar('\n');
    prose_putf(COUNTS_INDENT,
               "Notifications: %llu received = %llu accepted + %llu duplicates + %llu rejected%s%s",
               (unsigned long long)status->received, (unsigned long long)status->accepted,
               (unsigned long long)status->duplicates, (unsigned long long)status->rejected,
               over ? " + " : "", over ? over : "");
    for (unsigned state = 1; state < DELIVERY_STATES; state++)
        if (status->counts[state])
            text_appendf(&line, "%s%llu %s", line.size ? ", " : "",
                         (unsigned long long)status->counts[state], delivery_state_name(state));
    prose_putf(COUNTS_INDENT, "Deliveries:    %s", line.size ? line.data : "none");
    if (status->unknown)
        prose_putf(COUNTS_INDENT, "From unknown senders: %llu kept, %llu bytes",
                   (unsigned long long)status->unknown, (unsigned long long)status->unknown_bytes);
}

void status_print(const struct status *status)
{
    put_daemon(status);
    status_put_disk(status);
    put_application(status);
    status_put_alarms(status);
    put_queues(status);
    put_sellers(status);
    put_webhooks(status);
    put_certificates(status);
    status_put_aws(status);
    put_without_webhook(status);
    put_counts(status);
}
