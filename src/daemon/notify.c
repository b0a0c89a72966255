/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <string.h>
#include <systemd/sd-daemon.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "daemon.h"
#include "journal/events.h"

/* Most bytes of the reason for a refused reload. */
#define REFUSAL_MAX 200

/* What systemd is notified of: the state in one sentence (STATUS=), and the end of the start
 * (READY=1). The sentence is also for `dockbell status`. It comes from the same state as /readyz
 * and /metrics. */

/* Time from a change until the sentence is sent and alarms are judged. */
#define LOOK_USEC USEC_PER_SEC

/* The sums of all webhooks. */
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
    uint64_t now = clock_trusted_usec();
    if (!oldest_usec || oldest_usec >= now)
        return;
    text_span(span, now - oldest_usec);
    text_appendf(line, " (oldest %s)", span);
}

static void append_counts(struct text *line, struct store *store)
{
    struct sums sums = {0};
    if (store_each_webhook(store, add_webhook, &sums))
        return;
    text_appendf(line, ": %" PRIu64 " waiting", sums.waiting);
    append_oldest(line, sums.oldest_usec);
    text_appendf(line, ", %" PRIu64 " delivered", sums.delivered);
}

/* ---- problems ---- */

static bool is_in_trouble(const struct parts *parts, size_t queue)
{
    struct receiver_view view;
    receiver_look(parts->receivers[queue], &view);
    return view.trouble;
}

static bool receives(const struct parts *parts)
{
    for (size_t i = 0; i < parts->config->n_queues; i++)
        if (!is_in_trouble(parts, i))
            return true;
    return false;
}

static void append_queues(struct text *line, const struct parts *parts)
{
    const char *before = "; cannot be read: ";
    for (size_t i = 0; i < parts->config->n_queues; i++) {
        if (!is_in_trouble(parts, i))
            continue;
        text_appendf(line, "%s%s", before, parts->config->queues[i].name);
        before = ", ";
    }
}

/* Append the webhooks that get nothing at the moment: those that an operator has paused, or those
 * that do not work. */
static void append_silent(struct text *line, const struct parts *parts, bool paused)
{
    const char *before = paused ? "; paused: " : "; failing: ";
    for (size_t i = 0; i < parts->config->n_webhooks; i++) {
        struct forwarder_view view;
        const struct forwarder *forwarder = parts->forwarders[i];
        forwarder_look(forwarder, &view);
        bool is_paused = forwarder_is_paused(forwarder);
        if (paused ? !is_paused : is_paused || view.breaker == BREAKER_CLOSED)
            continue;
        text_appendf(line, "%s%s", before, parts->config->webhooks[i].name);
        before = ", ";
    }
}

/* ---- the sentence ---- */

static const char *what_it_does(const struct daemon *d)
{
    if (d->room.closed && janitor_disk_is_low(d->parts->janitor))
        return "Not receiving, as less than min_free_disk is free; delivering";
    if (d->room.closed)
        return "Not receiving, as max_backlog deliveries wait; delivering";
    if (!d->answering)
        return "Degraded: no queue has answered yet; stored deliveries are being sent";
    return receives(d->parts) ? "Receiving and delivering" : "Not receiving; delivering";
}

void daemon_status_words(struct daemon *d, struct text *line)
{
    if (d->stopping) {
        text_append_string(line, "Stopping: requests under way are given time to end");
        return;
    }
    if (d->full_since_usec) {
        text_appendf(line, "Stopped: the disk is full. Make room in %s; it goes on by itself",
                     d->config->state_directory);
        return;
    }
    if (d->locked_since_usec) {
        text_appendf(line, "Stopped: %s holds the write lock of the store; it goes on by itself",
                     d->writer);
        return;
    }
    text_append_string(line, what_it_does(d));
    append_counts(line, d->store);
    append_queues(line, d->parts);
    append_silent(line, d->parts, false);
    append_silent(line, d->parts, true);
    if (d->reload_refused) {
        text_append_string(line, "; last reload refused: ");
        text_append_escaped(line, d->reload_refused, strlen(d->reload_refused), REFUSAL_MAX);
    }
}

void daemon_tell_status(struct daemon *d)
{
    AUTOTEXT struct text line = {0};
    if (!d->ready || d->stopping)
        return;
    daemon_status_words(d, &line);
    if (text_equal(line.data, d->status_line))
        return;
    sd_notifyf(0, "STATUS=%s", line.data);
    free(d->status_line);
    d->status_line = text_take(&line);
}

/* ---- when to send it ---- */

static int on_look(sd_event_source *source, uint64_t usec, void *userdata)
{
    struct daemon *d = userdata;
    (void)source, (void)usec;
    if (d->stopping)
        return 0;
    daemon_judge_alarms(d);
    daemon_tell_status(d);
    return 0;
}

void daemon_look_soon(struct daemon *d)
{
    int on = SD_EVENT_OFF;
    sd_event_source_get_enabled(d->look_timer, &on);
    if (on != SD_EVENT_OFF)
        return;
    sd_event_source_set_time_relative(d->look_timer, LOOK_USEC);
    sd_event_source_set_enabled(d->look_timer, SD_EVENT_ONESHOT);
}

int daemon_watch_status(struct daemon *d)
{
    return sd_event_add_time_relative(d->event, &d->look_timer, CLOCK_BOOTTIME, LOOK_USEC,
                                      USEC_PER_SEC / 10, on_look, d);
}

/* ---- ready ---- */

static void tell_systemd(struct daemon *d)
{
    d->ready = true;
    sd_event_source_set_enabled(d->ready_timer, SD_EVENT_OFF);
    daemon_tell_status(d);
    sd_notify(0, "READY=1");
}

static int on_late(sd_event_source *source, uint64_t usec, void *userdata)
{
    struct daemon *d = userdata;
    (void)source;
    (void)usec;
    if (d->ready)
        return 0;
    event_degraded("no queue has answered yet");
    tell_systemd(d);
    return 0;
}

/* A receiver's first signed call worked. */
void daemon_answered(const char *queue, void *userdata)
{
    struct daemon *d = userdata;
    (void)queue;
    if (d->stopping)
        return;
    d->answering = true;
    if (!d->ready) {
        event_ready((unsigned)d->config->n_queues, daemon_waiting(d));
        tell_systemd(d);
    } else {
        daemon_tell_status(d);
    }
    daemon_register_soon(d);
}

/* The way to Amazon was broken, perhaps not only to this queue: registrations are tried again
 * too. */
void daemon_answers_again(const char *queue, void *userdata)
{
    struct daemon *d = userdata;
    (void)queue;
    if (!d->stopping)
        daemon_register_soon(d);
}

int daemon_await_ready(struct daemon *d)
{
    return sd_event_add_time_relative(d->event, &d->ready_timer, CLOCK_BOOTTIME, DAEMON_READY_USEC,
                                      USEC_PER_SEC / 10, on_late, d);
}
