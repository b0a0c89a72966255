/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/memory.h"
#include "held.h"
#include "queue.h"

/* Limit for a text from outside that is printed on one line. */
#define SHOWN_MAX 400

/* The history of the deliveries or the order in the arguments. There is no index by order, so the
 * whole history is read, page by page. */
struct story {
    const struct cli *cli;
    int64_t *ids; /* of the deliveries found */
    size_t count, rows;
    int64_t last;
    struct text json;
};

static bool is_named(const struct cli *cli, const struct list_row *row)
{
    int64_t id;
    for (int i = 0; i < cli->argc; i++)
        if (text_equal(row->order_id, cli->argv[i]) ||
            text_equal(row->notification_id, cli->argv[i]) ||
            (queue_id(cli->argv[i], &id) == 0 && id == row->id))
            return true;
    return false;
}

static void find(const struct list_row *row, void *userdata)
{
    struct story *story = userdata;
    story->rows++;
    story->last = row->id;
    if (!is_named(story->cli, row))
        return;
    story->ids = memory_resize(story->ids, story->count + 1, sizeof(*story->ids));
    story->ids[story->count++] = row->id;
}

static int find_all(struct story *story, const struct queue *queue)
{
    int r;
    do {
        struct list_query query = {STATES_ALL, NULL, story->last, QUEUE_PAGE};
        story->rows = 0;
        r = store_begin(queue->store);
        if (r)
            return r;
        r = store_list(queue->store, &query, find, story);
        store_rollback(queue->store);
    } while (r == 0 && story->rows == QUEUE_PAGE);
    return r;
}

/* ---- the events of the story ---- */

static void put_moment(uint64_t usec, const char *what)
{
    char when[CLOCK_TEXT_MAX];
    if (usec == 0)
        return;
    clock_rfc3339(when, usec);
    printf("  %s  %s\n", when, what);
}

static void append_safe(struct text *out, const char *text, const char *otherwise)
{
    const char *what = text ? text : otherwise;
    text_append_escaped(out, what, strlen(what), SHOWN_MAX);
}

static void tell_text(const struct delivery_details *details)
{
    const struct list_row *row = &details->row;
    AUTOTEXT struct text line = {0};
    text_appendf(&line, "Delivery %lld of ", (long long)row->id);
    append_safe(&line, row->notification_id, "?");
    text_append_string(&line, " (");
    append_safe(&line, row->type, "unknown type");
    text_append_string(&line, "), order ");
    append_safe(&line, row->order_id, "-");
    text_appendf(&line, ", to %s: %s", row->webhook ? row->webhook : "no webhook",
                 delivery_state_name(row->state));
    puts(line.data);
    put_moment(row->event_usec, "the event at Amazon");
    put_moment(details->published_usec, "published by Amazon");
    put_moment(row->received_usec, "received and stored");
}

static void tell(const struct delivery_details *details, void *userdata)
{
    struct story *story = userdata;
    const struct list_row *row = &details->row;
    if (story->cli->output == CLI_TEXT) {
        tell_text(details);
        /* A first try with a 2xx answer has no row of its own. */
        if (row->state == DELIVERY_DELIVERED && row->attempts == 1) {
            AUTOFREE char *what =
                memory_format("delivered at the first try: status %d", row->status);
            put_moment(row->done_usec, what);
        }
        if (row->superseded_by) {
            AUTOFREE char *what =
                memory_format("superseded by delivery %lld", (long long)row->superseded_by);
            put_moment(row->done_usec, what);
        }
        return;
    }
    json_open(&story->json, NULL, '{');
    queue_json_row(&story->json, row, clock_trusted_usec());
    json_open(&story->json, "log", '[');
}

static void tell_attempt(const struct attempt_row *attempt, void *userdata)
{
    struct story *story = userdata;
    if (story->cli->output == CLI_TEXT) {
        AUTOTEXT struct text what = {0};
        text_appendf(&what, "try %u: ", attempt->attempt);
        if (attempt->status)
            text_appendf(&what, "status %d", attempt->status);
        else
            append_safe(&what, attempt->error_class, "no answer");
        if (attempt->reason) {
            text_append_string(&what, ": ");
            append_safe(&what, attempt->reason, "");
        }
        put_moment(attempt->started_usec, what.data);
        return;
    }
    json_open(&story->json, NULL, '{');
    json_number(&story->json, "attempt", attempt->attempt);
    json_time(&story->json, "started", attempt->started_usec);
    json_number(&story->json, "status", attempt->status);
    json_string(&story->json, "error_class", attempt->error_class);
    json_string(&story->json, "reason", attempt->reason);
    json_close(&story->json, '}');
}

static int tell_one(struct story *story, const struct queue *queue, int64_t id)
{
    struct held held;
    int r = store_begin(queue->store);
    if (r)
        return r;
    held_begin(&held);
    r = store_show(queue->store, id, tell, tell_attempt, story);
    store_rollback(queue->store);
    held_end(&held);
    if (story->json.size) {
        json_close(&story->json, ']');
        json_close(&story->json, '}');
        queue_put_line(&story->json);
    }
    return r == STORE_NOT_FOUND ? 0 : r; /* pruned in the meantime */
}

static int tell_all(struct story *story, const struct queue *queue)
{
    int r = queue->store ? find_all(story, queue) : 0;
    for (size_t i = 0; i < story->count && r == 0; i++)
        r = tell_one(story, queue, story->ids[i]);
    if (r)
        return queue_store_failed(queue, r, "reading the store");
    if (story->count)
        return CLI_DONE;
    cli_error("nothing is known of %s%s", story->cli->argv[0],
              story->cli->argc > 1 ? " and the others" : "");
    return CLI_USAGE;
}

int command_queue_log(const struct cli *cli)
{
    struct story story = {.cli = cli};
    struct queue queue = {0};
    if (cli->argc == 0)
        return cli_usage(cli, "queue log needs the id of an order, a notification or a delivery");
    int status = queue_open(cli, STORE_READER, &queue);
    if (status == CLI_DONE)
        status = tell_all(&story, &queue);
    free(story.ids);
    text_clear(&story.json);
    queue_close(&queue);
    return status;
}
