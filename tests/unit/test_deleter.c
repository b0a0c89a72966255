/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../../src/receive/deleter.h"
#include "aws/credentials.h"
#include "base/clock.h"
#include "base/memory.h"
#include "ear.h"
#include "fake_clock.h"
#include "fake_loop.h"
#include "parts.h"
#include "receive/receiver.h"
#include "scripted_http.h"

#define ARN "arn:aws:sqs:eu-west-1:444455556666:amazon-orders"

#define OK(id) "{\"Id\":\"" id "\"}"
#define ALL_DELETED                                                                                \
    "{\"Successful\":[" OK("0") "," OK("1") "," OK("2") "," OK("3") "," OK("4") "," OK(            \
        "5") "," OK("6") "," OK("7") "," OK("8") "," OK("9") "]}"
#define FAILED(id, fault) "{\"Id\":\"" id "\",\"Code\":\"Word" id "\",\"SenderFault\":" fault "}"

/* Calls at the same time, tries of one entry: as the deleter's own limits say. */
#define CALLS 32
#define TRIES 5

struct world {
    sd_event *event;
    struct http *http;
    struct aws_credentials credentials;
    struct sqs *sqs;
    struct deleter *deleter;
    struct queue_tally tally;
    unsigned added;
    unsigned changes; /* between works and fails */
    bool lost;        /* the store is not where the next start finds it */
};

static void on_changed(void *userdata)
{
    struct world *w = userdata;
    w->changes++;
}

static bool in_place(void *userdata)
{
    struct world *w = userdata;
    return !w->lost;
}

static int setup(void **state)
{
    struct world *w = NEW(struct world);
    ear_close();
    assert_int_equal(sd_event_new(&w->event), 0);
    assert_int_equal(http_new(&w->http, w->event), 0);
    w->credentials.access_key_id = memory_string("AKIAEXAMPLE");
    secret_set(&w->credentials.secret_access_key, "key", 3);
    struct sqs_options options = {
        .name = "orders-eu",
        .arn = ARN,
        .endpoint = "https://sqs.example",
        .credentials = &w->credentials,
    };
    assert_int_equal(sqs_new(&w->sqs, w->http, &options), 0);
    assert_int_equal(deleter_new(&w->deleter, w->event, w->sqs, "orders-eu", &w->tally,
                                 &(struct deleter_hooks){in_place, on_changed, w}),
                     0);
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;
    ear_close();
    deleter_free(w->deleter);
    sqs_free(w->sqs);
    http_free(w->http);
    sd_event_unref(w->event);
    aws_credentials_clear(&w->credentials);
    free(w);
    return 0;
}

/* Receipts "<0>", "<1>", ... */
static void add(struct world *w, unsigned count)
{
    char receipt[24];
    for (unsigned i = 0; i < count; i++) {
        snprintf(receipt, sizeof(receipt), "<%u>", w->added++);
        deleter_add(w->deleter, receipt);
    }
    fake_loop_rest(w->event);
}

static void assert_entries(const struct world *w, size_t request, unsigned count)
{
    assert_part(scripted_request(w->http, request), "X-Amz-Target: AmazonSQS.DeleteMessageBatch");
    assert_int_equal(count_parts(scripted_request(w->http, request), "ReceiptHandle\":"), count);
}

static void succeed_from_now_on(struct world *w)
{
    scripted_rule(w->http, .times = -1, .body = ALL_DELETED);
}

static void ten_go_at_once(void **state)
{
    struct world *w = *state;
    succeed_from_now_on(w);
    add(w, 9);
    assert_int_equal(scripted_request_count(w->http), 0);
    assert_false(deleter_idle(w->deleter));
    add(w, 1);
    assert_int_equal(scripted_request_count(w->http), 1);
    assert_entries(w, 0, 10);
    assert_true(deleter_idle(w->deleter));
}

static void fewer_wait_for_a_second(void **state)
{
    struct world *w = *state;
    succeed_from_now_on(w);
    add(w, 1);
    fake_loop_run(w->event, USEC_PER_SEC - 1);
    add(w, 2);
    assert_int_equal(scripted_request_count(w->http), 0);
    fake_loop_run(w->event, 1);
    assert_int_equal(scripted_request_count(w->http), 1);
    assert_entries(w, 0, 3);
    assert_true(deleter_idle(w->deleter));
    fake_loop_run(w->event, USEC_PER_MIN);
    assert_int_equal(scripted_request_count(w->http), 1);
}

static void full_batches_leave_the_rest_waiting(void **state)
{
    struct world *w = *state;
    succeed_from_now_on(w);
    add(w, 25);
    assert_int_equal(scripted_request_count(w->http), 2);
    fake_loop_run(w->event, USEC_PER_SEC);
    assert_int_equal(scripted_request_count(w->http), 3);
    assert_entries(w, 2, 5);
    assert_part(scripted_request(w->http, 0), "\"<0>\"");
    assert_part(scripted_request(w->http, 2), "\"<24>\"");
}

static void who_hurries_waits_for_nothing(void **state)
{
    struct world *w = *state;
    succeed_from_now_on(w);
    add(w, 3);
    deleter_hurry(w->deleter);
    assert_int_equal(scripted_request_count(w->http), 1);
    add(w, 1);
    assert_int_equal(scripted_request_count(w->http), 2);
    assert_entries(w, 1, 1);
    assert_true(deleter_idle(w->deleter));
}

static void what_failed_is_tried_again(void **state)
{
    struct world *w = *state;
    scripted_rule(w->http,
                  .body = "{\"Successful\":[" OK("0") "],\"Failed\":[" FAILED("1", "false") "]}");
    succeed_from_now_on(w);
    ear_open();
    add(w, 3); /* "2" is in neither list */
    fake_loop_run(w->event, USEC_PER_SEC);
    assert_int_equal(scripted_request_count(w->http), 1);
    fake_loop_run(w->event, USEC_PER_SEC);
    assert_int_equal(scripted_request_count(w->http), 2);
    assert_entries(w, 1, 2);
    assert_no_part(scripted_request(w->http, 1), "<0>");
    assert_true(deleter_idle(w->deleter));
    AUTOFREE char *said = ear_heard();
    assert_string_equal(said, "");
}

static void what_sqs_refuses_is_given_up_and_told_once(void **state)
{
    struct world *w = *state;
    scripted_rule(w->http, .times = 2,
                  .body = "{\"Successful\":[" OK("0") "],\"Failed\":[" FAILED("1", "true") "]}");
    succeed_from_now_on(w);
    ear_open();
    add(w, 2);
    fake_loop_run(w->event, USEC_PER_SEC);
    add(w, 2);
    fake_loop_run(w->event, USEC_PER_SEC);
    assert_true(deleter_idle(w->deleter));
    assert_int_equal(scripted_request_count(w->http), 2);
    assert_int_equal(w->tally.deletes_failed, 2);
    AUTOFREE char *said = ear_heard();
    assert_int_equal(count_parts(said, "\n"), 1);
    assert_part(said, "warning: queue orders-eu: 1 message could not be deleted from SQS: SQS "
                      "refused to delete them: Word1.");
}

static void told_again_after_it_worked(void **state)
{
    struct world *w = *state;
    scripted_rule(w->http, .body = "{\"Failed\":[" FAILED("0", "true") "]}");
    scripted_rule(w->http, .body = ALL_DELETED);
    scripted_rule(w->http, .body = "{\"Failed\":[" FAILED("0", "true") "]}");
    ear_open();
    for (int i = 0; i < 3; i++) {
        add(w, 1);
        fake_loop_run(w->event, USEC_PER_SEC);
    }
    AUTOFREE char *said = ear_heard();
    assert_int_equal(count_parts(said, "could not be deleted"), 2);
    assert_int_equal(count_parts(said, "can be deleted from SQS again"), 1);
    assert_int_equal(w->changes, 3);
}

static void an_entry_is_given_up_after_five_tries(void **state)
{
    struct world *w = *state;
    scripted_rule(w->http, .times = -1, .body = "{\"Failed\":[" FAILED("0", "false") "]}");
    ear_open();
    add(w, 1);
    fake_loop_run(w->event, USEC_PER_HOUR);
    assert_true(deleter_idle(w->deleter));
    assert_int_equal(scripted_request_count(w->http), TRIES);
    assert_int_equal(w->tally.deletes_failed, 1);
    AUTOFREE char *said = ear_heard();
    assert_int_equal(count_parts(said, "1 message could not be deleted"), 1);
}

/* Where every answer fails, calls get rarer: 0.2, 0.4, 0.8, 1.6 seconds. */
static void a_whole_call_that_failed_is_repeated_later(void **state)
{
    struct world *w = *state;
    scripted_rule(w->http, .fail = ERROR_RESET);
    scripted_rule(w->http, .status = 503);
    scripted_rule(w->http, .body = "no answer of SQS");
    scripted_rule(w->http, .status = 500);
    succeed_from_now_on(w);
    deleter_hurry(w->deleter);
    uint64_t before = fake_boot_usec;
    add(w, 1);
    assert_int_equal(scripted_request_count(w->http), 1);
    while (!deleter_idle(w->deleter)) {
        fake_clock_advance(fake_loop_next());
        fake_loop_rest(w->event);
    }
    assert_int_equal(scripted_request_count(w->http), TRIES);
    assert_in_range(fake_boot_usec - before, 3000000, 3300000);
    for (size_t i = 0; i < TRIES; i++)
        assert_part(scripted_request(w->http, i), "\"<0>\"");
}

static void a_lasting_failure_is_told_with_its_reason(void **state)
{
    struct world *w = *state;
    scripted_rule(w->http, .times = -1, .status = 403,
                  .body = "{\"__type\":\"com.amazonaws.sqs#AccessDenied\",\"message\":\"no\"}");
    ear_open();
    add(w, 10);
    fake_loop_run(w->event, USEC_PER_HOUR);
    assert_true(deleter_idle(w->deleter));
    AUTOFREE char *said = ear_heard();
    assert_int_equal(count_parts(said, "10 messages could not be deleted"), 1);
    assert_part(said, "DeleteMessageBatch: AccessDenied: no");
}

/* Nobody has to wait for the last try to hear of it. */
static void the_second_failure_is_reported(void **state)
{
    struct world *w = *state;
    scripted_rule(w->http, .times = 2, .status = 503);
    succeed_from_now_on(w);
    ear_open();
    deleter_hurry(w->deleter);
    add(w, 1);
    assert_null(deleter_trouble(w->deleter));
    assert_int_equal(scripted_request_count(w->http), 1);
    fake_loop_run(w->event, USEC_PER_SEC / 4);
    assert_int_equal(scripted_request_count(w->http), 2);
    assert_part(deleter_trouble(w->deleter), "status 503");
    fake_loop_run(w->event, USEC_PER_SEC);
    assert_null(deleter_trouble(w->deleter));
    AUTOFREE char *said = ear_heard();
    assert_int_equal(count_parts(said, "\n"), 2);
    assert_part(said, "1 message could not be deleted from SQS");
    assert_part(said, "can be deleted from SQS again");
    assert_int_equal(w->changes, 2);
}

static void so_many_calls_at_once(void **state)
{
    struct world *w = *state;
    add(w, 10 * CALLS + 15);
    assert_int_equal(http_in_flight(w->http), CALLS);
    scripted_answer(w->http, &(struct scripted_rule){.body = ALL_DELETED});
    fake_loop_rest(w->event);
    assert_int_equal(scripted_request_count(w->http), CALLS + 1);
    assert_int_equal(http_in_flight(w->http), CALLS);
}

static void more_than_it_can_remember_is_let_go(void **state)
{
    struct world *w = *state;
    add(w, 10 * CALLS + RECEIVER_DELETES_MAX + 7);
    succeed_from_now_on(w);
    for (unsigned i = 0; i < CALLS; i++)
        scripted_answer(w->http, &(struct scripted_rule){.body = ALL_DELETED});
    fake_loop_run(w->event, USEC_PER_SEC);
    assert_true(deleter_idle(w->deleter));
    unsigned entries = 0;
    for (size_t i = 0; i < scripted_request_count(w->http); i++)
        entries += count_parts(scripted_request(w->http, i), "ReceiptHandle\":");
    assert_int_equal(entries, 10 * CALLS + RECEIVER_DELETES_MAX);
}

/* The notifications that were stored would be gone with the process. */
static void nothing_is_deleted_without_the_store(void **state)
{
    struct world *w = *state;
    succeed_from_now_on(w);
    add(w, 9);
    w->lost = true;
    add(w, 30);
    fake_loop_run(w->event, USEC_PER_MIN);
    assert_int_equal(scripted_request_count(w->http), 0);
    assert_true(deleter_idle(w->deleter));
}

static void ends_with_calls_under_way(void **state)
{
    struct world *w = *state;
    add(w, 25);
    deleter_free(TAKE(w->deleter));
    assert_int_equal(http_in_flight(w->http), 0);
    fake_loop_run(w->event, USEC_PER_HOUR);
}

#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_WORLD(ten_go_at_once),
        IN_WORLD(fewer_wait_for_a_second),
        IN_WORLD(full_batches_leave_the_rest_waiting),
        IN_WORLD(who_hurries_waits_for_nothing),
        IN_WORLD(what_failed_is_tried_again),
        IN_WORLD(what_sqs_refuses_is_given_up_and_told_once),
        IN_WORLD(told_again_after_it_worked),
        IN_WORLD(an_entry_is_given_up_after_five_tries),
        IN_WORLD(a_whole_call_that_failed_is_repeated_later),
        IN_WORLD(a_lasting_failure_is_told_with_its_reason),
        IN_WORLD(the_second_failure_is_reported),
        IN_WORLD(so_many_calls_at_once),
        IN_WORLD(more_than_it_can_remember_is_let_go),
        IN_WORLD(nothing_is_deleted_without_the_store),
        IN_WORLD(ends_with_calls_under_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
