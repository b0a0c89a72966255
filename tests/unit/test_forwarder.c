/* SPDX-License-Identifier: MIT */
/* How the forwarder claims, sends, keeps its limits and stops; what answers mean is in
 * test_verdict.c. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "deliver/ramp.h"
#include "forwarding.h"

#define SETTLED TURN_SETTLE_DELAY_USEC

static uint64_t count(struct forwarding *f, enum delivery_state state)
{
    return workshop_count(&f->shop, state);
}

static size_t requests(const struct forwarding *f)
{
    return scripted_request_count(f->shop.http);
}

static void sends_and_settles(void **state)
{
    struct forwarding *f = *state;
    scripted_rule(f->shop.http, .expect = "POST https://wms.example/hook\n", .status = 204);
    AUTOFREE char *now = memory_format("%llu", (unsigned long long)(fake_now_usec / USEC_PER_SEC));
    int64_t delivery = forwarding_accept(f, "n-1", "408-1");
    forwarding_run(f, SETTLED);
    assert_string_equal(forwarding_body(f, 0), "{\"data\":{\"notification\":{\"of\":\"n-1\"}}}");
    assert_string_equal(forwarding_header(f, 0, "webhook-id"), "n-1");
    assert_string_equal(forwarding_header(f, 0, "dockbell-seller"), "acme");
    assert_string_equal(forwarding_header(f, 0, "dockbell-type"), "ORDER_CHANGE");
    assert_string_equal(forwarding_header(f, 0, "dockbell-order"), "408-1");
    assert_string_equal(forwarding_header(f, 0, "dockbell-attempt"), "1");
    assert_string_equal(forwarding_header(f, 0, "webhook-timestamp"), now);
    assert_part(forwarding_header(f, 0, "webhook-signature"), "v1,");
    struct http_request limits = scripted_limits(f->shop.http, 0);
    assert_int_equal(limits.timeout_ms, 20000);
    assert_int_equal(limits.answer_limit, STORE_ANSWER_MAX);
    assert_true(limits.answer_cut);
    assert_true(limits.body_optional);
    struct list_row row = workshop_row(&f->shop, delivery);
    assert_int_equal(row.state, DELIVERY_DELIVERED);
    assert_int_equal(row.attempts, 1);
    assert_int_equal(forwarder_in_flight(f->forwarder) + forwarder_waiting(f->forwarder), 0);
}

/* Each delivery goes as what it was accepted as, whatever the webhook's is by now. */
static void sends_the_format_of_the_delivery(void **state)
{
    static const char *const bodies[WEBHOOK_FORMATS] = {
        "{\"data\":{\"notification\":{\"of\":\"n-0\"}}}",
        "{\"of\":\"n-1\"}",
        "\"datacontenttype\":\"application/json\",\"data\":{\"notification\":{\"of\":\"n-2\"}}}",
    };
    struct forwarding *f = *state;
    scripted_rule(f->shop.http, .expect = "POST", .times = WEBHOOK_FORMATS, .status = 204);
    for (unsigned i = 0; i < WEBHOOK_FORMATS; i++) {
        AUTOFREE char *id = memory_format("n-%u", i);
        f->shop.format = (enum webhook_format)i;
        forwarding_accept(f, id, NULL);
        forwarding_run(f, SETTLED);
    }
    assert_int_equal(count(f, DELIVERY_DELIVERED), WEBHOOK_FORMATS);
    for (unsigned i = 0; i < WEBHOOK_FORMATS; i++) {
        const char *body = forwarding_body(f, i), *end = strstr(body, bodies[i]);
        assert_string_equal(forwarding_header(f, i, "content-type"),
                            webhook_format_media_type((enum webhook_format)i));
        if (!end || strcmp(end, bodies[i]) != 0 || (end != body) != (i == WEBHOOK_CLOUDEVENTS))
            fail_msg("%s", body);
    }
}

/* What is in flight is on disk before the first byte leaves. */
static void claims_before_it_sends(void **state)
{
    struct forwarding *f = *state;
    int64_t delivery = forwarding_accept(f, "n-1", NULL);
    forwarding_rest(f);
    assert_int_equal(requests(f), 1);
    assert_int_equal(workshop_row(&f->shop, delivery).state, DELIVERY_INFLIGHT);
    assert_int_equal(forwarder_in_flight(f->forwarder), 1);
}

static const char *id_of(struct forwarding *f, size_t n)
{
    return forwarding_header(f, n, "webhook-id");
}

static void every_attempt_has_the_same_id_and_bytes(void **state)
{
    struct forwarding *f = *state;
    scripted_rule(f->shop.http, .status = 500);
    scripted_rule(f->shop.http, .fail = ERROR_TIMEOUT);
    scripted_rule(f->shop.http, .status = 400);
    scripted_rule(f->shop.http, .status = 200);
    forwarding_accept(f, "n/1", "408-1");
    forwarding_run_to(f, 4);
    AUTOFREE char *id = memory_string(id_of(f, 0));
    assert_part(id, "sha256-");
    uint64_t sequence = 0, time = 0;
    for (size_t i = 0; i < 4; i++) {
        uint64_t number;
        assert_string_equal(id_of(f, i), id);
        assert_string_equal(forwarding_body(f, i), forwarding_body(f, 0));
        assert_int_equal(text_to_u64(forwarding_header(f, i, "dockbell-attempt"), &number), 0);
        assert_int_equal(number, i + 1);
        assert_int_equal(text_to_u64(forwarding_header(f, i, "dockbell-sequence"), &number), 0);
        assert_true(number > sequence);
        sequence = number;
        assert_int_equal(text_to_u64(forwarding_header(f, i, "webhook-timestamp"), &number), 0);
        assert_true(number > time);
        time = number;
    }
}

static void one_of_an_order_at_a_time(void **state)
{
    struct forwarding *f = *state;
    forwarding_accept(f, "n-1", "408-1");
    fake_clock_advance(1);
    forwarding_accept(f, "n-2", "408-1");
    fake_clock_advance(1);
    forwarding_accept(f, "n-3", "408-2");
    forwarding_rest(f);
    assert_int_equal(requests(f), 2);
    assert_string_equal(id_of(f, 1), "n-3");
    forwarding_answer(f, .status = 200);
    forwarding_run(f, SETTLED);
    assert_int_equal(requests(f), 3);
    assert_string_equal(id_of(f, 2), "n-2");
}

/* ---- limits ---- */

static void answer_all(struct forwarding *f)
{
    for (size_t waiting = scripted_waiting(f->shop.http); waiting > 0; waiting--)
        forwarding_answer(f, .status = 200);
}

static void ramps_up_with_good_answers(void **state)
{
    struct forwarding *f = *state;
    forwarding_limits(f, 12, 20);
    forwarding_accept_many(f, "n", 100);
    forwarding_rest(f);
    assert_int_equal(forwarder_in_flight(f->forwarder), RAMP_START);
    for (unsigned i = 0; i < RAMP_START - 1; i++)
        forwarding_answer(f, .status = 200);
    assert_int_equal(forwarder_in_flight(f->forwarder), RAMP_START);
    forwarding_answer(f, .status = 200);
    assert_int_equal(forwarder_in_flight(f->forwarder), 2 * RAMP_START);
    for (int i = 0; i < 8; i++)
        forwarding_answer(f, .status = 200);
    assert_int_equal(forwarder_in_flight(f->forwarder), 12);
    forwarding_answer(f, .status = 500);
    assert_int_equal(forwarder_in_flight(f->forwarder), 11);
    for (int i = 0; i < 5; i++)
        forwarding_answer(f, .status = 200);
    assert_int_equal(forwarder_in_flight(f->forwarder), 6);
    forwarding_answer(f, .status = 200);
    assert_true(forwarder_in_flight(f->forwarder) > 6);
    while (scripted_waiting(f->shop.http))
        answer_all(f);
    forwarding_run(f, SETTLED);
    assert_int_equal(count(f, DELIVERY_DELIVERED), 99);
    forwarding_run_to(f, 101);
}

static void concurrency_of_one_is_one(void **state)
{
    struct forwarding *f = *state;
    forwarding_limits(f, 1, 20);
    forwarding_accept_many(f, "n", 5);
    forwarding_rest(f);
    for (unsigned i = 1; i <= 5; i++) {
        assert_int_equal(requests(f), i);
        assert_int_equal(forwarder_in_flight(f->forwarder), 1);
        forwarding_answer(f, .status = 200);
    }
    assert_int_equal(requests(f), 5);
}

static void a_slot_does_not_wait_for_a_commit(void **state)
{
    struct forwarding *f = *state;
    forwarding_accept_many(f, "n", 20);
    forwarding_rest(f);
    assert_true(forwarder_waiting(f->forwarder) >= RAMP_START);
    assert_true(count(f, DELIVERY_INFLIGHT) >= 2 * RAMP_START);
    f->claim_result = -EIO; /* no commit from now on */
    forwarding_answer(f, .status = 200);
    assert_int_equal(requests(f), RAMP_START + 1);
}

static void says_what_it_can_take_up(void **state)
{
    struct forwarding *f = *state;
    assert_int_equal(forwarder_spare(f->forwarder), 0); /* it has not looked yet */
    turn_request(f->shop.turn);
    forwarding_rest(f);
    assert_in_range(forwarder_spare(f->forwarder), RAMP_START, 2 * RAMP_START);
    assert_false(forwarder_is_provided(f->forwarder));
    forwarding_accept_many(f, "n", 2);
    forwarding_rest(f);
    assert_in_range(forwarder_spare(f->forwarder), 1, 2 * RAMP_START - 2);
    forwarding_accept_many(f, "m", 20);
    forwarding_rest(f);
    assert_int_equal(forwarder_spare(f->forwarder), 0);
    assert_false(forwarder_is_provided(f->forwarder));
}

/* It waits for the answer that makes room, and not by asking the store over and over. */
static void a_retry_that_is_due_while_all_slots_are_taken(void **state)
{
    struct forwarding *f = *state;
    forwarding_limits(f, 1, 20);
    scripted_rule(f->shop.http, .status = 500);
    forwarding_accept(f, "first", "408-1");
    forwarding_run(f, USEC_PER_SEC);
    forwarding_accept_many(f, "n", 2);
    forwarding_run(f, USEC_PER_MIN);
    assert_int_equal(requests(f), 2);
    forwarding_answer(f, .status = 200);
    forwarding_answer(f, .status = 200);
    assert_int_equal(requests(f), 4);
    assert_string_equal(id_of(f, 3), "first");
}

static void memory_holds_so_many_bytes(void **state)
{
    struct forwarding *f = *state;
    static char id[] = "large-0";
    for (int i = 0; i < 4; i++, id[6]++) {
        workshop_accept_sized(&f->shop, id, NULL, FORWARDER_BYTES_MAX / 2 + 1000);
        turn_request(f->shop.turn);
    }
    forwarding_rest(f);
    /* The one that does not fit any more waits on disk, and nobody asks for it over and over. */
    assert_true(requests(f) < 4);
    turn_request(f->shop.turn);
    forwarding_rest(f);
    for (size_t i = 0; i < 4; i++) {
        assert_true(requests(f) > i);
        forwarding_answer(f, .status = 200);
        forwarding_run(f, SETTLED);
    }
    assert_int_equal(count(f, DELIVERY_DELIVERED), 4);
}

static void one_delivery_always_fits(void **state)
{
    struct forwarding *f = *state;
    workshop_accept_sized(&f->shop, "huge", NULL, FORWARDER_BYTES_MAX + 1);
    turn_request(f->shop.turn);
    forwarding_rest(f);
    assert_int_equal(requests(f), 1);
}

/* ---- turns that fail ---- */

static void a_turn_that_fails_claims_nothing(void **state)
{
    struct forwarding *f = *state;
    int64_t delivery = forwarding_accept(f, "n-1", "408-1");
    f->claim_result = STORE_FULL;
    forwarding_rest(f);
    assert_int_equal(requests(f), 0);
    assert_int_equal(forwarder_waiting(f->forwarder), 0);
    assert_int_equal(workshop_row(&f->shop, delivery).state, DELIVERY_READY);
    f->claim_result = 0;
    forwarding_run(f, TURN_FULL_PAUSE_USEC - 1);
    assert_int_equal(requests(f), 0);
    forwarding_run(f, 1);
    assert_int_equal(requests(f), 1);
    assert_string_equal(forwarding_header(f, 0, "dockbell-attempt"), "1");
}

static void a_settle_that_fails_is_kept(void **state)
{
    struct forwarding *f = *state;
    int64_t delivery = forwarding_accept(f, "n-1", "408-1");
    forwarding_rest(f);
    f->claim_result = STORE_FULL;
    forwarding_answer(f, .status = 200);
    forwarding_run(f, USEC_PER_SEC);
    assert_int_equal(workshop_row(&f->shop, delivery).state, DELIVERY_INFLIGHT);
    f->claim_result = 0;
    forwarding_run(f, TURN_FULL_PAUSE_USEC);
    assert_int_equal(workshop_row(&f->shop, delivery).state, DELIVERY_DELIVERED);
    assert_int_equal(requests(f), 1);
}

/* A probe whose turn failed is no outcome: the next one goes. */
static void a_probe_whose_turn_fails(void **state)
{
    struct forwarding *f = *state;
    scripted_rule(f->shop.http, .fail = ERROR_CONNECT);
    forwarding_accept(f, "n-1", "408-1");
    forwarding_run(f, USEC_PER_SEC);
    f->claim_result = STORE_FULL;
    forwarding_run(f, USEC_PER_MIN);
    assert_int_equal(requests(f), 1);
    f->claim_result = 0;
    scripted_rule(f->shop.http, .status = 200);
    forwarding_run(f, USEC_PER_MIN);
    assert_int_equal(requests(f), 2);
    assert_int_equal(count(f, DELIVERY_DELIVERED), 1);
}

/* ---- commands of other processes ---- */

static struct store *open_as_command(struct forwarding *f)
{
    struct store *other = NULL;
    struct error error;
    if (store_open(&other, f->shop.directory, STORE_COMMAND, &error))
        fail_msg("%s", error.text);
    assert_int_equal(store_begin(other), 0);
    return other;
}

static void close_command(struct store *other)
{
    assert_int_equal(store_commit(other), 0);
    store_free(other);
}

static void what_a_command_makes_due_is_sent_at_once(void **state)
{
    struct forwarding *f = *state;
    scripted_rule(f->shop.http, .status = 500);
    int64_t delivery = forwarding_accept(f, "n-1", "408-1");
    forwarding_run(f, USEC_PER_SEC);
    struct store *other = open_as_command(f);
    assert_int_equal(store_operate(other, OPERATE_RETRY, delivery, clock_now_usec()), 0);
    close_command(other);
    forwarding_rest(f);
    assert_int_equal(requests(f), 1);
    turn_request(f->shop.turn); /* as the datagram of a command does */
    forwarding_rest(f);
    assert_int_equal(requests(f), 2);
}

static void a_pause_by_an_operator_holds_everything(void **state)
{
    struct forwarding *f = *state;
    struct store *other = open_as_command(f);
    assert_int_equal(store_pause(other, f->shop.webhook, "", clock_now_usec()), 0);
    close_command(other);
    forwarding_accept(f, "n-1", "408-1");
    forwarding_run(f, USEC_PER_HOUR);
    assert_int_equal(requests(f), 0);
    other = open_as_command(f);
    assert_int_equal(store_resume(other, f->shop.webhook, clock_now_usec()), 0);
    close_command(other);
    turn_request(f->shop.turn);
    forwarding_rest(f);
    assert_int_equal(requests(f), 1);
}

/* ---- stopping ---- */

static void stopping_gives_back_what_is_not_sent(void **state)
{
    struct forwarding *f = *state;
    int64_t first = forwarding_accept_many(f, "n", 20);
    forwarding_rest(f);
    forwarder_stop(f->forwarder);
    forwarding_rest(f);
    assert_int_equal(forwarder_in_flight(f->forwarder), RAMP_START);
    assert_int_equal(forwarder_waiting(f->forwarder), 0);
    assert_int_equal(count(f, DELIVERY_INFLIGHT), RAMP_START);
    for (int64_t i = 0; i < 20; i++)
        assert_int_equal(workshop_row(&f->shop, first + i).attempts, i < RAMP_START);
    answer_all(f);
    forwarding_run(f, USEC_PER_HOUR);
    assert_int_equal(requests(f), RAMP_START);
    assert_int_equal(count(f, DELIVERY_DELIVERED), RAMP_START);
    assert_int_equal(count(f, DELIVERY_READY), 16);
}

static void ending_leaves_what_is_sent_in_flight(void **state)
{
    struct forwarding *f = *state;
    forwarding_accept_many(f, "n", 20);
    forwarding_rest(f);
    forwarder_free(TAKE(f->forwarder));
    forwarding_rest(f);
    assert_int_equal(http_in_flight(f->shop.http), 0);
    size_t recovered = 0;
    workshop_begin(&f->shop);
    assert_int_equal(store_recover(f->shop.store, clock_now_usec(), &recovered), 0);
    workshop_commit(&f->shop);
    assert_true(recovered >= RAMP_START);
    assert_int_equal(count(f, DELIVERY_READY), 20);
}

static void knows_what_is_overdue(void **state)
{
    struct forwarding *f = *state;
    assert_int_equal(forwarder_overdue_usec(f->forwarder), 0);
    forwarding_accept(f, "n-1", NULL);
    forwarding_run(f, 20 * USEC_PER_SEC);
    assert_int_equal(forwarder_overdue_usec(f->forwarder), 0);
    forwarding_run(f, 7);
    assert_int_equal(forwarder_overdue_usec(f->forwarder), 7);
    forwarding_answer(f, .status = 200);
    assert_int_equal(forwarder_overdue_usec(f->forwarder), 0);
}

static void a_webhook_without_work_does_nothing(void **state)
{
    struct forwarding *f = *state;
    forwarding_run(f, USEC_PER_SEC);
    uint64_t next = fake_loop_next();
    assert_true(next == UINT64_MAX);
    turn_request(f->shop.turn);
    forwarding_run(f, USEC_PER_SEC);
    assert_true(fake_loop_next() == UINT64_MAX);
}

static void writes_what_status_shows(void **state)
{
    struct forwarding *f = *state;
    forwarding_accept(f, "n-1", NULL);
    forwarding_run(f, SETTLED);
    assert_string_equal(workshop_fact(&f->shop, "webhook", "wms", "breaker"), "closed");
    assert_string_equal(workshop_fact(&f->shop, "webhook", "wms", "limit"), "4");
    assert_null(workshop_fact(&f->shop, "webhook", "wms", "last_success"));
    uint64_t answered = fake_now_usec;
    forwarding_answer(f, .status = 200);
    forwarding_run(f, 5 * USEC_PER_SEC);
    turn_request(f->shop.turn);
    forwarding_rest(f);
    char success[CLOCK_TEXT_MAX];
    clock_rfc3339(success, answered);
    assert_string_equal(workshop_fact(&f->shop, "webhook", "wms", "last_success"), success);
}

/* The rest of a lane waits for the outcome's commit: with nothing else to do, that does not wait.
 */
static void a_single_lane_waits_for_no_company(void **state)
{
    struct forwarding *f = *state;
    for (int i = 0; i < 10; i++) {
        AUTOFREE char *id = memory_format("n-%d", i);
        forwarding_accept(f, id, "408-1");
    }
    forwarding_run(f, SETTLED);
    uint64_t began = fake_boot_usec;
    for (size_t i = 1; i < 10; i++) {
        assert_int_equal(requests(f), i);
        forwarding_answer(f, .status = 200);
        forwarding_rest(f);
    }
    assert_int_equal(requests(f), 10);
    assert_int_equal(fake_boot_usec, began);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FORWARDING(sends_and_settles),
        IN_FORWARDING(sends_the_format_of_the_delivery),
        IN_FORWARDING(a_single_lane_waits_for_no_company),
        IN_FORWARDING(claims_before_it_sends),
        IN_FORWARDING(every_attempt_has_the_same_id_and_bytes),
        IN_FORWARDING(one_of_an_order_at_a_time),
        IN_FORWARDING(ramps_up_with_good_answers),
        IN_FORWARDING(concurrency_of_one_is_one),
        IN_FORWARDING(a_slot_does_not_wait_for_a_commit),
        IN_FORWARDING(says_what_it_can_take_up),
        IN_FORWARDING(a_retry_that_is_due_while_all_slots_are_taken),
        IN_FORWARDING(memory_holds_so_many_bytes),
        IN_FORWARDING(one_delivery_always_fits),
        IN_FORWARDING(a_turn_that_fails_claims_nothing),
        IN_FORWARDING(a_settle_that_fails_is_kept),
        IN_FORWARDING(a_probe_whose_turn_fails),
        IN_FORWARDING(what_a_command_makes_due_is_sent_at_once),
        IN_FORWARDING(a_pause_by_an_operator_holds_everything),
        IN_FORWARDING(stopping_gives_back_what_is_not_sent),
        IN_FORWARDING(ending_leaves_what_is_sent_in_flight),
        IN_FORWARDING(knows_what_is_overdue),
        IN_FORWARDING(a_webhook_without_work_does_nothing),
        IN_FORWARDING(writes_what_status_shows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
