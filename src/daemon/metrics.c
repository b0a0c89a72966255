/* SPDX-License-Identifier: MIT */
#include "metrics.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"

#define CONTENT_TYPE "text/plain; version=0.0.4; charset=utf-8"

/* ---- values ---- */

static void put_label(struct text *out, const char *name, const char *value, bool first)
{
    text_appendf(out, "%c%s=\"", first ? '{' : ',', name);
    for (; *value; value++) {
        if (*value == '\\' || *value == '"')
            text_append_char(out, '\\');
        if (*value == '\n')
            text_append_string(out, "\\n");
        else
            text_append_char(out, *value);
    }
    text_append_char(out, '"');
}

/* Name and labels of a value; `le`: the bucket's bound, NULL for others. */
static void put_series(struct scrape *scrape, const char *suffix, const char *const values[],
                       const char *le)
{
    const struct metric *metric = scrape->metric;
    bool first = true;
    text_appendf(scrape->out, "%s%s", metric->name, suffix);
    for (size_t i = 0; values && metric->labels[i]; i++, first = false)
        put_label(scrape->out, metric->labels[i], values[i], first);
    if (le)
        put_label(scrape->out, "le", le, first);
    if (le || !first)
        text_append_char(scrape->out, '}');
}

static void put_seconds(struct text *out, int64_t usec)
{
    const long long second = (long long)USEC_PER_SEC;
    text_appendf(out, " %s%lld.%06lld\n", usec < 0 ? "-" : "", llabs(usec / second),
                 llabs(usec % second));
}

void scrape_number(struct scrape *scrape, uint64_t value, const char *const values[])
{
    put_series(scrape, "", values, NULL);
    text_appendf(scrape->out, " %" PRIu64 "\n", value);
}

void scrape_usec(struct scrape *scrape, int64_t usec, const char *const values[])
{
    put_series(scrape, "", values, NULL);
    put_seconds(scrape->out, usec);
}

void scrape_moment(struct scrape *scrape, uint64_t usec, const char *const values[])
{
    if (usec)
        scrape_usec(scrape, (int64_t)usec, values);
}

void scrape_histogram(struct scrape *scrape, const struct histogram *histogram,
                      const char *const values[])
{
    uint64_t sum = 0;
    char le[32];
    for (size_t i = 0; i < histogram->n_bounds; i++) {
        sum += histogram->counts[i];
        snprintf(le, sizeof(le), "%g", (double)histogram->bounds_usec[i] / (double)USEC_PER_SEC);
        put_series(scrape, "_bucket", values, le);
        text_appendf(scrape->out, " %" PRIu64 "\n", sum);
    }
    sum += histogram->counts[histogram->n_bounds];
    put_series(scrape, "_bucket", values, "+Inf");
    text_appendf(scrape->out, " %" PRIu64 "\n", sum);
    put_series(scrape, "_sum", values, NULL);
    put_seconds(scrape->out, (int64_t)histogram->sum_usec);
    put_series(scrape, "_count", values, NULL);
    text_appendf(scrape->out, " %" PRIu64 "\n", sum);
}

/* ---- what is read once ---- */

uint64_t scrape_fact_usec(struct scrape *scrape, const char *section, const char *name,
                          const char *key)
{
    AUTOFREE char *value = NULL;
    uint64_t usec = 0;
    if (store_get_fact(scrape->d->store, section, name, key, &value) != 0 || !value ||
        clock_parse_rfc3339(value, strlen(value), &usec) < 0)
        return 0;
    return usec;
}

/* Where the numbers of a webhook go: what is not in the config goes together into the last row. */
static struct scrape_webhook *row_of(struct scrape *scrape, const struct store_webhook *webhook)
{
    for (size_t i = 0; webhook->id && i < scrape->n_webhooks; i++)
        if (text_equal(scrape->webhooks[i].name, webhook->name))
            return &scrape->webhooks[i];
    return &scrape->webhooks[scrape->n_webhooks - 1];
}

static void take_webhook(const struct store_webhook *webhook, void *userdata)
{
    struct scrape *scrape = userdata;
    struct scrape_webhook *row = row_of(scrape, webhook);
    bool orphaned = webhook->id && !webhook->configured;
    for (unsigned state = 0; state < DELIVERY_STATES; state++) {
        bool open = orphaned && delivery_state_is_open(state);
        row->counts[open ? DELIVERY_ORPHANED : state] += webhook->counts[state];
        row->moves[state] += webhook->moves[state];
    }
    row->waiting_usec = webhook->waiting_usec;
    row->paused = webhook->paused_usec > 0;
}

static size_t at_most(size_t count)
{
    return count < METRICS_SECTIONS_MAX ? count : METRICS_SECTIONS_MAX;
}

static int begin(struct scrape *scrape, struct daemon *d, struct text *out)
{
    size_t n = at_most(d->config->n_webhooks);
    *scrape = (struct scrape){
        .out = out,
        .d = d,
        .now_usec = clock_trusted_usec(),
        .webhooks = memory_new((n + 1) * sizeof(*scrape->webhooks)),
        .n_webhooks = n + 1,
        .n_queues = at_most(d->config->n_queues),
        .n_sellers = at_most(d->config->n_sellers),
    };
    for (size_t i = 0; i < n; i++)
        scrape->webhooks[i] =
            (struct scrape_webhook){.name = d->config->webhooks[i].name, .index = i};
    scrape->webhooks[n] = (struct scrape_webhook){.name = "", .index = SIZE_MAX};
    return store_each_webhook(d->store, take_webhook, scrape);
}

/* ---- /metrics ---- */

static void put_metric(struct scrape *scrape, const struct metric *metric)
{
    static const char *const types[] = {"counter", "gauge", "histogram"};
    scrape->metric = metric;
    text_appendf(scrape->out, "# HELP %s %s\n# TYPE %s %s\n", metric->name, metric->help,
                 metric->name, types[metric->type]);
    metric->read(scrape);
}

void admin_answer_metrics(struct daemon *d, struct exchange *exchange)
{
    AUTOTEXT struct text out = {0};
    struct scrape scrape;
    if (begin(&scrape, d, &out)) {
        text_appendf(&out, "the store cannot be read: %s\n", store_why(d->store));
        exchange_answer(exchange, 503, "text/plain; charset=utf-8", out.data, out.size);
    } else {
        for (size_t i = 0; i < n_metrics; i++)
            put_metric(&scrape, &metrics[i]);
        exchange_answer(exchange, 200, CONTENT_TYPE, out.data, out.size);
    }
    free(scrape.webhooks);
}
