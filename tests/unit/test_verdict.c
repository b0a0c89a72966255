/* SPDX-License-Identifier: MIT */
/* What the receiver's answers do to delivery, breaker and webhook. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/memory.h"
#include "deliver/breaker.h"
#include "deliver/ramp.h"
#include "forwarding.h"

static size_t requests(const struct forwarding *f)
{
    return scripted_request_count(f->shop.http);
}

/* Long enough for a settle to be written, too short for anything else. */
static void settle(struct forwarding *f)
{
    forwarding_run(f, TURN_SETTLE_DELAY_USEC);
}

static struct list_row row(struct forwarding *f, int64_t delivery)
{
    return workshop_row(&f->shop, delivery);
}

/* A success of an order that nobody else is about: the destination works. */
static void let_another_succeed(struct forwarding *f)
{
    static unsigned count;
    AUTOFREE char *name = memory_format("other-%u", count++);
    AUTOFREE char *expect = memory_format("webhook-id: %s\n", name);
    scripted_rule(f->shop.http, .expect = expect, .status = 200);
    forwarding_accept(f, name, name);
    fake_clock_advance(1);
    settle(f);
}

/* A rule for the requests of one notification. */
#define rule_for(f, id, ...)                                                                       \
    scripted_rule((f)->shop.http, .expect = "webhook-id: " id "\n", __VA_ARGS__)

/* ---- destination faults ---- */

/* 5, 10, 20 ... seconds, at most a quarter of an hour; a tenth more at most. */
static void faults_are_tried_again_ever_later(void **state)
{
    struct forwarding *f = *state;
    uint64_t wait = f->schedule.retry_first_usec;
    forwarding_limits(f, 64, 100);
    rule_for(f, "bad", .times = 12, .status = 500);
    int64_t bad = forwarding_accept(f, "bad", "408-1");
    settle(f);
    for (unsigned i = 1; i <= 11; i++) {
        struct list_row is = row(f, bad);
        assert_int_equal(is.state, DELIVERY_READY);
        assert_int_equal(is.attempts, i);
        assert_string_equal(is.last_error, "HTTP 500 Internal Server Error");
        /* Two settles have passed since, at most. */
        assert_in_range(is.next_usec - fake_now_usec, wait - 3 * TURN_SETTLE_DELAY_USEC,
                        wait + wait / 10);
        fake_clock_advance(is.next_usec - fake_now_usec - 1);
        let_another_succeed(f); /* the breaker stays closed */
        settle(f);
        wait =
            wait * 2 < f->schedule.retry_longest_usec ? wait * 2 : f->schedule.retry_longest_usec;
    }
    assert_int_equal(wait, f->schedule.retry_longest_usec);
}

/* The waits are those of the config. */
static void another_schedule(void **state)
{
    struct forwarding *f = *state;
    f->schedule.retry_first_usec = 2 * USEC_PER_SEC;
    f->schedule.retry_longest_usec = 3 * USEC_PER_SEC;
    f->schedule.refused = (struct schedule_waits){.usec = {7 * USEC_PER_SEC}, .count = 1};
    f->schedule.probe_first_usec = 40 * USEC_PER_SEC;
    f->schedule.probe_longest_usec = 40 * USEC_PER_SEC;
    forwarding_limits(f, 64, 20);
    rule_for(f, "bad", .times = 3, .status = 500);
    rule_for(f, "bad", .status = 200);
    rule_for(f, "refused", .times = 2, .status = 422);
    int64_t bad = forwarding_accept(f, "bad", "408-1");
    int64_t refused = forwarding_accept(f, "refused", "408-2");
    uint64_t last = fake_now_usec;
    static const uint64_t waits[] = {2, 3, 3};
    settle(f);
    assert_in_range(row(f, refused).next_usec - last, 7 * USEC_PER_SEC, 77 * USEC_PER_SEC / 10);
    for (size_t i = 0; i < ELEMENTS(waits); i++) {
        uint64_t wait = row(f, bad).next_usec - last;
        assert_in_range(wait, waits[i] * USEC_PER_SEC, waits[i] * USEC_PER_SEC * 11 / 10);
        fake_clock_advance(wait - (fake_now_usec - last));
        last = fake_now_usec;
        let_another_succeed(f);
    }
    forwarding_run(f, 10 * USEC_PER_SEC);
    assert_int_equal(row(f, bad).state, DELIVERY_DELIVERED);
    assert_int_equal(row(f, refused).state, DELIVERY_DEAD);
    assert_int_equal(row(f, refused).attempts, 2);
    rule_for(f, "down", .fail = ERROR_CONNECT);
    forwarding_accept(f, "down", "408-3");
    settle(f);
    size_t before = requests(f);
    forwarding_run(f, 39 * USEC_PER_SEC);
    assert_int_equal(requests(f), before);
    forwarding_run(f, 6 * USEC_PER_SEC);
    assert_int_equal(requests(f), before + 1);
}

static void what_is_asked_for_is_cut_to_what_is_obeyed(void **state)
{
    struct forwarding *f = *state;
    f->schedule.retry_after_longest_usec = 60 * USEC_PER_SEC;
    forwarding_limits(f, 64, 20);
    scripted_rule(f->shop.http, .status = 503, .retry_after = "3600");
    scripted_rule(f->shop.http, .status = 200);
    forwarding_accept(f, "n-1", "408-1");
    forwarding_run(f, 59 * USEC_PER_SEC);
    assert_int_equal(requests(f), 1);
    forwarding_run(f, 8 * USEC_PER_SEC);
    assert_int_equal(requests(f), 2);
}

static void a_retry_after_is_never_undercut(void **state)
{
    struct forwarding *f = *state;
    rule_for(f, "bad", .status = 500, .retry_after = "120");
    rule_for(f, "bad", .status = 500, .retry_after = "2");
    int64_t bad = forwarding_accept(f, "bad", "408-1");
    uint64_t began = fake_now_usec;
    settle(f);
    assert_in_range(row(f, bad).next_usec - began, 120 * USEC_PER_SEC, 132 * USEC_PER_SEC);
    /* Even when the webhook is known to work. */
    let_another_succeed(f);
    forwarding_run(f, 119 * USEC_PER_SEC);
    assert_int_equal(row(f, bad).attempts, 1);
    forwarding_run_to(f, 3);
    settle(f);
    struct list_row is = row(f, bad);
    assert_int_equal(is.attempts, 2);
    assert_true(is.next_usec - fake_now_usec < 12 * USEC_PER_SEC);
}

/* Who says when he may be asked again is not asked before, not even by a probe. */
static void a_retry_after_of_503_holds_probes_back(void **state)
{
    struct forwarding *f = *state;
    scripted_rule(f->shop.http, .status = 503, .retry_after = "300");
    scripted_rule(f->shop.http, .status = 200);
    forwarding_accept(f, "n-1", "408-1");
    forwarding_run(f, 299 * USEC_PER_SEC);
    assert_int_equal(requests(f), 1);
    forwarding_run(f, 60 * USEC_PER_SEC);
    assert_int_equal(requests(f), 2);
    assert_int_equal(workshop_count(&f->shop, DELIVERY_DELIVERED), 1);
}

/* An event that fails while others arrive has so many attempts. */
static void max_attempts_while_others_arrive(void **state)
{
    struct forwarding *f = *state;
    forwarding_limits(f, 64, 3);
    rule_for(f, "bad", .times = 4, .status = 500);
    int64_t bad = forwarding_accept(f, "bad", "408-1");
    settle(f);
    assert_int_equal(row(f, bad).faults, 0); /* nobody has arrived yet */
    ear_open();
    for (unsigned faults = 1; faults <= 3; faults++) {
        let_another_succeed(f);
        assert_int_equal(row(f, bad).state, DELIVERY_READY);
        forwarding_run(f, row(f, bad).next_usec - fake_now_usec + USEC_PER_SEC / 2);
        assert_int_equal(row(f, bad).faults, faults);
    }
    AUTOFREE char *said = ear_heard();
    assert_int_equal(row(f, bad).state, DELIVERY_DEAD);
    assert_int_equal(row(f, bad).cause, DEAD_ATTEMPTS);
    assert_int_equal(count_parts(said, "is a dead letter"), 1);
    assert_part(said, "bad, order 408-1, is a dead letter after attempt 4 (the receiver takes "
                      "others but not this one): HTTP 500");
}

/* As long as nobody arrives, attempts do not count: a WMS may be down for days. */
static void max_attempts_while_nobody_arrives(void **state)
{
    struct forwarding *f = *state;
    forwarding_limits(f, 64, 3);
    scripted_rule(f->shop.http, .times = -1, .status = 500);
    int64_t bad = forwarding_accept(f, "bad", "408-1");
    forwarding_run(f, 6 * USEC_PER_HOUR);
    struct list_row is = row(f, bad);
    assert_int_equal(is.state, DELIVERY_READY);
    assert_int_equal(is.faults, 0);
    assert_true(is.attempts > 20);
}

/* Its own lane's success says nothing about the others. */
static void a_success_of_the_same_order_does_not_count(void **state)
{
    struct forwarding *f = *state;
    rule_for(f, "first", .status = 200);
    rule_for(f, "second", .status = 500);
    forwarding_accept(f, "first", "408-1");
    int64_t second = forwarding_accept(f, "second", "408-1");
    fake_clock_advance(1);
    forwarding_run(f, USEC_PER_SEC);
    assert_int_equal(row(f, second).attempts, 1);
    assert_int_equal(row(f, second).faults, 0);
}

/* ---- the breaker ---- */

static void a_streak_opens_the_breaker_and_is_forgiven(void **state)
{
    struct forwarding *f = *state;
    let_another_succeed(f); /* and makes the first faults count */
    forwarding_limits(f, 64, 20);
    scripted_rule(f->shop.http, .times = -1, .status = 502);
    ear_open();
    int64_t first = forwarding_accept_many(f, "n", 5);
    settle(f);
    AUTOFREE char *said = ear_heard();
    assert_int_equal(count_parts(said, "webhook wms does not work: HTTP 502 Bad Gateway"), 1);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(row(f, first + i).state, DELIVERY_READY);
        assert_int_equal(row(f, first + i).attempts, 1);
        assert_int_equal(row(f, first + i).faults, 0);
    }
    assert_string_equal(workshop_fact(&f->shop, "webhook", "wms", "breaker"), "open");
}

/* Others arrived while they waited for their first try. The first three were under way when one
 * did: they are known to fail, whatever becomes of the webhook. */
static void faults_count_until_it_opens(void **state)
{
    struct forwarding *f = *state;
    forwarding_accept(f, "good", "408-9");
    int64_t first = forwarding_accept_many(f, "n", 9);
    forwarding_rest(f);
    fake_clock_advance(1);
    forwarding_answer(f, .status = 200);
    fake_clock_advance(1);
    for (int i = 0; i < 8; i++)
        forwarding_answer(f, .status = 502);
    settle(f);
    for (int i = 0; i < 8; i++)
        assert_int_equal(row(f, first + i).faults, 1);
    assert_string_equal(workshop_fact(&f->shop, "webhook", "wms", "breaker"), "closed");
    /* The witness: all the others were the destination's. */
    forwarding_answer(f, .status = 502);
    settle(f);
    assert_string_equal(workshop_fact(&f->shop, "webhook", "wms", "breaker"), "open");
    for (int i = 0; i < 9; i++) {
        assert_int_equal(row(f, first + i).attempts, 1);
        assert_int_equal(row(f, first + i).faults, i < 3);
    }
}

static void no_connection_opens_it_at_once(void **state)
{
    struct forwarding *f = *state;
    int64_t first = forwarding_accept_many(f, "n", 20);
    forwarding_rest(f);
    assert_true(workshop_count(&f->shop, DELIVERY_INFLIGHT) > RAMP_START);
    scripted_answer(f->shop.http, &(struct scripted_rule){.fail = ERROR_CONNECT});
    settle(f);
    /* What waited in memory is given back as if it had never been taken. */
    assert_int_equal(forwarder_waiting(f->forwarder), 0);
    assert_int_equal(workshop_count(&f->shop, DELIVERY_INFLIGHT), RAMP_START - 1);
    assert_int_equal(requests(f), RAMP_START);
    for (int i = 0; i < 20; i++)
        assert_int_equal(row(f, first + i).attempts, i < (int)RAMP_START);
    /* Those under way may still arrive, which shows that it works. */
    forwarding_answer(f, .status = 200);
    settle(f);
    assert_true(requests(f) > RAMP_START);
}

static void one_probe_at_a_time_until_it_works(void **state)
{
    struct forwarding *f = *state;
    scripted_rule(f->shop.http, .times = 4, .fail = ERROR_CONNECT);
    forwarding_accept_many(f, "n", 1);
    forwarding_rest(f);
    forwarding_accept_many(f, "m", 30);
    uint64_t before = fake_boot_usec, wait = f->schedule.probe_first_usec;
    ear_open();
    for (size_t probes = 1; probes <= 4; probes++) {
        forwarding_run_to(f, probes + 1);
        assert_in_range(fake_boot_usec - before, wait, wait + wait / 10 + USEC_PER_MSEC);
        before = fake_boot_usec;
        wait =
            wait * 2 < f->schedule.probe_longest_usec ? wait * 2 : f->schedule.probe_longest_usec;
    }
    /* The fourth waits for its answer, and nothing else is sent. */
    forwarding_run(f, 10 * USEC_PER_SEC);
    assert_int_equal(requests(f), 5);
    assert_int_equal(forwarder_in_flight(f->forwarder), 1);
    assert_string_equal(workshop_fact(&f->shop, "webhook", "wms", "breaker"), "probing");
    forwarding_answer(f, .status = 200);
    AUTOFREE char *said = ear_heard();
    assert_int_equal(count_parts(said, "works again"), 1);
    assert_int_equal(forwarder_in_flight(f->forwarder), RAMP_START);
    assert_int_equal(requests(f), 5 + RAMP_START);
}

/* A probe goes to one order after the other, so that one bad event cannot keep it open. */
static void probes_take_turns(void **state)
{
    struct forwarding *f = *state;
    scripted_rule(f->shop.http, .times = 3, .fail = ERROR_CONNECT);
    forwarding_accept_many(f, "n", 2);
    forwarding_run_to(f, 3);
    forwarding_run_to(f, 4);
    AUTOFREE char *probe = memory_string(forwarding_header(f, 2, "webhook-id"));
    assert_string_not_equal(forwarding_header(f, 3, "webhook-id"), probe);
}

/* What waited for the destination does not wait any longer than it; what the receiver wants later
 * does. */
static void what_waited_is_due_when_it_works(void **state)
{
    struct forwarding *f = *state;
    scripted_rule(f->shop.http, .expect = "webhook-id: n", .times = 10, .status = 500);
    int64_t first = forwarding_accept_many(f, "n", 2);
    for (int i = 0; i < 5; i++) {
        settle(f);
        let_another_succeed(f);
        if (i < 4)
            forwarding_run(f, row(f, first).next_usec - fake_now_usec + 8 * USEC_PER_SEC);
    }
    assert_int_equal(row(f, first).attempts, 5);
    assert_int_equal(row(f, first + 1).attempts, 5);
    rule_for(f, "later", .status = 500, .retry_after = "600");
    int64_t later = forwarding_accept(f, "later", "408-1");
    settle(f);
    uint64_t asked = fake_now_usec;
    rule_for(f, "down", .fail = ERROR_CONNECT);
    forwarding_accept(f, "down", "408-2");
    settle(f);
    scripted_rule(f->shop.http, .times = -1, .status = 200);
    forwarding_run(f, 6 * USEC_PER_SEC);
    assert_int_equal(row(f, first).state, DELIVERY_DELIVERED);
    assert_int_equal(row(f, first + 1).state, DELIVERY_DELIVERED);
    forwarding_run(f, asked + 599 * USEC_PER_SEC - fake_now_usec);
    assert_int_equal(row(f, later).attempts, 1);
    forwarding_run(f, 70 * USEC_PER_SEC);
    assert_int_equal(row(f, later).state, DELIVERY_DELIVERED);
}

/* ---- event faults ---- */

static void a_refused_event_has_three_tries(void **state)
{
    struct forwarding *f = *state;
    rule_for(f, "bad", .times = 3, .status = 422, .body = "order unknown");
    int64_t bad = forwarding_accept(f, "bad", "408-1");
    ear_open();
    settle(f);
    assert_int_equal(row(f, bad).state, DELIVERY_READY);
    assert_int_equal(row(f, bad).event_faults, 1);
    assert_in_range(row(f, bad).next_usec - fake_now_usec, 59 * USEC_PER_SEC, 66 * USEC_PER_SEC);
    forwarding_run(f, 67 * USEC_PER_SEC);
    assert_int_equal(row(f, bad).event_faults, 2);
    assert_in_range(row(f, bad).next_usec - fake_now_usec, 590 * USEC_PER_SEC, 660 * USEC_PER_SEC);
    forwarding_run(f, 11 * USEC_PER_MIN);
    AUTOFREE char *said = ear_heard();
    struct list_row is = row(f, bad);
    assert_int_equal(is.state, DELIVERY_DEAD);
    assert_int_equal(is.cause, DEAD_REFUSED);
    assert_int_equal(is.attempts, 3);
    assert_int_equal(is.status, 422);
    assert_int_equal(count_parts(said, "was refused: HTTP 422 Unprocessable Content"), 2);
    assert_part(said, "is a dead letter after attempt 3 (the receiver refuses it)");
    assert_no_part(said, "order unknown"); /* bodies are never logged */
    forwarding_run(f, USEC_PER_DAY);
    assert_int_equal(requests(f), 3);
}

static void a_refusal_may_say_when_to_ask_again(void **state)
{
    struct forwarding *f = *state;
    rule_for(f, "bad", .status = 422, .retry_after = "300");
    rule_for(f, "bad", .status = 422, .retry_after = "2");
    int64_t bad = forwarding_accept(f, "bad", "408-1");
    uint64_t began = fake_now_usec;
    settle(f);
    assert_in_range(row(f, bad).next_usec - began, 300 * USEC_PER_SEC, 330 * USEC_PER_SEC);
    forwarding_run(f, 299 * USEC_PER_SEC);
    assert_int_equal(row(f, bad).attempts, 1);
    forwarding_run_to(f, 2);
    settle(f);
    /* What is shorter than the schedule changes nothing. */
    assert_int_equal(row(f, bad).event_faults, 2);
    assert_in_range(row(f, bad).next_usec - fake_now_usec, 590 * USEC_PER_SEC, 660 * USEC_PER_SEC);
}

/* Neither does it slow the others down. */
static void a_refusal_is_no_fault_of_the_destination(void **state)
{
    struct forwarding *f = *state;
    scripted_rule(f->shop.http, .times = 4, .status = 400);
    int64_t first = forwarding_accept_many(f, "n", 4);
    settle(f);
    assert_int_equal(row(f, first).faults, 0);
    assert_string_equal(workshop_fact(&f->shop, "webhook", "wms", "breaker"), "closed");
    forwarding_accept_many(f, "m", 20);
    forwarding_rest(f);
    assert_int_equal(forwarder_in_flight(f->forwarder), RAMP_START);
}

/* Five orders refused in a row: somebody broke the receiver. */
static void refusing_everybody_opens_the_breaker(void **state)
{
    struct forwarding *f = *state;
    scripted_rule(f->shop.http, .times = 6, .status = 400);
    scripted_rule(f->shop.http, .times = -1, .status = 200);
    int64_t first = forwarding_accept_many(f, "n", 5);
    ear_open();
    settle(f);
    AUTOFREE char *said = ear_heard();
    assert_part(said, "webhook wms does not work: it refuses events of many orders in a row");
    for (int i = 0; i < 5; i++)
        assert_int_equal(row(f, first + i).event_faults, 0);
    /* A refused probe shows nothing. */
    forwarding_run_to(f, 6);
    settle(f);
    assert_string_equal(workshop_fact(&f->shop, "webhook", "wms", "breaker"), "open");
    forwarding_run(f, 15 * USEC_PER_MIN);
    assert_int_equal(workshop_count(&f->shop, DELIVERY_DELIVERED), 5);
}

/* The destination was away, and is back: it refuses this one only. */
static void a_refused_probe_closes_the_breaker(void **state)
{
    struct forwarding *f = *state;
    scripted_rule(f->shop.http, .fail = ERROR_CONNECT);
    scripted_rule(f->shop.http, .status = 400);
    scripted_rule(f->shop.http, .times = -1, .status = 200);
    forwarding_accept_many(f, "n", 1);
    forwarding_rest(f);
    forwarding_accept_many(f, "m", 3);
    ear_open();
    forwarding_run_to(f, 2);
    forwarding_run(f, USEC_PER_SEC);
    AUTOFREE char *said = ear_heard();
    assert_int_equal(count_parts(said, "works again"), 1);
    assert_string_equal(workshop_fact(&f->shop, "webhook", "wms", "breaker"), "closed");
    assert_int_equal(workshop_count(&f->shop, DELIVERY_DELIVERED), 3);
}

/* ---- gone ---- */

static void is_paused(const struct store_webhook *webhook, void *userdata)
{
    if (webhook->id)
        *(bool *)userdata = webhook->paused_usec != 0;
}

static bool paused(struct forwarding *f)
{
    bool result = false;
    workshop_begin(&f->shop);
    assert_int_equal(store_each_webhook(f->shop.store, is_paused, &result), 0);
    workshop_commit(&f->shop);
    return result;
}

/* As a command of an operator does it. */
static void resume(struct forwarding *f)
{
    struct store *other = NULL;
    struct error error;
    assert_int_equal(store_open(&other, f->shop.directory, STORE_COMMAND, &error), 0);
    assert_int_equal(store_begin(other), 0);
    assert_int_equal(store_resume(other, f->shop.webhook, clock_now_usec()), 0);
    assert_int_equal(store_commit(other), 0);
    store_free(other);
    turn_request(f->shop.turn);
    settle(f);
}

static void gone_pauses_and_keeps_everything(void **state)
{
    struct forwarding *f = *state;
    int64_t first = forwarding_accept_many(f, "n", 20);
    forwarding_rest(f);
    ear_open();
    for (unsigned i = 0; i < RAMP_START; i++)
        forwarding_answer(f, .status = 410);
    settle(f);
    AUTOFREE char *said = ear_heard();
    assert_int_equal(count_parts(said, "410 Gone"), 1);
    assert_true(paused(f));
    forwarding_run(f, USEC_PER_DAY);
    assert_int_equal(requests(f), RAMP_START);
    assert_int_equal(workshop_count(&f->shop, DELIVERY_READY), 20);
    assert_int_equal(row(f, first).faults + row(f, first).event_faults, 0);

    /* It is gone still, and told again. */
    scripted_rule(f->shop.http, .times = RAMP_START, .status = 410);
    ear_open();
    resume(f);
    AUTOFREE char *again = ear_heard();
    assert_int_equal(count_parts(again, "410 Gone"), 1);
    assert_true(paused(f));
    scripted_rule(f->shop.http, .status = 500);
    scripted_rule(f->shop.http, .times = -1, .status = 200);
    resume(f);
    assert_int_equal(workshop_count(&f->shop, DELIVERY_DELIVERED), 19);
    forwarding_run(f, USEC_PER_MIN);
    assert_int_equal(workshop_count(&f->shop, DELIVERY_DELIVERED), 20);
}

static void a_probe_that_finds_it_gone(void **state)
{
    struct forwarding *f = *state;
    scripted_rule(f->shop.http, .fail = ERROR_CONNECT);
    scripted_rule(f->shop.http, .status = 410);
    forwarding_accept(f, "n-1", "408-1");
    forwarding_run(f, USEC_PER_HOUR);
    assert_int_equal(requests(f), 2);
    assert_true(paused(f));
    scripted_rule(f->shop.http, .times = -1, .status = 200);
    resume(f);
    forwarding_run(f, USEC_PER_MIN);
    assert_int_equal(workshop_count(&f->shop, DELIVERY_DELIVERED), 1);
}

/* ---- besides ---- */

static void keep_answer(const struct attempt_row *attempt, void *userdata)
{
    char *out = userdata;
    memcpy(out, attempt->answer, attempt->answer_size);
    out[attempt->answer_size] = '\0';
    assert_string_equal(attempt->peer, "192.0.2.1:443");
    assert_int_equal(attempt->status, 500);
}

static void show(const struct delivery_details *details, void *userdata)
{
    (void)userdata;
    assert_int_equal(details->row.status, 500);
}

static void what_the_receiver_said_is_kept(void **state)
{
    struct forwarding *f = *state;
    char answer[STORE_ANSWER_MAX + 1] = "";
    scripted_rule(f->shop.http, .status = 500, .body = "stack trace");
    int64_t delivery = forwarding_accept(f, "n-1", "408-1");
    settle(f);
    workshop_begin(&f->shop);
    assert_int_equal(store_show(f->shop.store, delivery, show, keep_answer, answer), 0);
    workshop_commit(&f->shop);
    assert_string_equal(answer, "stack trace");
    forwarding_run_to(f, 2);
    assert_string_equal(workshop_fact(&f->shop, "webhook", "wms", "last_error"),
                        "HTTP 500 Internal Server Error");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FORWARDING(faults_are_tried_again_ever_later),
        IN_FORWARDING(another_schedule),
        IN_FORWARDING(what_is_asked_for_is_cut_to_what_is_obeyed),
        IN_FORWARDING(a_retry_after_is_never_undercut),
        IN_FORWARDING(a_retry_after_of_503_holds_probes_back),
        IN_FORWARDING(max_attempts_while_others_arrive),
        IN_FORWARDING(max_attempts_while_nobody_arrives),
        IN_FORWARDING(a_success_of_the_same_order_does_not_count),
        IN_FORWARDING(a_streak_opens_the_breaker_and_is_forgiven),
        IN_FORWARDING(faults_count_until_it_opens),
        IN_FORWARDING(no_connection_opens_it_at_once),
        IN_FORWARDING(one_probe_at_a_time_until_it_works),
        IN_FORWARDING(probes_take_turns),
        IN_FORWARDING(what_waited_is_due_when_it_works),
        IN_FORWARDING(a_refused_event_has_three_tries),
        IN_FORWARDING(a_refusal_may_say_when_to_ask_again),
        IN_FORWARDING(a_refusal_is_no_fault_of_the_destination),
        IN_FORWARDING(refusing_everybody_opens_the_breaker),
        IN_FORWARDING(a_refused_probe_closes_the_breaker),
        IN_FORWARDING(gone_pauses_and_keeps_everything),
        IN_FORWARDING(a_probe_that_finds_it_gone),
        IN_FORWARDING(what_the_receiver_said_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
