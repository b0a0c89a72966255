/* SPDX-License-Identifier: MIT */
#include "control.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/memory.h"
#include "body.h"
#include "identity.h"
#include "sqs_internal.h"

#define CONTROL_TYPE "application/json"
#define PAGE_DEFAULT 1000

typedef void (*control_fn)(struct sandbox *sandbox, struct exchange *exchange, const cJSON *in);

static void answer(struct exchange *exchange, int status, const struct text *out)
{
    exchange_answer(exchange, status, CONTROL_TYPE, out->data, out->size);
}

static void answer_done(struct exchange *exchange)
{
    exchange_answer(exchange, 200, CONTROL_TYPE, "{\"ok\":true}", 11);
}

static void refuse(struct exchange *exchange, int status, const char *why)
{
    AUTOTEXT struct text out = {0};
    json_open(&out, NULL, '{');
    json_string(&out, "error", why);
    json_close(&out, '}');
    answer(exchange, status, &out);
}

static void free_strings(char **strings, size_t count)
{
    for (size_t i = 0; strings && i < count; i++)
        free(strings[i]);
    free(strings);
}

static void publish(struct sandbox *sandbox, struct exchange *exchange, const cJSON *in)
{
    struct publish_order order = {0};
    AUTOTEXT struct text why = {0};
    int r = control_read_publish(sandbox, in, &order, &why);
    if (r >= 0)
        r = publisher_start(&sandbox->publisher, &order, exchange);
    if (r >= 0)
        return;
    if (!why.size)
        text_append_string(&why, "Too many publish requests are running; try again later.");
    refuse(exchange, 400, why.data);
    free_strings(order.bodies, order.bodies ? order.count : 0);
}

static void add_fault(struct sandbox *sandbox, struct exchange *exchange, const cJSON *in)
{
    struct fault_rule rule;
    AUTOTEXT struct text why = {0};
    int r = control_read_fault(in, &rule, &why);
    if (r >= 0 && faults_add(&sandbox->office.faults, &rule) < 0)
        text_appendf(&why, "There are %d faults already; DELETE some first.", FAULT_RULES_MAX);
    if (why.size)
        refuse(exchange, 400, why.data);
    else
        answer_done(exchange);
}

static void clear_faults(struct sandbox *sandbox, struct exchange *exchange, const cJSON *in)
{
    (void)in;
    faults_clear(&sandbox->office.faults, exchange_query(exchange, "op"));
    answer_done(exchange);
}

static void write_queue(struct text *out, const struct queue *queue)
{
    AUTOFREE char *arn = memory_format(IDENTITY_ARN_PREFIX "%s", queue->name);
    json_open(out, NULL, '{');
    json_string(out, "name", queue->name);
    json_string(out, "arn", arn);
    json_number(out, "visible", (int64_t)queue->visible);
    json_number(out, "in_flight", (int64_t)queue->in_flight);
    json_number(out, "delayed", (int64_t)queue->delayed);
    json_number(out, "sent", (int64_t)queue->counts.sent);
    json_number(out, "received", (int64_t)queue->counts.received);
    json_number(out, "deleted", (int64_t)queue->counts.deleted);
    json_number(out, "waiting", sqs_waiters(queue));
    json_close(out, '}');
}

/* Read the numbers ?from= and ?limit= of a page. */
static void read_page(struct exchange *exchange, uint64_t *from, uint64_t *limit)
{
    const char *text = exchange_query(exchange, "from");
    if (!text || text_to_u64(text, from) < 0)
        *from = 0;
    text = exchange_query(exchange, "limit");
    uint64_t asked;
    if (text && text_to_u64(text, &asked) == 0)
        *limit = asked;
}

/* Write one page of the ids, which are kept as lines. */
static void write_ids(struct text *out, const struct publisher *publisher, uint64_t from,
                      uint64_t limit)
{
    const char *at = publisher->ids.data, *end = at ? at + publisher->ids.size : NULL;
    json_open(out, "ids", '[');
    for (uint64_t n = 0; at < end && (n < from || n - from < limit); n++) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        if (n >= from)
            json_bytes(out, NULL, at, (size_t)(newline - at));
        at = newline + 1;
    }
    json_close(out, ']');
}

static void write_clock(struct text *out, const struct simclock *clock)
{
    json_open(out, "clock", '{');
    json_time(out, "now", simclock_wall_usec(clock));
    json_number(out, "offset_s", clock->offset_usec / (int64_t)USEC_PER_SEC);
    json_close(out, '}');
}

static void get_state(struct sandbox *sandbox, struct exchange *exchange, const cJSON *in)
{
    (void)in;
    const struct publisher *publisher = &sandbox->publisher;
    uint64_t deleted = 0, in_flight = 0, from = 0, limit = UINT64_MAX;
    struct sqs *sqs = &sandbox->sqs;
    AUTOTEXT struct text out = {0};
    read_page(exchange, &from, &limit);
    json_open(&out, NULL, '{');
    write_clock(&out, &sandbox->clock);
    tally_write(&sandbox->office.tally, &out);
    json_open(&out, "queues", '[');
    for (size_t i = 0; i < sqs->queue_count; i++) {
        queue_advance(sqs->queues[i], simclock_passed_usec(&sandbox->clock));
        write_queue(&out, sqs->queues[i]);
        deleted += sqs->queues[i]->counts.deleted;
        in_flight += sqs->queues[i]->in_flight;
    }
    json_close(&out, ']');
    json_number(&out, "deletes", (int64_t)deleted);
    json_number(&out, "in_flight", (int64_t)in_flight);
    json_number(&out, "swallowed", (int64_t)sqs->lost);
    json_number(&out, "sent", (int64_t)publisher->sent);
    json_number(&out, "unique", (int64_t)publisher->unique);
    json_number(&out, "pending", (int64_t)publisher_pending(publisher));
    spapi_write(&sandbox->spapi, &out);
    faults_write(&sandbox->office.faults, &out, "faults");
    if (limit > 0)
        write_ids(&out, publisher, from, limit);
    json_close(&out, '}');
    answer(exchange, 200, &out);
}

static void write_message(struct text *out, const struct message *message)
{
    static const char *const states[] = {
        [MESSAGE_VISIBLE] = "visible",
        [MESSAGE_IN_FLIGHT] = "in_flight",
        [MESSAGE_DELAYED] = "delayed",
    };
    json_open(out, NULL, '{');
    json_string(out, "messageId", message->id);
    json_string(out, "state", states[message->state]);
    json_number(out, "receives", message->receives);
    text_append_string(out, ",\"body\":\"");
    text_append(out, message->escaped, message->escaped_size);
    text_append_char(out, '"');
    json_close(out, '}');
}

static void get_messages(struct sandbox *sandbox, struct exchange *exchange, const cJSON *in)
{
    (void)in;
    const char *name = exchange_query(exchange, "queue");
    const char *colon = name ? strrchr(name, ':') : NULL;
    if (colon)
        name = colon + 1;
    const struct queue *queue = sqs_find_queue(&sandbox->sqs, name ? name : IDENTITY_QUEUE);
    if (!queue) {
        refuse(exchange, 404, "There is no such queue.");
        return;
    }
    uint64_t from = 0, limit = PAGE_DEFAULT, n = 0;
    AUTOTEXT struct text out = {0};
    read_page(exchange, &from, &limit);
    json_open(&out, NULL, '{');
    json_number(&out, "count", (int64_t)(queue->visible + queue->in_flight + queue->delayed));
    json_open(&out, "messages", '[');
    for (size_t i = 0; i < queue->slots_used; i++) {
        const struct message *message = queue->slots[i].message;
        if (message && n++ >= from && n - from <= limit)
            write_message(&out, message);
    }
    json_close(&out, ']');
    json_close(&out, '}');
    answer(exchange, 200, &out);
}

static void set_clock(struct sandbox *sandbox, struct exchange *exchange, const cJSON *in)
{
    const cJSON *offset = cJSON_GetObjectItemCaseSensitive(in, "offset_s");
    if (!cJSON_IsNumber(offset) || offset->valuedouble > SIMCLOCK_OFFSET_MAX_S ||
        offset->valuedouble < -SIMCLOCK_OFFSET_MAX_S) {
        refuse(exchange, 400, "offset_s must be a number of seconds, at most 400 days.");
        return;
    }
    simclock_set_offset(&sandbox->clock, (int64_t)(offset->valuedouble * (double)USEC_PER_SEC));
    sqs_time_moved(&sandbox->sqs);
    AUTOTEXT struct text out = {0};
    json_open(&out, NULL, '{');
    write_clock(&out, &sandbox->clock);
    json_close(&out, '}');
    answer(exchange, 200, &out);
}

static void get_rotation(struct sandbox *sandbox, struct exchange *exchange, const cJSON *in)
{
    (void)in;
    AUTOTEXT struct text out = {0};
    rotation_write(&sandbox->rotation, &out);
    answer(exchange, 200, &out);
}

static void enrol(struct sandbox *sandbox, struct exchange *exchange, const cJSON *in)
{
    AUTOTEXT struct text why = {0};
    if (control_read_rotation(sandbox, in, &why) < 0)
        refuse(exchange, 400, why.data);
    else
        get_rotation(sandbox, exchange, in);
}

static void reset(struct sandbox *sandbox, struct exchange *exchange, const cJSON *in)
{
    (void)in;
    sandbox_reset(sandbox);
    answer_done(exchange);
}

static const struct route {
    const char *method, *path;
    bool body; /* must be a JSON object */
    control_fn run;
} routes[] = {
    {"POST", "/_sandbox/publish", true, publish},
    {"POST", "/_sandbox/faults", true, add_fault},
    {"DELETE", "/_sandbox/faults", false, clear_faults},
    {"GET", "/_sandbox/state", false, get_state},
    {"GET", "/_sandbox/messages", false, get_messages},
    {"POST", "/_sandbox/clock", true, set_clock},
    {"POST", "/_sandbox/rotation", true, enrol},
    {"GET", "/_sandbox/rotation", false, get_rotation},
    {"POST", "/_sandbox/reset", false, reset},
};

void control_request(struct sandbox *sandbox, struct exchange *exchange)
{
    const struct route *route = NULL;
    for (size_t i = 0; i < ELEMENTS(routes); i++)
        if (text_equal(routes[i].path, exchange_path(exchange)) &&
            text_equal(routes[i].method, exchange_method(exchange)))
            route = &routes[i];
    if (!route) {
        refuse(exchange, 404,
               "Known are: POST publish, POST faults, DELETE faults, GET state, GET messages, "
               "POST clock, POST rotation, GET rotation, POST reset, all below /_sandbox/.");
        return;
    }
    size_t size;
    const char *body = exchange_body(exchange, &size);
    AUTOJSON cJSON *in = size > 0 ? json_parse(body, size, CONTROL_BODY_MAX) : NULL;
    if (size > 0 && !cJSON_IsObject(in))
        refuse(exchange, 400, "The body must be a JSON object.");
    else if (body_has_escaped_nul(body, size))
        refuse(exchange, 400, "U+0000 cannot be sent: SQS refuses it.");
    else if (route->body && !in && route->run != publish)
        refuse(exchange, 400, "A JSON object is needed as body.");
    else
        route->run(sandbox, exchange, in);
}
