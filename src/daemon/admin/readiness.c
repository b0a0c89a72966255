/* SPDX-License-Identifier: MIT */
#include "readiness.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/memory.h"

/* The receiver of the reports, and their number. */
struct look {
    struct daemon *d;
    void (*each)(const char *kind, const char *name, const char *why, void *userdata);
    void *userdata;
    unsigned count;
};

__attribute__((format(printf, 4, 5))) static void tell(struct look *look, const char *kind,
                                                       const char *name, const char *format, ...)
{
    AUTOTEXT struct text why = {0};
    va_list arguments;
    va_start(arguments, format);
    text_appendv(&why, format, arguments);
    va_end(arguments);
    look->count++;
    look->each(kind, name, why.data, look->userdata);
}

/* ---- the daemon itself ---- */

static void look_at_room(struct look *look)
{
    const struct daemon *d = look->d;
    if (d->stopping)
        tell(look, "daemon", NULL, "it is stopping");
    if (d->room.full)
        tell(look, "daemon", NULL,
             "the disk is full and nothing can be stored: make room in %s, it goes on by itself",
             d->config->state_directory);
    else if (janitor_disk_is_low(d->parts->janitor))
        tell(look, "daemon", NULL,
             "less than min_free_disk (%" PRIu64 " MiB) is free in %s: make room before receiving "
             "has to stop",
             d->config->min_free_disk >> 20, d->config->state_directory);
    if (d->locked_since_usec)
        tell(look, "daemon", NULL,
             "%s holds the write lock of the store, so nothing can be stored: end it if it does "
             "not end by itself",
             d->writer);
    if (janitor_backlog_is_full(d->parts->janitor))
        tell(look, "daemon", NULL,
             "max_backlog (%" PRIu64 ") deliveries wait and receiving has stopped: look which "
             "webhook does not take them (dockbell status)",
             d->config->max_backlog);
}

/* ---- queues ---- */

static void look_at_queue(struct look *look, size_t i)
{
    struct daemon *d = look->d;
    const struct config_queue *queue = &d->config->queues[i];
    uint64_t answered = tallies_queue(&d->tallies, queue->name)->answered_boot_usec;
    uint64_t since = clock_boot_usec() - answered;
    uint64_t patience = READINESS_POLLS * (queue->wait_usec + RECEIVER_POLL_GRACE_USEC);
    struct receiver_view view;
    char span[TEXT_SPAN_MAX];
    if (answered && (since < patience || d->room.closed || d->room.full))
        return;
    receiver_look(d->parts->receivers[i], &view);
    const char *trouble = view.trouble ? view.trouble : "no answer of SQS yet";
    text_span(span, since);
    if (answered)
        tell(look, "queue", queue->name, "nothing was received for %s: %s", span, trouble);
    else
        tell(look, "queue", queue->name, "it has not answered since the start: %s", trouble);
}

/* ---- webhooks ---- */

static void look_at_webhook(const struct store_webhook *row, void *userdata)
{
    struct look *look = userdata;
    const struct daemon *d = look->d;
    struct forwarder_view view;
    char span[TEXT_SPAN_MAX];
    const struct config_webhook *webhook =
        row->id && row->configured ? config_find_webhook(d->config, row->name) : NULL;
    if (!webhook)
        return;
    if (row->paused_usec) {
        char since[CLOCK_TEXT_MAX];
        clock_rfc3339(since, row->paused_usec);
        tell(look, "webhook", row->name,
             "it is paused since %s%s%s%s: nothing is sent until dockbell queue resume %s", since,
             row->paused_why ? " (" : "", row->paused_why ? row->paused_why : "",
             row->paused_why ? ")" : "", row->name);
        return;
    }
    forwarder_look(d->parts->forwarders[webhook - d->config->webhooks], &view);
    if (view.breaker == BREAKER_CLOSED)
        return;
    text_span(span, view.open_usec);
    tell(look, "webhook", row->name,
         "it does not take events for %s, and is tried now and then: %s", span,
         view.trouble[0] ? view.trouble : "no answer");
}

unsigned daemon_unready(struct daemon *d,
                        void (*each)(const char *kind, const char *name, const char *why,
                                     void *userdata),
                        void *userdata)
{
    struct look look = {.d = d, .each = each, .userdata = userdata};
    look_at_room(&look);
    for (size_t i = 0; i < d->config->n_queues; i++)
        look_at_queue(&look, i);
    if (store_each_webhook(d->store, look_at_webhook, &look))
        tell(&look, "daemon", NULL, "the store cannot be read: %s", store_why(d->store));
    return look.count;
}

/* ---- /readyz ---- */

static void put_line(const char *kind, const char *name, const char *why, void *userdata)
{
    struct text *out = userdata;
    text_appendf(out, "%s%s%s: %s\n", kind, name ? " " : "", name ? name : "", why);
}

static void put_object(const char *kind, const char *name, const char *why, void *userdata)
{
    struct text *out = userdata;
    json_open(out, NULL, '{');
    json_string(out, "kind", kind);
    json_string(out, "name", name);
    json_string(out, "reason", why);
    json_close(out, '}');
}

void admin_answer_ready(struct daemon *d, struct exchange *exchange)
{
    const char *accept = exchange_header(exchange, "accept");
    bool json = accept && strstr(accept, "application/json");
    AUTOTEXT struct text reasons = {0};
    AUTOTEXT struct text out = {0};
    unsigned count;
    if (json) {
        json_open(&reasons, NULL, '[');
        count = daemon_unready(d, put_object, &reasons);
        json_close(&reasons, ']');
        text_appendf(&out, "{\"ready\":%s,\"reasons\":%s}\n", count ? "false" : "true",
                     reasons.data);
    } else {
        count = daemon_unready(d, put_line, &reasons);
        text_appendf(&out, "%s\n%s", count ? "not ready" : "ready", count ? reasons.data : "");
    }
    exchange_answer(exchange, count ? 503 : 200,
                    json ? "application/json" : "text/plain; charset=utf-8", out.data, out.size);
}
