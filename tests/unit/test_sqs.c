/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "aws/sqs.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "fake_clock.h"
#include "scripted_http.h"

#define ARN "arn:aws:sqs:eu-west-1:444455556666:amazon-orders"
#define MESSAGE                                                                                    \
    "{\"Messages\":[{\"MessageId\":\"m1\",\"ReceiptHandle\":\"r1\",\"Body\":\"hello\"}]}"

struct world {
    sd_event *event;
    struct http *http;
    struct sqs *sqs;
    struct aws_credentials credentials;
    unsigned done;
    struct error error;
    struct sqs_batch *batch;
    struct sqs_entry_result results[SQS_BATCH_MAX];
    size_t result_count;
    struct sqs_queue_attributes attributes;
};

static struct sqs *open_queue(struct world *world, const char *endpoint)
{
    struct sqs *sqs = NULL;
    assert_int_equal(sqs_new(&sqs, world->http,
                             &(struct sqs_options){.name = "orders",
                                                   .arn = ARN,
                                                   .endpoint = endpoint,
                                                   .credentials = &world->credentials}),
                     0);
    return sqs;
}

static int setup(void **state)
{
    struct world *world = NEW(struct world);
    fake_now_usec = 1440938160 * USEC_PER_SEC;
    fake_clock_forget();
    if (sd_event_new(&world->event) < 0 || http_new(&world->http, world->event) < 0)
        return -1;
    world->credentials.access_key_id = memory_string("AKIDEXAMPLE");
    secret_set(&world->credentials.secret_access_key, "hunter2hunter2", 14);
    world->sqs = open_queue(world, NULL);
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    sqs_free(world->sqs);
    http_free(world->http);
    sd_event_unref(world->event);
    aws_credentials_clear(&world->credentials);
    sqs_batch_free(world->batch);
    free(world);
    return 0;
}

static void turn(struct world *world)
{
    while (sd_event_run(world->event, 0) > 0)
        continue;
}

static void on_received(struct sqs_batch *batch, const struct error *error, void *userdata)
{
    struct world *world = userdata;
    sqs_batch_free(world->batch);
    world->batch = batch;
    world->error = *error;
    world->done++;
}

static void on_deleted(const struct sqs_entry_result *results, size_t count,
                       const struct error *error, void *userdata)
{
    struct world *world = userdata;
    if (count)
        memcpy(world->results, results, count * sizeof(*results));
    else
        assert_null(results);
    world->result_count = count;
    world->error = *error;
    world->done++;
}

static void on_done(const struct error *error, void *userdata)
{
    struct world *world = userdata;
    world->error = *error;
    world->done++;
}

static void on_attributes(const struct sqs_queue_attributes *attributes, const struct error *error,
                          void *userdata)
{
    struct world *world = userdata;
    world->attributes = attributes ? *attributes : (struct sqs_queue_attributes){0};
    world->error = *error;
    world->done++;
}

static void receive(struct world *world)
{
    unsigned before = world->done;
    assert_int_equal(sqs_receive(world->sqs, 10, 20, 60, on_received, world, NULL), 0);
    assert_int_equal(world->done, before);
    turn(world);
    assert_int_equal(world->done, before + 1);
}

static const char *last_request(struct world *world)
{
    return scripted_request(world->http, scripted_request_count(world->http) - 1);
}

static void assert_requested(struct world *world, const char *part)
{
    if (!strstr(last_request(world), part))
        fail_msg("%s\nis not in\n%s", part, last_request(world));
}

static void assert_says(struct world *world, enum error_kind kind, const char *part)
{
    assert_string_equal(error_kind_name(world->error.kind), error_kind_name(kind));
    if (!strstr(world->error.text, part))
        fail_msg("\"%s\" is not in \"%s\"", part, world->error.text);
}

static void receives(void **state)
{
    struct world *world = *state;
    scripted_rule(world->http, .expect = "X-Amz-Target: AmazonSQS.ReceiveMessage\n",
                  .body = MESSAGE);
    receive(world);
    assert_int_equal(world->error.kind, ERROR_NONE);
    assert_int_equal(world->batch->count, 1);
    assert_string_equal(world->batch->messages[0].body, "hello");
    assert_requested(world, "POST https://sqs.eu-west-1.amazonaws.com/\n");
    assert_requested(world, "Content-Type: application/x-amz-json-1.0\n");
    assert_requested(world, "X-Amz-Date: 20150830T123600Z\n");
    assert_requested(world, "Credential=AKIDEXAMPLE/20150830/eu-west-1/sqs/aws4_request, "
                            "SignedHeaders=content-type;host;x-amz-date;x-amz-target, ");
    assert_requested(world,
                     "\n\n{\"QueueUrl\":\"https://sqs.eu-west-1.amazonaws.com/444455556666/"
                     "amazon-orders\",\"MaxNumberOfMessages\":10,\"WaitTimeSeconds\":20,"
                     "\"VisibilityTimeout\":60,\"MessageSystemAttributeNames\":[\"SentTimestamp\","
                     "\"ApproximateReceiveCount\"]}");
    assert_int_equal(scripted_limits(world->http, 0).timeout_ms, 25000);
    assert_int_equal(scripted_limits(world->http, 0).answer_limit, SQS_ANSWER_MAX);
    assert_null(strstr(last_request(world), "hunter2"));
}

static void says_what_went_wrong(void **state)
{
    struct world *world = *state;
    scripted_rule(world->http, .status = 400, .request_id = "req-1",
                  .body = "{\"__type\":\"com.amazonaws.sqs#QueueDoesNotExist\","
                          "\"message\":\"The specified queue does not exist.\"}");
    receive(world);
    assert_null(world->batch);
    assert_says(world, ERROR_REFUSED,
                "queue orders: ReceiveMessage: QueueDoesNotExist: The specified queue does not "
                "exist. (check the queue's arn: region, account, name) [request req-1]");
    assert_string_equal(world->error.code, "QueueDoesNotExist");
    assert_int_equal(world->error.status, 400);

    scripted_rule(world->http, .status = 403, .retry_after = "3",
                  .body = "{\"__type\":\"com.amazonaws.sqs#RequestThrottled\"}");
    receive(world);
    assert_says(world, ERROR_THROTTLED, "RequestThrottled");
    assert_int_equal(world->error.retry_after_usec, 3 * USEC_PER_SEC);

    scripted_rule(world->http, .fail = ERROR_TIMEOUT);
    receive(world);
    assert_says(world, ERROR_TIMEOUT, "queue orders: ReceiveMessage: scripted timeout");

    scripted_rule(world->http, .body = "<html>portal</html>");
    receive(world);
    assert_says(world, ERROR_PROTOCOL, "the answer is not one of SQS");
}

/* AWS JSON 1.0: no content with 200 means that there are no members. */
static void an_empty_answer_has_no_members(void **state)
{
    struct world *world = *state;
    scripted_rule(world->http, .body = NULL);
    receive(world);
    assert_int_equal(world->error.kind, ERROR_NONE);
    scripted_rule(world->http, .body = "");
    receive(world);
    assert_int_equal(world->error.kind, ERROR_NONE);
}

static void deletes_by_position(void **state)
{
    struct world *world = *state;
    const char *const receipts[] = {"r\"1", "same", "same"};
    scripted_rule(world->http, .expect = "AmazonSQS.DeleteMessageBatch",
                  .body = "{\"Successful\":[{\"Id\":\"0\"},{\"Id\":\"2\"}],\"Failed\":[{\"Id\":"
                          "\"1\",\"SenderFault\":false,\"Code\":\"InternalError\"}]}");
    assert_int_equal(sqs_delete(world->sqs, receipts, 3, on_deleted, world, NULL), 0);
    turn(world);
    assert_requested(world, "\"Entries\":[{\"Id\":\"0\",\"ReceiptHandle\":\"r\\\"1\"},"
                            "{\"Id\":\"1\",\"ReceiptHandle\":\"same\"},"
                            "{\"Id\":\"2\",\"ReceiptHandle\":\"same\"}]}");
    assert_int_equal(world->result_count, 3);
    assert_true(world->results[0].ok && world->results[2].ok);
    assert_true(world->results[1].retry);
    scripted_rule(world->http, .status = 503);
    assert_int_equal(sqs_delete(world->sqs, receipts, 3, on_deleted, world, NULL), 0);
    turn(world);
    assert_int_equal(world->done, 2);
    assert_int_equal(world->result_count, 0);
    assert_says(world, ERROR_STATUS, "queue orders: DeleteMessageBatch: status 503");
    assert_int_equal(sqs_delete(world->sqs, receipts, 0, on_deleted, world, NULL), -EINVAL);
    assert_int_equal(sqs_delete(world->sqs, receipts, 11, on_deleted, world, NULL), -EINVAL);
}

static void hides_and_asks(void **state)
{
    struct world *world = *state;
    scripted_rule(world->http, .expect = "AmazonSQS.ChangeMessageVisibility\n", .body = "");
    assert_int_equal(sqs_hide(world->sqs, "r1", 43200, on_done, world, NULL), 0);
    turn(world);
    assert_int_equal(world->error.kind, ERROR_NONE);
    assert_requested(world, "\"ReceiptHandle\":\"r1\",\"VisibilityTimeout\":43200}");
    scripted_rule(world->http, .expect = "AmazonSQS.GetQueueAttributes\n",
                  .body = "{\"Attributes\":{\"ApproximateNumberOfMessages\":\"12\"}}");
    assert_int_equal(sqs_attributes(world->sqs, on_attributes, world, NULL), 0);
    turn(world);
    assert_int_equal(world->attributes.depth, 12);
    assert_requested(world, "\"AttributeNames\":[\"All\"]}");
    scripted_rule(world->http, .expect = "AmazonSQS.GetQueueAttributes\n", .body = "{}");
    assert_int_equal(sqs_attributes(world->sqs, on_attributes, world, NULL), 0);
    turn(world);
    assert_int_equal(world->error.kind, ERROR_NONE);
    assert_int_equal(world->attributes.depth, 0);
    assert_int_equal(world->done, 3);
}

static void uses_amazons_url_once_it_is_known(void **state)
{
    struct world *world = *state;
    scripted_rule(world->http, .status = 403, .body = "{\"__type\":\"x#AccessDeniedException\"}");
    assert_int_equal(sqs_resolve(world->sqs, on_done, world, NULL), 0);
    turn(world);
    assert_says(world, ERROR_REFUSED, "GetQueueUrl: AccessDeniedException");
    assert_requested(world, "\n\n{\"QueueName\":\"amazon-orders\",\"QueueOwnerAWSAccountId\":"
                            "\"444455556666\"}");
    scripted_rule(world->http, .body = "{}");
    receive(world);
    assert_requested(world, "\"https://sqs.eu-west-1.amazonaws.com/444455556666/amazon-orders\"");
    scripted_rule(world->http, .body = "{\"QueueUrl\":\"https://other/1/q\"}");
    assert_int_equal(sqs_resolve(world->sqs, on_done, world, NULL), 0);
    turn(world);
    assert_int_equal(world->error.kind, ERROR_NONE);
    scripted_rule(world->http, .body = "{}");
    receive(world);
    assert_requested(world, "{\"QueueUrl\":\"https://other/1/q\"");
    assert_requested(world, "POST https://sqs.eu-west-1.amazonaws.com/\n");
}

static void corrects_its_clock(void **state)
{
    struct world *world = *state;
    uint64_t theirs = fake_now_usec + USEC_PER_HOUR;
    assert_false(sqs_is_dated(world->sqs));
    scripted_rule(world->http, .status = 403, .date_usec = theirs,
                  .body = "{\"__type\":\"InvalidSignatureException\",\"message\":\"Signature "
                          "expired: 20150830T123600Z is now earlier than ...\"}");
    scripted_rule(world->http, .expect = "X-Amz-Date: 20150830T133600Z", .date_usec = theirs,
                  .body = MESSAGE);
    receive(world);
    assert_int_equal(world->error.kind, ERROR_NONE);
    assert_int_equal(scripted_request_count(world->http), 2);
    assert_true(sqs_is_dated(world->sqs));
    assert_in_range(clock_offset_usec(), USEC_PER_HOUR, USEC_PER_HOUR + USEC_PER_SEC);
    /* From then on the first attempt is right. */
    scripted_rule(world->http, .expect = "X-Amz-Date: 20150830T133600Z", .body = MESSAGE);
    receive(world);
    assert_int_equal(scripted_request_count(world->http), 3);
}

static void blames_the_clock_only_when_it_is_wrong(void **state)
{
    struct world *world = *state;
    static const char refusal[] = "{\"__type\":\"SignatureDoesNotMatch\",\"message\":\"no\"}";
    /* Right clock: the secret is wrong, and asking again would not help. */
    scripted_rule(world->http, .status = 403, .date_usec = fake_now_usec, .body = refusal);
    receive(world);
    assert_int_equal(scripted_request_count(world->http), 1);
    assert_says(world, ERROR_CREDENTIALS, "check secret_access_key");
    /* Wrong clock and wrong secret: one more attempt, then it is the secret. */
    scripted_rule(world->http, .times = -1, .status = 403,
                  .date_usec = fake_now_usec - USEC_PER_HOUR, .body = refusal);
    receive(world);
    assert_int_equal(scripted_request_count(world->http), 3);
    assert_says(world, ERROR_CREDENTIALS, "check secret_access_key");
}

static void says_by_how_much_the_clock_is_wrong(void **state)
{
    struct world *world = *state;
    scripted_rule(world->http, .times = -1, .status = 403,
                  .date_usec = fake_now_usec - USEC_PER_HOUR,
                  .body = "{\"__type\":\"RequestExpired\"}");
    receive(world);
    assert_int_equal(scripted_request_count(world->http), 2);
    assert_says(world, ERROR_CLOCK, "our clock is 59m 59s ahead, set it right");
    assert_string_equal(world->error.code, "RequestExpired");
}

/* Dates that leap about must not keep a call going round. */
static void tries_again_once_only(void **state)
{
    struct world *world = *state;
    static const char refusal[] = "{\"__type\":\"RequestExpired\"}";
    for (int i = 0; i < 4; i++)
        scripted_rule(world->http, .status = 403, .body = refusal,
                      .date_usec = fake_now_usec + (i % 2 ? 1 : 3) * USEC_PER_HOUR);
    receive(world);
    assert_int_equal(scripted_request_count(world->http), 2);
    assert_int_equal(world->error.kind, ERROR_CLOCK);
}

static void a_refusal_is_not_blamed_on_a_small_offset(void **state)
{
    struct world *world = *state;
    scripted_rule(world->http, .status = 403, .date_usec = fake_now_usec + 3 * USEC_PER_MIN,
                  .body = "{\"__type\":\"SignatureDoesNotMatch\",\"message\":\"no\"}");
    receive(world);
    assert_int_equal(scripted_request_count(world->http), 1);
    assert_says(world, ERROR_CREDENTIALS, "check secret_access_key");
    scripted_rule(world->http, .expect = "X-Amz-Date: 20150830T123900Z", .body = "{}");
    receive(world);
    assert_int_equal(world->error.kind, ERROR_NONE);
}

static void endpoints(void **state)
{
    struct world *world = *state;
    sqs_free(world->sqs);
    world->sqs = open_queue(world, "HTTP://LocalHost:4100/");
    scripted_rule(world->http, .body = "{}");
    receive(world);
    assert_requested(world, "POST http://localhost:4100/\n");
    assert_requested(world, "\"http://localhost:4100/444455556666/amazon-orders\"");
    sqs_free(TAKE(world->sqs));
    static const char *const bad[] = {"sqs.example",    "ftp://x",       "https://",
                                      "https://x/path", "https://u:p@x", "https://x?a=b"};
    for (size_t i = 0; i < ELEMENTS(bad); i++)
        assert_int_equal(sqs_new(&world->sqs, world->http,
                                 &(struct sqs_options){.name = "orders",
                                                       .arn = ARN,
                                                       .endpoint = bad[i],
                                                       .credentials = &world->credentials}),
                         -EINVAL);
    assert_int_equal(sqs_new(&world->sqs, world->http,
                             &(struct sqs_options){.name = "orders",
                                                   .arn = "arn:aws:sqs:x",
                                                   .credentials = &world->credentials}),
                     -EINVAL);
}

static void cancels_and_frees(void **state)
{
    struct world *world = *state;
    struct sqs_call *call;
    sqs_cancel(NULL);
    assert_int_equal(sqs_receive(world->sqs, 10, 20, 60, on_received, world, &call), 0);
    sqs_cancel(call);
    assert_int_equal(http_in_flight(world->http), 0);
    assert_int_equal(sqs_receive(world->sqs, 10, 20, 60, on_received, world, &call), 0);
    assert_int_equal(sqs_hide(world->sqs, "r", 1, on_done, world, NULL), 0);
    sqs_free(TAKE(world->sqs));
    assert_int_equal(http_in_flight(world->http), 0);
    turn(world);
    assert_int_equal(world->done, 0);
    sqs_free(NULL);
}

static void on_done_end(const struct error *error, void *userdata)
{
    struct world *world = userdata;
    on_done(error, world);
    sqs_free(TAKE(world->sqs));
}

static void a_callback_may_end_the_client(void **state)
{
    struct world *world = *state;
    scripted_rule(world->http, .body = "{}");
    assert_int_equal(sqs_hide(world->sqs, "r", 1, on_done_end, world, NULL), 0);
    assert_int_equal(sqs_hide(world->sqs, "r", 1, on_done, world, NULL), 0);
    turn(world);
    assert_int_equal(world->done, 1);
    assert_int_equal(http_in_flight(world->http), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(receives),
        TEST(says_what_went_wrong),
        TEST(an_empty_answer_has_no_members),
        TEST(deletes_by_position),
        TEST(hides_and_asks),
        TEST(uses_amazons_url_once_it_is_known),
        TEST(corrects_its_clock),
        TEST(blames_the_clock_only_when_it_is_wrong),
        TEST(says_by_how_much_the_clock_is_wrong),
        TEST(tries_again_once_only),
        TEST(a_refusal_is_not_blamed_on_a_small_offset),
        TEST(endpoints),
        TEST(cancels_and_frees),
        TEST(a_callback_may_end_the_client),
    };
    return cmocka_run_group_tests_name("sqs", tests, NULL, NULL);
}
