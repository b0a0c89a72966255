/* SPDX-License-Identifier: MIT */
/*
 * dockbell-receiver: the warehouse's side of a webhook, for the demo, the bench and the tests. It
 * answers by its rules, checks every signature and counts problems of a warehouse: ids that come
 * twice, bytes that change, two requests of one order at a time, old news that is not marked as
 * old.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include "answers.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/memory.h"
#include "check.h"
#include "ledger.h"
#include "log.h"
#include "options.h"
#include "wire/server.h"

struct receiver {
    struct options options;
    sd_event *event;
    struct server *server;
    struct ledger *ledger;
    struct answers answers;
    struct check check;
    FILE *log;
    bool first_kept;
};

/* A request that waits for its answer. */
struct pending {
    struct receiver *receiver;
    struct exchange *exchange;
    sd_event_source *timer; /* NULL: it is answered at once */
    struct ledger_ticket ticket;
    struct answer_rule rule;
    bool verified;
};

static void pending_free(struct pending *pending)
{
    sd_event_source_disable_unref(pending->timer);
    free(pending);
}

/* The client went away before the answer. */
static void on_gone(struct exchange *exchange, void *userdata)
{
    struct receiver *receiver = userdata;
    struct pending *pending = exchange_context(exchange);
    if (!pending)
        return;
    if (receiver->log)
        log_request(receiver->log, exchange, 0, pending->verified, &pending->ticket);
    ledger_end(receiver->ledger, &pending->ticket, 0);
    pending_free(pending);
}

static void answer(struct pending *pending)
{
    struct receiver *receiver = pending->receiver;
    struct exchange *exchange = pending->exchange;
    const struct answer_rule *rule = &pending->rule;
    if (receiver->log)
        log_request(receiver->log, exchange, rule->status, pending->verified, &pending->ticket);
    ledger_end(receiver->ledger, &pending->ticket, rule->status);
    exchange_set_context(exchange, NULL);
    if (rule->retry_after[0])
        exchange_add_header(exchange, "Retry-After", rule->retry_after);
    if (rule->location[0])
        exchange_add_header(exchange, "Location", rule->location);
    if (rule->status == 0)
        exchange_drop(exchange);
    else
        exchange_answer(exchange, rule->status, NULL, "", 0);
    pending_free(pending);
}

static int on_delay_over(sd_event_source *source, uint64_t usec, void *userdata)
{
    (void)source;
    (void)usec;
    answer(userdata);
    return 0;
}

static bool signature_is_good(struct receiver *receiver, const struct exchange *exchange)
{
    struct check_request request = {
        .id = exchange_header(exchange, "webhook-id"),
        .timestamp = exchange_header(exchange, "webhook-timestamp"),
        .signature = exchange_header(exchange, "webhook-signature"),
    };
    request.body = exchange_body(exchange, &request.body_size);
    return check_signature(&receiver->check, &request);
}

/* The change type of a buyer's request. */
#define BUYERS_REQUEST "\"BuyerRequestedChange\""

static struct ledger_ticket note_request(struct receiver *receiver, const struct exchange *exchange)
{
    const char *time = exchange_header(exchange, "dockbell-event-time");
    const char *sequence = exchange_header(exchange, "dockbell-sequence");
    struct ledger_request request = {
        .id = exchange_header(exchange, "webhook-id"),
        .seller = exchange_header(exchange, "dockbell-seller"),
        .order = exchange_header(exchange, "dockbell-order"),
        .type = exchange_header(exchange, "dockbell-type"),
        .stale = text_equal(exchange_header(exchange, "dockbell-stale"), "true"),
    };
    if (time && clock_parse_rfc3339(time, strlen(time), &request.event_usec) < 0)
        request.event_usec = 0;
    if (sequence && text_to_u64(sequence, &request.sequence) < 0)
        request.sequence = 0;
    request.body = exchange_body(exchange, &request.body_size);
    request.is_request = request.body && memmem(request.body, request.body_size, BUYERS_REQUEST,
                                                strlen(BUYERS_REQUEST)) != NULL;
    return ledger_begin(receiver->ledger, &request);
}

static void on_webhook(struct receiver *receiver, struct exchange *exchange)
{
    struct pending *pending = NEW(struct pending);
    pending->receiver = receiver;
    pending->exchange = exchange;
    pending->rule = (struct answer_rule){.status = 204, .delay_ms = receiver->options.latency_ms};
    if (receiver->options.keep_first && !receiver->first_kept)
        receiver->first_kept = log_first(receiver->options.keep_first, exchange) == 0;
    pending->ticket = note_request(receiver, exchange);
    if (receiver->options.secret_file) {
        pending->verified = signature_is_good(receiver, exchange);
        if (!pending->verified) {
            ledger_bad_signature(receiver->ledger);
            pending->rule.status = 401;
        }
    }
    if (pending->rule.status == 204)
        answers_take(&receiver->answers, exchange_header(exchange, "dockbell-order"),
                     &pending->rule);
    if (pending->rule.delay_ms == 0) {
        answer(pending);
        return;
    }
    exchange_set_context(exchange, pending);
    int r = sd_event_add_time_relative(receiver->event, &pending->timer, CLOCK_MONOTONIC,
                                       pending->rule.delay_ms * USEC_PER_MSEC, 1, on_delay_over,
                                       pending);
    if (r < 0)
        answer(pending);
}

static void answer_state(struct receiver *receiver, struct exchange *exchange)
{
    struct ledger_counts counts = ledger_counts(receiver->ledger);
    AUTOTEXT struct text out = {0};
    json_open(&out, NULL, '{');
    json_number(&out, "requests", (int64_t)counts.requests);
    json_number(&out, "unique", (int64_t)counts.unique);
    json_number(&out, "delivered", (int64_t)counts.delivered);
    json_number(&out, "repeats", (int64_t)counts.repeats);
    json_number(&out, "repeats_after_ok", (int64_t)counts.repeats_after_ok);
    json_number(&out, "repeats_unexcused", (int64_t)counts.repeats_unexcused);
    json_number(&out, "repeats_changed", (int64_t)counts.repeats_changed);
    json_number(&out, "bad_signatures", (int64_t)counts.bad_signatures);
    json_number(&out, "overlaps", (int64_t)counts.overlaps);
    json_number(&out, "sequence_faults", (int64_t)counts.sequence_faults);
    json_number(&out, "stale_unmarked", (int64_t)counts.stale_unmarked);
    json_number(&out, "in_flight", (int64_t)counts.in_flight);
    json_number(&out, "first_usec", (int64_t)counts.first_usec);
    json_number(&out, "last_unique_usec", (int64_t)counts.last_unique_usec);
    json_number(&out, "last_delivered_usec", (int64_t)counts.last_delivered_usec);
    json_close(&out, '}');
    exchange_answer(exchange, 200, "application/json", out.data, out.size);
}

static void answer_text(struct exchange *exchange, int status, const char *text)
{
    exchange_answer(exchange, status, "text/plain", text, strlen(text));
}

static void on_answers(struct receiver *receiver, struct exchange *exchange)
{
    if (text_equal(exchange_method(exchange), "DELETE")) {
        answers_clear(&receiver->answers);
        answer_text(exchange, 200, "cleared\n");
        return;
    }
    size_t size;
    const char *body = exchange_body(exchange, &size);
    const char *wrong = answers_add(&receiver->answers, body, size);
    answer_text(exchange, wrong ? 400 : 200, wrong ? wrong : "added\n");
}

static void on_killed(struct receiver *receiver, struct exchange *exchange)
{
    ledger_sender_killed(receiver->ledger);
    answer_text(exchange, 200, "noted\n");
}

static void on_request(struct exchange *exchange, void *userdata)
{
    struct receiver *receiver = userdata;
    const char *path = exchange_path(exchange);
    if (text_equal(path, "/_receiver/state"))
        answer_state(receiver, exchange);
    else if (text_equal(path, "/_receiver/answers"))
        on_answers(receiver, exchange);
    else if (text_equal(path, "/_receiver/killed"))
        on_killed(receiver, exchange);
    else if (text_equal(exchange_method(exchange), "POST"))
        on_webhook(receiver, exchange);
    else
        answer_text(exchange, 405, "POST a webhook\n");
}

/* The port is written beside the file and renamed, so that a reader never sees half a number. */
static int write_port(const char *path, unsigned port)
{
    AUTOFREE char *temporary = memory_format("%s.new", path);
    FILE *file = fopen(temporary, "we");
    if (!file)
        return -errno;
    fprintf(file, "%u\n", port);
    if (fclose(file) != 0 || rename(temporary, path) < 0)
        return -errno;
    return 0;
}

static int receiver_start(struct receiver *receiver)
{
    const struct options *options = &receiver->options;
    int r;
    if (options->secret_file) {
        r = check_read_secret(&receiver->check, options->secret_file);
        if (r < 0)
            return r;
    }
    if (options->log && !(receiver->log = fopen(options->log, "ae")))
        return -errno;
    struct server_options server = {
        .listen = options->listen,
        .handler = on_request,
        .gone = on_gone,
        .userdata = receiver,
    };
    r = server_new(&receiver->server, receiver->event, &server);
    if (r < 0)
        return r;
    return options->port_file ? write_port(options->port_file, server_port(receiver->server)) : 0;
}

static int watch_signals(sd_event *event)
{
    sigset_t stop;
    sigemptyset(&stop);
    sigaddset(&stop, SIGTERM);
    sigaddset(&stop, SIGINT);
    sigprocmask(SIG_BLOCK, &stop, NULL);
    int r = sd_event_add_signal(event, NULL, SIGTERM, NULL, NULL);
    return r < 0 ? r : sd_event_add_signal(event, NULL, SIGINT, NULL, NULL);
}

int main(int argc, char **argv)
{
    struct receiver receiver = {0};
    options_read(&receiver.options, argc, argv);
    receiver.ledger = ledger_new();
    int r = sd_event_new(&receiver.event);
    if (r >= 0)
        r = watch_signals(receiver.event);
    if (r >= 0)
        r = receiver_start(&receiver);
    if (r >= 0)
        r = sd_event_loop(receiver.event);
    if (r < 0)
        fprintf(stderr, "dockbell-receiver: %s\n", strerror(-r));
    server_free(receiver.server);
    ledger_free(receiver.ledger);
    if (receiver.log)
        fclose(receiver.log);
    sd_event_unref(receiver.event);
    return r < 0 ? 1 : 0;
}
