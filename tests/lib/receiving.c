/* SPDX-License-Identifier: MIT */
#include "receiving.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/memory.h"

/* ---- the turn ---- */

static int on_claim(struct store *store, void *userdata)
{
    struct receiving *r = userdata;
    int result = r->receiver ? receiver_release_step(r->receiver, store) : 0;
    return result ? result : r->claim_result;
}

static int on_write_facts(struct store *store, void *userdata)
{
    struct receiving *r = userdata;
    return r->receiver ? receiver_write_facts(r->receiver, store) : 0;
}

static void on_answered(const char *queue, void *userdata)
{
    struct receiving *r = userdata;
    assert_string_equal(queue, "orders-eu");
    r->answered++;
}

static void on_dated(void *userdata)
{
    ((struct receiving *)userdata)->offset_usec = clock_offset_usec();
}

/* ---- SQS ---- */

static void script_the_rest(struct receiving *r)
{
    AUTOTEXT struct text deleted = {0};
    char id[2] = "0";
    json_open(&deleted, NULL, '{');
    json_open(&deleted, "Successful", '[');
    for (; id[0] <= '9'; id[0]++) {
        json_open(&deleted, NULL, '{');
        json_string(&deleted, "Id", id);
        json_close(&deleted, '}');
    }
    json_close(&deleted, ']');
    json_close(&deleted, '}');
    static char all_deleted[256];
    text_copy(all_deleted, sizeof(all_deleted), deleted.data);
    text_copy(r->attributes, sizeof(r->attributes),
              "{\"Attributes\":{\"ApproximateNumberOfMessages\":\"7\"}}");
    const struct scripted_rule rules[] = {
        {.expect = ".GetQueueUrl\n",
         .times = -1,
         .body = "{\"QueueUrl\":\"https://sqs.example/444455556666/amazon-orders\"}"},
        {.expect = ".GetQueueAttributes\n", .times = -1, .body = r->attributes},
        {.expect = ".DeleteMessageBatch\n", .times = -1, .body = all_deleted},
        {.expect = ".ChangeMessageVisibility\n", .times = -1, .body = "{}"},
    };
    scripted_rules(r->shop.http, rules, ELEMENTS(rules));
}

size_t receiving_open(const struct receiving *r)
{
    return scripted_waiting(r->shop.http);
}

const char *receiving_call(const struct receiving *r, const char *operation)
{
    AUTOFREE char *target = memory_format("X-Amz-Target: AmazonSQS.%s\n", operation);
    const char *found = NULL, *request;
    for (size_t i = 0; (request = scripted_request(r->shop.http, i)); i++)
        if (strstr(request, target))
            found = request;
    return found;
}

size_t receiving_calls(const struct receiving *r, const char *operation)
{
    AUTOFREE char *target = memory_format("X-Amz-Target: AmazonSQS.%s\n", operation);
    size_t count = 0;
    const char *request;
    for (size_t i = 0; (request = scripted_request(r->shop.http, i)); i++)
        count += strstr(request, target) != NULL;
    return count;
}

static void append_message(struct receiving *r, struct text *out, const char *body)
{
    AUTOFREE char *id = memory_format("m%u", r->messages);
    AUTOFREE char *receipt = memory_format("receipt-%u.", r->messages++);
    json_open(out, NULL, '{');
    json_string(out, "MessageId", id);
    json_string(out, "ReceiptHandle", receipt);
    json_string(out, "Body", body);
    json_open(out, "Attributes", '{');
    json_string(out, "SentTimestamp", "1440938000123");
    json_close(out, '}');
    json_close(out, '}');
}

void receiving_answer(struct receiving *r, const char *const bodies[])
{
    AUTOTEXT struct text answer = {0};
    json_open(&answer, NULL, '{');
    json_open(&answer, "Messages", '[');
    for (size_t i = 0; bodies[i]; i++)
        append_message(r, &answer, bodies[i]);
    json_close(&answer, ']');
    json_close(&answer, '}');
    scripted_answer(r->shop.http, &(struct scripted_rule){.body = answer.data});
    receiving_rest(r);
}

void receiving_answer_new(struct receiving *r, unsigned count)
{
    const char *bodies[SQS_BATCH_MAX + 1] = {NULL};
    char *owned[SQS_BATCH_MAX];
    for (unsigned i = 0; i < count; i++) {
        AUTOFREE char *id = memory_format("new-%u", r->messages + i);
        bodies[i] = owned[i] = receiving_order(id, ACME_ID, id);
    }
    receiving_answer(r, bodies);
    for (unsigned i = 0; i < count; i++)
        free(owned[i]);
}

char *receiving_order(const char *id, const char *seller, const char *order)
{
    struct text out = {0};
    json_open(&out, NULL, '{');
    json_string(&out, "NotificationType", "ORDER_CHANGE");
    json_string(&out, "EventTime", "2015-08-30T12:00:00.500Z");
    json_open(&out, "Payload", '{');
    json_open(&out, "OrderChangeNotification", '{');
    if (seller)
        json_string(&out, "SellerId", seller);
    json_string(&out, "AmazonOrderId", order);
    json_close(&out, '}');
    json_close(&out, '}');
    json_open(&out, "NotificationMetadata", '{');
    json_string(&out, "SubscriptionId", "sub-1");
    if (id)
        json_string(&out, "NotificationId", id);
    json_close(&out, '}');
    json_close(&out, '}');
    return text_take(&out);
}

/* ---- life ---- */

int receiving_setup(void **state)
{
    struct receiving *r = NEW(struct receiving);
    fake_clock_forget();
    workshop_open(&r->shop, &(struct turn_hooks){
                                .claim = on_claim, .write_facts = on_write_facts, .userdata = r});
    r->credentials.access_key_id = memory_string("AKIAEXAMPLE");
    secret_set(&r->credentials.secret_access_key, "key", 3);
    receive_room_init(&r->room);
    r->sellers[0] = (struct receiver_seller){.name = "acme", .seller_id = ACME_ID};
    r->webhooks[0] = (struct receiver_webhook){.id = r->shop.webhook};
    r->options = (struct receiver_options){
        .event = r->shop.event,
        .http = r->shop.http,
        .turn = r->shop.turn,
        .room = &r->room,
        .credentials = &r->credentials,
        .queue = "orders-eu",
        .arn = "arn:aws:sqs:eu-west-1:444455556666:amazon-orders",
        .endpoint = "https://sqs.example",
        .wait_s = 20,
        .max_pollers = 4,
        .sellers = r->sellers,
        .n_sellers = 1,
        .webhooks = r->webhooks,
        .n_webhooks = 1,
        .unknown_limits = {1000, 1 << 24},
        .hooks = {.answered = on_answered, .dated = on_dated, .userdata = r},
    };
    script_the_rest(r);
    *state = r;
    return 0;
}

int receiving_teardown(void **state)
{
    struct receiving *r = *state;
    turn_free(TAKE(r->shop.turn)); /* before the receiver, which it answers */
    receiver_free(r->receiver);
    workshop_close(&r->shop);
    aws_credentials_clear(&r->credentials);
    free(r);
    return 0;
}

void receiving_start(struct receiving *r)
{
    receiver_free(r->receiver);
    assert_int_equal(receiver_new(&r->receiver, &r->options), 0);
    receiver_start(r->receiver);
    receiving_rest(r);
}

void receiving_rest(struct receiving *r)
{
    fake_loop_rest(r->shop.event);
}

void receiving_run(struct receiving *r, uint64_t usec)
{
    fake_loop_run(r->shop.event, usec);
}
