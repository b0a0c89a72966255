/* SPDX-License-Identifier: MIT */
/* How the receiver polls; what becomes of a message is in test_intake.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/memory.h"
#include "receiving.h"

#define REFUSED "{\"__type\":\"com.amazonaws.sqs#AccessDenied\",\"message\":\"no\"}"

static size_t polls(const struct receiving *r)
{
    return receiving_calls(r, "ReceiveMessage");
}

static void starts_with_one_poll(void **state)
{
    struct receiving *r = *state;
    receiving_start(r);
    assert_int_equal(receiving_calls(r, "GetQueueUrl"), 1);
    assert_int_equal(receiving_calls(r, "GetQueueAttributes"), 1);
    assert_int_equal(receiving_open(r), 1);
    const char *poll = receiving_call(r, "ReceiveMessage");
    assert_part(poll, "\"QueueUrl\":\"https://sqs.example/444455556666/amazon-orders\"");
    assert_part(poll, "\"MaxNumberOfMessages\":10,\"WaitTimeSeconds\":0,\"VisibilityTimeout\":60");
    /* Attributes can be read where KMS denies the messages. */
    assert_int_equal(r->answered, 0);
    assert_string_equal(workshop_fact(&r->shop, "queue", "orders-eu", "depth"), "7");
    receiving_answer_new(r, 1);
    assert_int_equal(r->answered, 1);
}

/* The policy may deny both; receiving tells what matters. */
static void starts_without_url_and_attributes(void **state)
{
    struct receiving *r = *state;
    http_free(r->shop.http);
    assert_int_equal(http_new(&r->shop.http, r->shop.event), 0);
    r->options.http = r->shop.http;
    scripted_rule(r->shop.http, .expect = ".GetQueue", .times = 2, .status = 403, .body = REFUSED);
    receiving_start(r);
    assert_int_equal(receiving_open(r), 1);
    assert_int_equal(r->answered, 0);
    assert_part(receiving_call(r, "ReceiveMessage"), "https://sqs.example/444455556666/");
    receiving_answer_new(r, 0);
    assert_int_equal(r->answered, 1);
}

static void polls_more_while_answers_are_full(void **state)
{
    struct receiving *r = *state;
    static const struct {
        unsigned messages;
        size_t open;
    } steps[] = {{10, 2}, {10, 3}, {10, 4}, {10, 4}, {9, 3}, {10, 4}, {1, 3}, {0, 2}};
    receiving_start(r);
    for (size_t i = 0; i < ELEMENTS(steps); i++) {
        receiving_answer_new(r, steps[i].messages);
        assert_int_equal(receiving_open(r), steps[i].open);
    }
    /* An empty answer: those that are open end by themselves, and one goes on. */
    receiving_answer_new(r, 0);
    assert_int_equal(receiving_open(r), 1);
    receiving_answer_new(r, 0);
    assert_int_equal(receiving_open(r), 1);
}

/* Polls go on now and then, and at once when there is room for what they bring. */
static void polls_rarely_when_webhooks_cannot_follow(void **state)
{
    struct receiving *r = *state;
    receiving_start(r);
    receiving_answer_new(r, 10);
    receiving_answer_new(r, 10);
    assert_int_equal(receiving_open(r), 3);
    r->room.wanted = 0;
    for (size_t left = 3; left-- > 0;) {
        receiving_answer_new(r, 10);
        assert_int_equal(receiving_open(r), left);
    }
    receiving_run(r, RECEIVER_BUSY_PAUSE_USEC / 2);
    assert_int_equal(receiving_open(r), 0);
    receiving_run(r, RECEIVER_BUSY_PAUSE_USEC);
    assert_int_equal(receiving_open(r), 1);
    receiving_answer_new(r, 10);
    assert_int_equal(receiving_open(r), 0);
    r->room.wanted = SIZE_MAX;
    receiver_poke(r->receiver);
    assert_int_equal(receiving_open(r), 3);
}

static void polls_for_as_much_as_is_wanted(void **state)
{
    struct receiving *r = *state;
    receiving_start(r);
    receiving_answer_new(r, 10);
    receiving_answer_new(r, 10);
    assert_int_equal(receiving_open(r), 3);
    r->room.wanted = 1;
    receiving_answer_new(r, 10);
    receiving_answer_new(r, 10);
    receiving_answer_new(r, 10);
    assert_int_equal(receiving_open(r), 1);
    r->room.wanted = 2 * SQS_BATCH_MAX;
    receiving_answer_new(r, 10);
    assert_int_equal(receiving_open(r), 2);
}

static void damaged_messages_count_as_received(void **state)
{
    struct receiving *r = *state;
    receiving_start(r);
    ear_open();
    receiving_fail(r, .body = "{\"Messages\":[{\"MessageId\":\"m\",\"ReceiptHandle\":\"r\","
                              "\"Body\":\"x\",\"MD5OfBody\":\"00\"}]}");
    AUTOFREE char *said = ear_heard();
    assert_part(said, "queue orders-eu: 1 message arrived damaged");
    assert_int_equal(workshop_counter(&r->shop, "received"), 0);
    receiving_run(r, USEC_PER_MIN);
    assert_int_equal(receiving_calls(r, "DeleteMessageBatch"), 0);
}

/* An answer with damaged ones in it is as full as it was. */
static void damaged_messages_make_an_answer_full(void **state)
{
    struct receiving *r = *state;
    AUTOTEXT struct text answer = {0};
    receiving_start(r);
    text_append_string(&answer, "{\"Messages\":[{}");
    for (int i = 1; i < SQS_BATCH_MAX; i++)
        text_append_string(&answer, ",{}");
    text_append_string(&answer, "]}");
    receiving_fail(r, .body = answer.data);
    assert_int_equal(receiving_open(r), 2);
}

/* ---- room ---- */

static void asks_for_what_there_is_room_for(void **state)
{
    struct receiving *r = *state;
    r->room.mean = 1024 * 1024;
    r->room.held = ROOM_BYTES_MAX - 3 * r->room.mean;
    receiving_start(r);
    assert_part(receiving_call(r, "ReceiveMessage"), "\"MaxNumberOfMessages\":3,");
    assert_int_equal(r->room.expected, 3 * r->room.mean);
    receiving_fail(r, .body = "{}");
    assert_int_equal(r->room.expected, 3 * r->room.mean);
    receiver_free(TAKE(r->receiver));
}

/* Whatever other queues hold: nobody would tell this one that they are done. */
static void every_queue_has_a_poll_for_one(void **state)
{
    struct receiving *r = *state;
    r->room.held = ROOM_BYTES_MAX;
    receiving_start(r);
    assert_int_equal(receiving_open(r), 1);
    assert_part(receiving_call(r, "ReceiveMessage"), "\"MaxNumberOfMessages\":1,");
    receiving_answer_new(r, 1);
    assert_int_equal(receiving_open(r), 1);
    r->room.held = 0;
    receiving_answer_new(r, 1);
    assert_part(receiving_call(r, "ReceiveMessage"), "\"MaxNumberOfMessages\":10,");
}

static void what_is_committed_is_not_held(void **state)
{
    struct receiving *r = *state;
    receiving_start(r);
    receiving_answer_new(r, 10);
    assert_int_equal(r->room.held, 0);
    assert_int_equal(r->room.expected, 2 * 10 * r->room.mean);
}

static void a_closed_room_ends_polling_until_it_opens(void **state)
{
    struct receiving *r = *state;
    receiving_start(r);
    r->room.closed = true;
    receiving_answer_new(r, 10);
    receiving_run(r, USEC_PER_HOUR);
    assert_int_equal(receiving_open(r), 0);
    r->room.closed = false;
    r->room.full = true;
    receiver_poke(r->receiver);
    assert_int_equal(receiving_open(r), 0);
    r->room.full = false;
    receiver_poke(r->receiver);
    assert_true(receiving_open(r) > 0);
}

/* ---- commit and delete ---- */

static void deletes_only_what_is_committed(void **state)
{
    struct receiving *r = *state;
    receiving_start(r);
    r->claim_result = STORE_FULL;
    receiving_answer_new(r, 10);
    receiving_run(r, TURN_FULL_PAUSE_USEC / 2);
    assert_int_equal(receiving_calls(r, "DeleteMessageBatch"), 0);
    assert_int_equal(r->room.held, 0);
    assert_int_equal(workshop_counter(&r->shop, "received"), 0);
    r->claim_result = 0;
    receiving_run(r, TURN_FULL_PAUSE_USEC);
    receiving_answer_new(r, 10);
    assert_int_equal(receiving_calls(r, "DeleteMessageBatch"), 1);
    assert_part(receiving_call(r, "DeleteMessageBatch"), "receipt-10.");
    assert_no_part(receiving_call(r, "DeleteMessageBatch"), "receipt-0.");
    assert_int_equal(workshop_counter(&r->shop, "received"), 10);
}

/* ---- failures ---- */

static void assert_next_poll_in(struct receiving *r, uint64_t usec)
{
    size_t before = polls(r);
    receiving_run(r, usec - 1);
    assert_int_equal(polls(r), before);
    receiving_run(r, usec / 10 + 1);
    assert_int_equal(polls(r), before + 1);
}

static void hiccups_pause_for_longer_and_longer(void **state)
{
    struct receiving *r = *state;
    receiving_start(r);
    ear_open();
    uint64_t wait = USEC_PER_SEC / 2;
    for (int i = 0; i < 8; i++) {
        receiving_fail(r, .status = 503);
        assert_next_poll_in(r, wait);
        wait = wait * 2 < 20 * USEC_PER_SEC ? wait * 2 : 20 * USEC_PER_SEC;
    }
    receiving_answer_new(r, 0);
    AUTOFREE char *said = ear_heard();
    assert_int_equal(count_parts(said, "cannot be read"), 1);
    assert_part(said, "queue orders-eu cannot be read: ReceiveMessage: status 503");
    assert_int_equal(count_parts(said, "can be read again after"), 1);
    assert_part(said, "8 failed calls");
    receiving_fail(r, .status = 503);
    assert_next_poll_in(r, USEC_PER_SEC / 2);
}

static void what_somebody_must_change_pauses_for_long(void **state)
{
    struct receiving *r = *state;
    receiving_start(r);
    uint64_t wait = 10 * USEC_PER_SEC;
    for (int i = 0; i < 5; i++) {
        receiving_fail(r, .status = 403, .body = REFUSED);
        assert_next_poll_in(r, wait);
        wait = wait * 2 < USEC_PER_MIN ? wait * 2 : USEC_PER_MIN;
    }
}

/* An idle queue that works is not taken for a broken one until a long poll ends. */
static void polls_are_short_until_one_is_answered(void **state)
{
    struct receiving *r = *state;
    receiving_start(r);
    assert_part(receiving_call(r, "ReceiveMessage"), "\"WaitTimeSeconds\":0,");
    receiving_answer_new(r, 0);
    assert_part(receiving_call(r, "ReceiveMessage"), "\"WaitTimeSeconds\":20,");
    receiving_fail(r, .status = 503);
    assert_next_poll_in(r, USEC_PER_SEC / 2);
    assert_part(receiving_call(r, "ReceiveMessage"), "\"WaitTimeSeconds\":0,");
    receiving_answer_new(r, 0);
    assert_part(receiving_call(r, "ReceiveMessage"), "\"WaitTimeSeconds\":20,");
}

static void another_failure_is_another_event(void **state)
{
    struct receiving *r = *state;
    receiving_start(r);
    ear_open();
    for (int i = 0; i < 3; i++) {
        receiving_fail(r, .status = 503);
        receiving_run(r, USEC_PER_MIN);
    }
    receiving_fail(r, .status = 403, .body = REFUSED);
    receiving_run(r, 2 * USEC_PER_MIN);
    receiving_fail(r, .fail = ERROR_DNS);
    AUTOFREE char *said = ear_heard();
    assert_int_equal(count_parts(said, "cannot be read"), 3);
    assert_part(said, "AccessDenied: no");
    assert_part(said, "scripted dns");
}

/* All polls are open when the line goes down: that is one failure and not many. */
static void polls_that_fail_together_pause_once(void **state)
{
    struct receiving *r = *state;
    receiving_start(r);
    for (int i = 0; i < 3; i++)
        receiving_answer_new(r, 10);
    assert_int_equal(receiving_open(r), 4);
    ear_open();
    for (int i = 0; i < 4; i++)
        receiving_fail(r, .fail = ERROR_RESET);
    AUTOFREE char *said = ear_heard();
    assert_int_equal(count_parts(said, "cannot be read"), 1);
    assert_next_poll_in(r, USEC_PER_SEC / 2);
    assert_int_equal(receiving_open(r), 1);
}

static void a_retry_after_is_obeyed(void **state)
{
    struct receiving *r = *state;
    receiving_start(r);
    receiving_fail(r, .status = 503, .retry_after = "100");
    size_t before = polls(r);
    receiving_run(r, 100 * USEC_PER_SEC - 1);
    assert_int_equal(polls(r), before);
    receiving_run(r, 1);
    assert_int_equal(polls(r), before + 1);
}

static void silence_is_told_once(void **state)
{
    struct receiving *r = *state;
    receiving_start(r);
    ear_open();
    for (int i = 0; i < 4; i++) {
        receiving_run(r, 25 * USEC_PER_SEC);
        receiving_fail(r, .fail = ERROR_TIMEOUT);
        receiving_run(r, USEC_PER_MIN);
    }
    AUTOFREE char *said = ear_heard();
    assert_int_equal(count_parts(said, "has not answered any call for 25s"), 1);
    assert_int_equal(count_parts(said, "\n"), 1);
    ear_open();
    receiving_answer_new(r, 0);
    receiving_run(r, 25 * USEC_PER_SEC);
    receiving_fail(r, .fail = ERROR_TIMEOUT);
    AUTOFREE char *later = ear_heard();
    assert_int_equal(count_parts(later, "has not answered"), 1);
}

static void learns_amazons_clock(void **state)
{
    struct receiving *r = *state;
    receiving_start(r);
    receiving_fail(r, .body = "{}", .date_usec = fake_now_usec + 10 * USEC_PER_SEC);
    assert_int_equal(r->offset_usec, 10 * USEC_PER_SEC + USEC_PER_SEC / 2);
}

static void status_shows_the_last_error_until_it_works(void **state)
{
    struct receiving *r = *state;
    receiving_start(r);
    receiving_fail(r, .status = 503);
    assert_part(workshop_fact(&r->shop, "queue", "orders-eu", "last_error"), "status 503");
    receiving_run(r, USEC_PER_SEC);
    receiving_answer_new(r, 1);
    assert_null(workshop_fact(&r->shop, "queue", "orders-eu", "last_error"));
    char now[CLOCK_TEXT_MAX];
    clock_rfc3339(now, fake_now_usec);
    assert_string_equal(workshop_fact(&r->shop, "queue", "orders-eu", "last_receive"), now);
}

/* ---- stopping ---- */

static void stopping_lets_polls_end_for_two_seconds(void **state)
{
    struct receiving *r = *state;
    receiving_start(r);
    for (int i = 0; i < 3; i++)
        receiving_answer_new(r, 10);
    assert_int_equal(receiving_open(r), 4);
    receiver_stop(r->receiver);
    receiver_stop(r->receiver);
    receiving_answer_new(r, 3);
    assert_int_equal(receiving_open(r), 3);
    /* What came is stored and deleted, at once. */
    assert_part(receiving_call(r, "DeleteMessageBatch"), "receipt-32.");
    assert_false(receiver_idle(r->receiver));
    /* Neither a full answer nor a poll that fails meanwhile makes it longer. */
    receiving_answer_new(r, 10);
    receiving_fail(r, .status = 403, .body = REFUSED);
    receiving_run(r, RECEIVER_STOP_GRACE_USEC - 1);
    assert_false(receiver_idle(r->receiver));
    receiving_run(r, 1);
    assert_true(receiver_idle(r->receiver));
    assert_int_equal(receiver_abandoned(r->receiver), 1);
    assert_int_equal(r->room.held + r->room.expected, 0);
    receiving_run(r, USEC_PER_HOUR);
    assert_int_equal(receiving_open(r), 0);
}

static void receipts_do_not_wait_when_it_stops(void **state)
{
    struct receiving *r = *state;
    receiving_start(r);
    receiving_answer_new(r, 2);
    assert_int_equal(receiving_calls(r, "DeleteMessageBatch"), 0);
    receiver_stop(r->receiver);
    assert_int_equal(receiving_calls(r, "DeleteMessageBatch"), 1);
}

static void ends_in_the_middle_of_everything(void **state)
{
    struct receiving *r = *state;
    receiving_start(r);
    receiving_answer_new(r, 2);
    receiver_free(TAKE(r->receiver));
    assert_int_equal(http_in_flight(r->shop.http), 0);
    receiving_run(r, USEC_PER_HOUR);
    assert_int_equal(receiving_calls(r, "DeleteMessageBatch"), 0);
}

static void knows_what_is_overdue(void **state)
{
    struct receiving *r = *state;
    receiving_start(r);
    receiving_answer_new(r, 0);
    receiving_run(r, 20 * USEC_PER_SEC + RECEIVER_POLL_GRACE_USEC);
    assert_int_equal(receiver_overdue_usec(r->receiver), 0);
    receiving_run(r, 9);
    assert_int_equal(receiver_overdue_usec(r->receiver), 9);
    receiving_answer_new(r, 0);
    assert_int_equal(receiver_overdue_usec(r->receiver), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_RECEIVING(starts_with_one_poll),
        IN_RECEIVING(starts_without_url_and_attributes),
        IN_RECEIVING(polls_more_while_answers_are_full),
        IN_RECEIVING(polls_rarely_when_webhooks_cannot_follow),
        IN_RECEIVING(polls_for_as_much_as_is_wanted),
        IN_RECEIVING(damaged_messages_count_as_received),
        IN_RECEIVING(damaged_messages_make_an_answer_full),
        IN_RECEIVING(asks_for_what_there_is_room_for),
        IN_RECEIVING(every_queue_has_a_poll_for_one),
        IN_RECEIVING(what_is_committed_is_not_held),
        IN_RECEIVING(a_closed_room_ends_polling_until_it_opens),
        IN_RECEIVING(deletes_only_what_is_committed),
        IN_RECEIVING(hiccups_pause_for_longer_and_longer),
        IN_RECEIVING(what_somebody_must_change_pauses_for_long),
        IN_RECEIVING(polls_are_short_until_one_is_answered),
        IN_RECEIVING(another_failure_is_another_event),
        IN_RECEIVING(polls_that_fail_together_pause_once),
        IN_RECEIVING(a_retry_after_is_obeyed),
        IN_RECEIVING(silence_is_told_once),
        IN_RECEIVING(learns_amazons_clock),
        IN_RECEIVING(status_shows_the_last_error_until_it_works),
        IN_RECEIVING(stopping_lets_polls_end_for_two_seconds),
        IN_RECEIVING(receipts_do_not_wait_when_it_stops),
        IN_RECEIVING(ends_in_the_middle_of_everything),
        IN_RECEIVING(knows_what_is_overdue),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
