/* SPDX-License-Identifier: MIT */
/* Orders that always fail, and receivers that want less: what the others notice of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/memory.h"
#include "deliver/ramp.h"
#include "forwarding.h"

static size_t requests(const struct forwarding *f)
{
    return scripted_request_count(f->shop.http);
}

static uint64_t count(struct forwarding *f, enum delivery_state state)
{
    return workshop_count(&f->shop, state);
}

static struct list_row row(struct forwarding *f, int64_t delivery)
{
    return workshop_row(&f->shop, delivery);
}

/* ---- failing heads ---- */

/* They are the oldest, and more than there are slots. */
static void failing_heads_cost_the_others_nothing(void **state)
{
    struct forwarding *f = *state;
    scripted_rule(f->shop.http, .expect = "webhook-id: bad", .times = -1, .status = 500);
    scripted_rule(f->shop.http, .times = -1, .status = 200);
    ear_open();
    int64_t bad = forwarding_accept_many(f, "bad", 20);
    fake_clock_advance(1);
    forwarding_accept_many(f, "n", 200);
    forwarding_run(f, USEC_PER_SEC / 4);
    assert_int_equal(count(f, DELIVERY_DELIVERED), 200);
    assert_int_equal(row(f, bad).state, DELIVERY_READY);
    /* New ones do not wait either, whenever the bad ones are tried again. */
    for (int i = 0; i < 45; i++) {
        AUTOFREE char *name = memory_format("m%d", i);
        forwarding_accept(f, name, name);
        forwarding_run(f, USEC_PER_SEC);
        assert_int_equal(count(f, DELIVERY_DELIVERED), 201 + i);
    }
    AUTOFREE char *said = ear_heard();
    assert_no_part(said, "does not work");
}

/* That they fail once more is no reason to send less. */
static void failing_heads_do_not_slow_the_ramp(void **state)
{
    struct forwarding *f = *state;
    scripted_rule(f->shop.http, .expect = "webhook-id: bad", .times = -1, .status = 500);
    scripted_rule(f->shop.http, .expect = "webhook-id: n", .times = -1, .status = 200);
    forwarding_accept_many(f, "bad", 20);
    fake_clock_advance(1);
    forwarding_accept_many(f, "n", 200);
    forwarding_run(f, USEC_PER_SEC);
    forwarding_accept(f, "n-late", "n-late");
    forwarding_run(f, 5 * USEC_PER_SEC);
    assert_int_equal(requests(f), 20 + 200 + 1 + 20);
    forwarding_accept_many(f, "slow", 100);
    forwarding_rest(f);
    assert_int_equal(forwarder_in_flight(f->forwarder), 64);
}

static void let_all_time_out(struct forwarding *f)
{
    while (scripted_waiting(f->shop.http)) {
        forwarding_answer(f, .fail = ERROR_TIMEOUT);
        fake_clock_advance(1);
    }
}

/* They never answer, and there are five times as many as slots. */
static void hanging_heads_hold_only_their_own_slots(void **state)
{
    struct forwarding *f = *state;
    scripted_rule(f->shop.http, .expect = "webhook-id: n", .times = -1, .status = 200);
    ear_open();
    forwarding_accept_many(f, "bad", 20);
    fake_clock_advance(1);
    forwarding_accept_many(f, "n", 200);
    forwarding_run(f, 6 * USEC_PER_SEC);
    assert_int_equal(count(f, DELIVERY_DELIVERED), 200);
    assert_int_equal(forwarder_in_flight(f->forwarder), 20);
    let_all_time_out(f);
    for (int i = 0; i < 30; i++) {
        AUTOFREE char *name = memory_format("n-new%d", i);
        forwarding_accept(f, name, name);
        forwarding_run(f, USEC_PER_SEC);
        assert_int_equal(count(f, DELIVERY_DELIVERED), 201 + i);
    }
    AUTOFREE char *said = ear_heard();
    assert_no_part(said, "does not work");
}

/* Of so few slots as well, once it is known of them. */
static void suspects_hold_a_quarter_of_the_slots(void **state)
{
    struct forwarding *f = *state;
    forwarding_limits(f, 4, 20);
    scripted_rule(f->shop.http, .expect = "webhook-id: n", .times = -1, .status = 200);
    forwarding_accept_many(f, "bad", 4);
    forwarding_rest(f);
    forwarding_accept_many(f, "n", 10);
    forwarding_run(f, USEC_PER_SEC);
    let_all_time_out(f);
    forwarding_run(f, USEC_PER_SEC / 10);
    forwarding_accept_many(f, "n-mid", 1);
    forwarding_run(f, USEC_PER_SEC / 10);
    assert_int_equal(count(f, DELIVERY_DELIVERED), 11);
    forwarding_run(f, 6 * USEC_PER_SEC);
    assert_int_equal(forwarder_in_flight(f->forwarder), 1);
    assert_int_equal(forwarder_waiting(f->forwarder), 3);
    forwarding_accept_many(f, "n-new", 10);
    forwarding_run(f, USEC_PER_SEC / 10);
    assert_int_equal(count(f, DELIVERY_DELIVERED), 21);
    for (int i = 0; i < 4; i++)
        forwarding_answer(f, .status = 200);
    forwarding_run(f, USEC_PER_SEC / 10);
    assert_int_equal(count(f, DELIVERY_DELIVERED), 25);
}

/* Hundreds of them do not fill memory either. */
static void many_suspects_wait_on_disk(void **state)
{
    struct forwarding *f = *state;
    scripted_rule(f->shop.http, .expect = "webhook-id: n", .times = -1, .status = 200);
    scripted_rule(f->shop.http, .expect = "attempt: 1\n", .times = -1, .status = 500);
    for (int i = 0; i < 300; i++) {
        AUTOFREE char *bad = memory_format("bad%d", i), *good = memory_format("n%d", i);
        forwarding_accept(f, bad, bad);
        forwarding_accept(f, good, good);
    }
    forwarding_run(f, USEC_PER_SEC);
    forwarding_accept(f, "n-new", "n-new");
    forwarding_run(f, 6 * USEC_PER_SEC);
    assert_int_equal(count(f, DELIVERY_DELIVERED), 301);
    assert_in_range(forwarder_in_flight(f->forwarder), 1, 64 / 4);
    assert_in_range(forwarder_waiting(f->forwarder), 1, 299);
    forwarding_accept_many(f, "n-newer", 10);
    forwarding_run(f, USEC_PER_SEC / 10);
    assert_int_equal(count(f, DELIVERY_DELIVERED), 311);
    scripted_rule(f->shop.http, .times = -1, .status = 200);
    while (scripted_waiting(f->shop.http))
        forwarding_answer(f, .status = 200);
    forwarding_run(f, USEC_PER_MIN);
    assert_int_equal(count(f, DELIVERY_DELIVERED), 611);
}

/* It is all there is, and for so long that the webhook seems not to work. */
static void a_newcomer_is_asked_at_once(void **state)
{
    struct forwarding *f = *state;
    scripted_rule(f->shop.http, .expect = "webhook-id: bad", .times = -1, .status = 500);
    scripted_rule(f->shop.http, .times = -1, .status = 200);
    ear_open();
    forwarding_accept(f, "bad", "408-1");
    forwarding_run(f, 10 * USEC_PER_MIN);
    AUTOFREE char *said = ear_heard();
    assert_part(said, "does not work");
    ear_open();
    forwarding_accept(f, "n", "408-2");
    forwarding_run(f, USEC_PER_SEC / 10);
    AUTOFREE char *more = ear_heard();
    assert_int_equal(count(f, DELIVERY_DELIVERED), 1);
    assert_part(more, "works again");
}

/* Within so many attempts the order's own lane is free. */
static void a_failing_head_ends_and_frees_its_lane(void **state)
{
    struct forwarding *f = *state;
    forwarding_limits(f, 64, 3);
    scripted_rule(f->shop.http, .expect = "webhook-id: bad", .times = -1, .status = 500);
    scripted_rule(f->shop.http, .times = -1, .status = 200);
    int64_t bad = forwarding_accept(f, "bad", "408-1");
    fake_clock_advance(1);
    int64_t next = forwarding_accept(f, "next", "408-1");
    for (int i = 0; i < 60; i++) {
        AUTOFREE char *name = memory_format("m%d", i);
        forwarding_accept(f, name, name);
        forwarding_run(f, USEC_PER_SEC);
    }
    assert_int_equal(row(f, bad).state, DELIVERY_DEAD);
    assert_int_equal(row(f, bad).cause, DEAD_ATTEMPTS);
    assert_int_equal(row(f, next).state, DELIVERY_DELIVERED);
}

/* When the webhook is back the probe may hit one that fails; the next one comes from the other end
 * of the line. */
static void failing_heads_do_not_keep_the_breaker_open(void **state)
{
    struct forwarding *f = *state;
    scripted_rule(f->shop.http, .times = 5, .fail = ERROR_CONNECT);
    scripted_rule(f->shop.http, .expect = "webhook-id: bad", .times = -1, .status = 500);
    scripted_rule(f->shop.http, .times = -1, .status = 200);
    forwarding_accept_many(f, "bad", 20);
    fake_clock_advance(1);
    forwarding_accept_many(f, "n", 30);
    forwarding_run_to(f, 5);
    size_t before = requests(f);
    forwarding_run(f, 2 * f->schedule.probe_longest_usec + 10 * USEC_PER_SEC);
    assert_true(requests(f) > before);
    assert_int_equal(count(f, DELIVERY_DELIVERED), 30);
}

/* ---- a receiver that refuses everything ---- */

static void a_burst_of_refusals_is_no_days_work_of_dead_letters(void **state)
{
    struct forwarding *f = *state;
    scripted_rule(f->shop.http, .times = 100, .status = 422);
    scripted_rule(f->shop.http, .times = -1, .status = 200);
    ear_open();
    forwarding_accept_many(f, "n", 300);
    forwarding_run(f, 40 * USEC_PER_MIN);
    AUTOFREE char *said = ear_heard();
    assert_int_equal(count_parts(said, "it refuses events of many orders in a row"), 1);
    assert_true(requests(f) < 100);
    assert_int_equal(count(f, DELIVERY_DEAD), 0);
    forwarding_run_to(f, 101);
    forwarding_run(f, 30 * USEC_PER_MIN);
    assert_int_equal(count(f, DELIVERY_DELIVERED), 300);
}

/* Twenty events that it does not understand are not everything. */
static void refused_heads_cost_the_others_nothing(void **state)
{
    struct forwarding *f = *state;
    scripted_rule(f->shop.http, .expect = "webhook-id: bad", .times = -1, .status = 422);
    scripted_rule(f->shop.http, .times = -1, .status = 200);
    ear_open();
    forwarding_accept_many(f, "bad", 20);
    fake_clock_advance(1);
    forwarding_accept_many(f, "n", 200);
    forwarding_run(f, USEC_PER_SEC / 4);
    assert_int_equal(count(f, DELIVERY_DELIVERED), 200);
    forwarding_run(f, 12 * USEC_PER_MIN);
    AUTOFREE char *said = ear_heard();
    assert_no_part(said, "does not work");
}

/* ---- a receiver that wants less ---- */

static void a_429_slows_the_whole_webhook(void **state)
{
    struct forwarding *f = *state;
    scripted_rule(f->shop.http, .times = 4, .status = 429, .retry_after = "3");
    scripted_rule(f->shop.http, .times = -1, .status = 200);
    ear_open();
    int64_t first = forwarding_accept_many(f, "n", 8);
    forwarding_run(f, USEC_PER_SEC);
    assert_int_equal(requests(f), RAMP_START); /* those that were under way together */
    assert_string_equal(workshop_fact(&f->shop, "webhook", "wms", "breaker"), "closed");
    assert_non_null(workshop_fact(&f->shop, "webhook", "wms", "throttled_to"));
    forwarding_accept_many(f, "m", 5);
    forwarding_run(f, USEC_PER_SEC);
    assert_int_equal(requests(f), RAMP_START);
    assert_int_equal(forwarder_waiting(f->forwarder), 0);
    forwarding_run(f, USEC_PER_MIN);
    assert_int_equal(count(f, DELIVERY_DELIVERED), 13);
    for (int i = 0; i < 4; i++)
        assert_int_equal(row(f, first + i).attempts, 2);
    AUTOFREE char *said = ear_heard();
    assert_no_part(said, "does not work");
    assert_int_equal(count_parts(said, "asks for fewer requests"), 1);
}

/* Without a time a second is enough; the longest rest of the webhook is throttle_rest. */
static void a_rest_ends_although_others_hang(void **state)
{
    struct forwarding *f = *state;
    scripted_rule(f->shop.http, .expect = "webhook-id: limit", .status = 429);
    scripted_rule(f->shop.http, .expect = "webhook-id: n", .times = -1, .status = 200);
    forwarding_accept_many(f, "hangs", 3);
    forwarding_accept(f, "limit", "408-1");
    forwarding_accept_many(f, "n", 3);
    forwarding_run(f, USEC_PER_SEC / 2);
    assert_int_equal(requests(f), RAMP_START);
    forwarding_run(f, 15 * USEC_PER_SEC);
    assert_int_equal(count(f, DELIVERY_DELIVERED), 3);
}

/* Four in a row are free; from the fifth on they count, as others are taken. */
static void throttling_of_one_order_counts_in_the_end(void **state)
{
    struct forwarding *f = *state;
    forwarding_limits(f, 64, 3);
    scripted_rule(f->shop.http, .expect = "webhook-id: bad", .times = -1, .status = 429);
    scripted_rule(f->shop.http, .times = -1, .status = 200);
    int64_t bad = forwarding_accept(f, "bad", "408-1");
    for (int i = 0; i < 1200 && row(f, bad).state != DELIVERY_DEAD; i++) {
        AUTOFREE char *name = memory_format("m%d", i);
        forwarding_accept(f, name, name);
        forwarding_run(f, USEC_PER_SEC);
        unsigned attempts = row(f, bad).attempts;
        assert_in_range(row(f, bad).faults, 0, attempts > 4 ? attempts - 4 : 0);
    }
    assert_int_equal(row(f, bad).state, DELIVERY_DEAD);
    assert_true(row(f, bad).attempts >= 7);
}

/* Those that were under way may arrive; the time that was asked for holds all the same. */
static void a_429_with_a_time_is_never_undercut(void **state)
{
    struct forwarding *f = *state;
    forwarding_accept_many(f, "n", 8);
    forwarding_rest(f);
    uint64_t asked = fake_now_usec;
    forwarding_answer(f, .status = 429, .retry_after = "30");
    forwarding_answer(f, .status = 200);
    forwarding_answer(f, .status = 429, .retry_after = "59");
    forwarding_answer(f, .status = 200);
    scripted_rule(f->shop.http, .times = -1, .status = 200);
    forwarding_run(f, 58 * USEC_PER_SEC - (fake_now_usec - asked));
    assert_int_equal(requests(f), RAMP_START);
    forwarding_run(f, 20 * USEC_PER_SEC);
    assert_int_equal(count(f, DELIVERY_DELIVERED), 8);
}

/* 503 with a time: throttling after a success, a fault when nothing succeeds. */
static void a_503_with_a_time_is_throttling_while_others_succeed(void **state)
{
    struct forwarding *f = *state;
    scripted_rule(f->shop.http, .status = 200);
    scripted_rule(f->shop.http, .status = 503, .retry_after = "2");
    scripted_rule(f->shop.http, .status = 503, .retry_after = "2");
    scripted_rule(f->shop.http, .times = -1, .status = 200);
    forwarding_accept(f, "first", "408-1");
    forwarding_run(f, USEC_PER_SEC);
    ear_open();
    forwarding_accept(f, "second", "408-2");
    forwarding_run(f, USEC_PER_SEC);
    AUTOFREE char *said = ear_heard();
    assert_no_part(said, "does not work");
    assert_part(said, "asks for fewer requests");
    ear_open();
    forwarding_run(f, 5 * USEC_PER_SEC);
    AUTOFREE char *then = ear_heard();
    assert_part(then, "does not work");
    forwarding_run(f, USEC_PER_MIN);
    assert_int_equal(count(f, DELIVERY_DELIVERED), 2);
}

/* Nothing but throttling for ten minutes is a receiver that does not work. */
static void ten_minutes_of_429_open_the_breaker(void **state)
{
    struct forwarding *f = *state;
    scripted_rule(f->shop.http, .times = -1, .status = 429, .retry_after = "30");
    int64_t first = forwarding_accept_many(f, "n", 3);
    ear_open();
    forwarding_run(f, 9 * USEC_PER_MIN);
    AUTOFREE char *said = ear_heard();
    assert_no_part(said, "does not work");
    ear_open();
    forwarding_run(f, 3 * USEC_PER_MIN);
    AUTOFREE char *then = ear_heard();
    assert_part(then, "does not work");
    for (int i = 0; i < 3; i++)
        assert_int_equal(row(f, first + i).faults, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FORWARDING(failing_heads_cost_the_others_nothing),
        IN_FORWARDING(failing_heads_do_not_slow_the_ramp),
        IN_FORWARDING(hanging_heads_hold_only_their_own_slots),
        IN_FORWARDING(suspects_hold_a_quarter_of_the_slots),
        IN_FORWARDING(many_suspects_wait_on_disk),
        IN_FORWARDING(a_newcomer_is_asked_at_once),
        IN_FORWARDING(a_failing_head_ends_and_frees_its_lane),
        IN_FORWARDING(failing_heads_do_not_keep_the_breaker_open),
        IN_FORWARDING(a_burst_of_refusals_is_no_days_work_of_dead_letters),
        IN_FORWARDING(refused_heads_cost_the_others_nothing),
        IN_FORWARDING(a_429_slows_the_whole_webhook),
        IN_FORWARDING(a_rest_ends_although_others_hang),
        IN_FORWARDING(throttling_of_one_order_counts_in_the_end),
        IN_FORWARDING(a_429_with_a_time_is_never_undercut),
        IN_FORWARDING(a_503_with_a_time_is_throttling_while_others_succeed),
        IN_FORWARDING(ten_minutes_of_429_open_the_breaker),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
