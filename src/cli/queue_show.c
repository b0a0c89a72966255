/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/memory.h"
#include "held.h"
#include "operator.h"
#include "queue.h"
#include "table.h"
#include "webhook/outcome.h"

/* Bytes of a body or an answer that are shown as text. JSON shows everything. */
#define SHOWN_MAX ((size_t)64 * 1024)

struct showing {
    const struct cli *cli;
    uint64_t now_usec;
    struct text json;
    struct text body;           /* as text, until the attempts have been shown */
    struct text locked;         /* why the body cannot be shown; empty: it can */
    const struct error *no_key; /* why there is no key; ERROR_NONE: there is, or none is needed */
    struct table *attempts;
    uint64_t first_usec; /* time of the 2xx answer to the first try; 0: the try has a row */
    int first_status;
};

static void field(const char *name, const char *value)
{
    AUTOTEXT struct text safe = {0};
    if (!value || !*value)
        return;
    text_append_escaped(&safe, value, strlen(value), SHOWN_MAX);
    printf("%-14s %s\n", name, safe.data);
}

static void field_time(const char *name, uint64_t usec, uint64_t now_usec)
{
    char when[CLOCK_TEXT_MAX], span[TEXT_SPAN_MAX];
    if (usec == 0)
        return;
    clock_rfc3339(when, usec);
    text_span(span, usec < now_usec ? now_usec - usec : usec - now_usec);
    printf("%-14s %s (%s%s%s)\n", name, when, usec > now_usec ? "in " : "", span,
           usec > now_usec ? "" : " ago");
}

/* Why a value that is there cannot be shown; NULL: it can. */
static const char *why_locked(const struct showing *showing, const char *locked)
{
    return locked && showing->no_key->kind != ERROR_NONE ? showing->no_key->text : locked;
}

static void show_text(struct showing *showing, const struct delivery_details *details)
{
    static const char *const titles[] = {"TRY",   "STARTED", "TOOK",  "STATUS",
                                         "CLASS", "PEER",    "RESULT"};
    const struct list_row *row = &details->row;
    uint64_t now = showing->now_usec;
    AUTOFREE char *id = memory_format("%lld", (long long)row->id);
    AUTOFREE char *attempts = memory_format("%u", row->attempts);
    field("Delivery:", id);
    field("State:", delivery_state_name(row->state));
    if (row->superseded_by)
        printf("%-14s delivery %lld\n", "Superseded by:", (long long)row->superseded_by);
    field("Cause:", queue_cause(row->cause));
    field("Last error:", row->last_error);
    field("Webhook:", row->webhook);
    field("Format:", row->webhook ? webhook_format_name(details->format) : NULL);
    field("Notification:", row->notification_id);
    field("Type:", row->type);
    field("Order:", row->order_id);
    field("Seller:", row->seller);
    field("Seller id:", row->seller_id);
    field("Marketplace:", details->marketplace_id);
    field("Queue:", row->queue);
    field("SQS message:", details->message_id);
    field_time("Event:", row->event_usec, now);
    field_time("Published:", details->published_usec, now);
    field_time("Sent by SQS:", details->sent_usec, now);
    field_time("Received:", row->received_usec, now);
    field_time("Done:", row->done_usec, now);
    field("Attempts:", attempts);
    field_time("Next try:", row->state == DELIVERY_READY ? row->next_usec : 0, now);
    const char *bytes = details->body ? details->body : details->raw;
    text_reset(&showing->body);
    text_reset(&showing->locked);
    if (details->locked)
        text_append_string(&showing->locked, why_locked(showing, details->locked));
    if (bytes)
        text_append_escaped(&showing->body, bytes,
                            details->body ? details->body_size : details->raw_size, SHOWN_MAX);
    showing->attempts = table_new(TABLE_REPORT, titles, ELEMENTS(titles));
}

/* Append a body as a string. Bytes that are not UTF-8 are not possible in JSON and
 * become U+FFFD. */
static void json_body(struct text *out, const char *key, const char *bytes, size_t size)
{
    if (bytes)
        json_bytes(out, key, bytes, size);
    else
        json_null(out, key);
}

static void show_json(struct showing *showing, const struct delivery_details *details)
{
    struct text *out = &showing->json;
    json_open(out, NULL, '{');
    queue_json_row(out, &details->row, showing->now_usec);
    json_string(out, "marketplace_id", details->marketplace_id);
    json_string(out, "message_id", details->message_id);
    json_time(out, "published", details->published_usec);
    json_time(out, "sent", details->sent_usec);
    json_time(out, "last_attempt", details->last_attempt_usec);
    json_string(out, "format", webhook_format_name(details->format));
    json_body(out, "body", details->body, details->body_size);
    json_body(out, "raw", details->raw, details->raw_size);
    json_string(out, "locked", why_locked(showing, details->locked));
    json_open(out, "history", '[');
}

static void show(const struct delivery_details *details, void *userdata)
{
    struct showing *showing = userdata;
    const struct list_row *row = &details->row;
    bool first = row->state == DELIVERY_DELIVERED && row->attempts == 1;
    showing->first_usec = first ? row->done_usec : 0;
    showing->first_status = row->status;
    if (showing->cli->output == CLI_JSON)
        show_json(showing, details);
    else
        show_text(showing, details);
}

/* Return whose fault it was: the event's or the destination's. */
static const char *class_of(const struct attempt_row *row)
{
    return outcome_class_name(outcome_class_of(row->status, row->error_class));
}

static void attempt_json(struct text *out, const struct attempt_row *row)
{
    json_open(out, NULL, '{');
    json_number(out, "attempt", row->attempt);
    json_time(out, "started", row->started_usec);
    if (row->duration_usec)
        json_number(out, "duration_ms", (int64_t)(row->duration_usec / USEC_PER_MSEC));
    else
        json_null(out, "duration_ms");
    if (row->status)
        json_number(out, "http_status", row->status);
    else
        json_null(out, "http_status");
    json_string(out, "class", class_of(row));
    json_string(out, "error_class", row->error_class);
    json_string(out, "reason", row->reason);
    json_string(out, "peer", row->peer);
    json_body(out, "answer", row->answer, row->answer_size);
    json_close(out, '}');
}

static void attempt_text(struct table *table, const struct attempt_row *row)
{
    char when[CLOCK_TEXT_MAX];
    clock_rfc3339(when, row->started_usec);
    AUTOTEXT struct text result = {0};
    if (row->reason)
        text_append_string(&result, row->reason);
    if (row->answer_size)
        text_appendf(&result, "%sanswer: %.*s", result.size ? "; " : "", (int)row->answer_size,
                     row->answer);
    else if (row->locked)
        text_appendf(&result, "%sthe answer cannot be shown: %s", result.size ? "; " : "",
                     row->locked);
    table_cellf(table, "%u", row->attempt);
    table_cell(table, when);
    if (row->duration_usec)
        table_cellf(table, "%llu ms", (unsigned long long)(row->duration_usec / USEC_PER_MSEC));
    else
        table_cell(table, NULL);
    if (row->status)
        table_cellf(table, "%d", row->status);
    else
        table_cell(table, NULL);
    table_cell(table, class_of(row));
    table_cell(table, row->peer);
    table_cell(table, result.data);
}

static void attempt(const struct attempt_row *row, void *userdata)
{
    struct showing *showing = userdata;
    if (showing->cli->output == CLI_JSON)
        attempt_json(&showing->json, row);
    else
        attempt_text(showing->attempts, row);
}

/* Show a first try with a 2xx answer. It has no row. The delivery has only the time and the status
 * of the answer. The milliseconds are in the journal, in the event `delivered`. */
static void show_first(struct showing *showing)
{
    struct attempt_row row = {
        .attempt = 1, .started_usec = showing->first_usec, .status = showing->first_status};
    if (showing->first_usec)
        attempt(&row, showing);
}

static void finish(struct showing *showing)
{
    show_first(showing);
    if (showing->cli->output == CLI_JSON) {
        json_close(&showing->json, ']');
        json_close(&showing->json, '}');
        queue_put_line(&showing->json);
        return;
    }
    if (table_rows(showing->attempts)) {
        putchar('\n');
        table_print(showing->attempts);
    }
    table_free(TAKE(showing->attempts));
    if (showing->locked.size)
        printf("\n(the body cannot be shown: %s)\n", showing->locked.data);
    else
        printf("\n%s\n",
               showing->body.size ? showing->body.data : "(the body is not kept any more)");
}

static int show_one(struct showing *showing, const struct queue *queue, int64_t id, bool first)
{
    struct held held;
    int r = queue->store ? store_begin(queue->store) : STORE_NOT_FOUND;
    if (r == 0) {
        held_begin(&held);
        if (!first && showing->cli->output == CLI_TEXT)
            putchar('\n');
        r = store_show(queue->store, id, show, attempt, showing);
        store_rollback(queue->store);
        held_end(&held);
    }
    if (r) { /* what was read of it before is not shown */
        text_reset(&showing->json);
        table_free(TAKE(showing->attempts));
    }
    if (r == 0) {
        char target[32];
        snprintf(target, sizeof(target), "%lld", (long long)id);
        operator_audit_read("queue show", target);
        finish(showing);
    } else if (r == STORE_NOT_FOUND)
        cli_error("%lld: there is no such delivery", (long long)id);
    else
        return queue_store_failed(queue, r, "reading the store");
    return r ? CLI_FAILED : CLI_DONE;
}

int command_queue_show(const struct cli *cli)
{
    struct queue queue = {0};
    struct showing showing = {.cli = cli};
    int64_t id;
    if (cli->argc == 0)
        return cli_usage(cli, "queue show needs the id of a delivery");
    for (int i = 0; i < cli->argc; i++)
        if (queue_id(cli->argv[i], &id) < 0)
            return cli_usage(cli, "%s is not the id of a delivery", cli->argv[i]);
    int status = queue_open(cli, STORE_READER, &queue);
    bool opened = status == CLI_DONE;
    if (opened)
        queue_use_keys(&queue);
    showing.no_key = &queue.locked;
    showing.now_usec = clock_trusted_usec();
    for (int i = 0; i < cli->argc && opened; i++) {
        (void)queue_id(cli->argv[i], &id);
        if (show_one(&showing, &queue, id, i == 0) != CLI_DONE)
            status = CLI_FAILED;
    }
    text_clear(&showing.json);
    text_clear(&showing.body);
    text_clear(&showing.locked);
    queue_close(&queue);
    return status;
}
