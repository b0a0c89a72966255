/* SPDX-License-Identifier: MIT */
#include "metrics.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/memory.h"

#define CONTENT_TYPE "text/plain; version=0.0.4; charset=utf-8"

/* Return the row of a webhook's numbers. All webhooks that are not in the config share the last
 * row. */
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
