/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <systemd/sd-daemon.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "daemon.h"

/* What the line says of all webhooks together. */
struct sums {
    uint64_t waiting, delivered, oldest_usec;
};

static void add_webhook(const struct store_webhook *webhook, void *userdata)
{
    struct sums *sums = userdata;
    uint64_t oldest = webhook->oldest_usec;
    sums->delivered += webhook->counts[DELIVERY_DELIVERED];
    if (!webhook->configured)
        return;
    sums->waiting += webhook->counts[DELIVERY_READY] + webhook->counts[DELIVERY_INFLIGHT] +
                     webhook->counts[DELIVERY_BEHIND];
    if (oldest && (!sums->oldest_usec || oldest < sums->oldest_usec))
        sums->oldest_usec = oldest;
}

static void append_oldest(struct text *line, uint64_t oldest_usec)
{
    char span[TEXT_SPAN_MAX];
    uint64_t now = clock_now_usec();
    if (!oldest_usec || oldest_usec >= now)
        return;
    text_span(span, now - oldest_usec);
    text_appendf(line, " (oldest %s)", span);
}

/* The webhooks that nothing is sent to at the moment, because somebody paused them or because they
 * do not work. */
static void append_silent(struct text *line, const struct parts *parts, bool paused)
{
    const char *before = paused ? "; paused: " : "; failing: ";
    for (size_t i = 0; i < parts->config->n_webhooks; i++) {
        const struct forwarder *forwarder = parts->forwarders[i];
        if (forwarder_sends(forwarder) || forwarder_is_paused(forwarder) != paused)
            continue;
        text_appendf(line, "%s%s", before, parts->config->webhooks[i].name);
        before = ", ";
    }
}

void daemon_tell_status(struct daemon *d)
{
    struct sums sums = {0};
    AUTOTEXT struct text line = {0};
    if (!d->answering || d->stopping || store_each_webhook(d->store, add_webhook, &sums))
        return;
    text_appendf(&line, "Receiving and delivering: %" PRIu64 " waiting", sums.waiting);
    append_oldest(&line, sums.oldest_usec);
    text_appendf(&line, ", %" PRIu64 " delivered", sums.delivered);
    append_silent(&line, d->parts, false);
    append_silent(&line, d->parts, true);
    if (text_equal(line.data, d->status_line))
        return;
    sd_notifyf(0, "STATUS=%s", line.data);
    free(d->status_line);
    d->status_line = text_take(&line);
}
