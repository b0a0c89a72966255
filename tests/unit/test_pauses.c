/* SPDX-License-Identifier: MIT */
/* Pauses and resumes, whoever made them and whenever: each is noticed at once and told once. And
 * what was decided is written by the last commit, too. */
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

#define PAUSED  "webhook wms is paused since 2015-"
#define GONE    "webhook wms answered 410 Gone"
#define RESUMED "webhook wms was resumed"

static size_t requests(const struct forwarding *f)
{
    return scripted_request_count(f->shop.http);
}

static uint64_t count(struct forwarding *f, enum delivery_state state)
{
    return workshop_count(&f->shop, state);
}

/* As `queue pause` and `queue resume` do it. */
static void change(struct forwarding *f, bool pause)
{
    struct store *other = NULL;
    struct error error;
    if (store_open(&other, f->shop.directory, STORE_COMMAND, &error))
        fail_msg("%s", error.text);
    assert_int_equal(store_begin(other), 0);
    fake_clock_advance(1); /* the clock never stands still outside */
    int r = pause ? store_pause(other, f->shop.webhook, STORE_PAUSED_BY_OPERATOR, fake_now_usec)
                  : store_resume(other, f->shop.webhook, fake_now_usec);
    assert_int_equal(r, 0);
    assert_int_equal(store_commit(other), 0);
    store_free(other);
}

static void turn(struct forwarding *f)
{
    turn_request(f->shop.turn);
    forwarding_rest(f);
}

/* The process ends, and another one begins on the same store. */
static void restart(struct forwarding *f)
{
    size_t recovered;
    forwarding_limits(f, 64, 20);
    workshop_begin(&f->shop);
    assert_int_equal(store_recover(f->shop.store, fake_now_usec, &recovered), 0);
    workshop_commit(&f->shop);
    turn(f);
}

/* What is said between ear_open and here: how often each of the three. */
static void assert_told(unsigned paused, unsigned gone, unsigned resumed)
{
    AUTOFREE char *said = ear_heard();
    if (count_parts(said, PAUSED) != paused || count_parts(said, GONE) != gone ||
        count_parts(said, RESUMED) != resumed)
        fail_msg("wanted %u %u %u, heard: %s", paused, gone, resumed, said);
    ear_open();
}

static void an_operators_pause_is_told_once(void **state)
{
    struct forwarding *f = *state;
    turn(f);
    ear_open();
    change(f, true);
    turn(f);
    assert_true(forwarder_is_paused(f->forwarder));
    assert_false(forwarder_sends(f->forwarder));
    turn(f);
    forwarding_run(f, USEC_PER_HOUR);
    assert_told(1, 0, 0);
    change(f, false);
    turn(f);
    assert_true(forwarder_sends(f->forwarder));
    turn(f);
    assert_told(0, 0, 1);
}

/* Claimed ahead, waiting for a slot: it goes back as if it had not been claimed. */
static void a_pause_stops_what_was_claimed_ahead(void **state)
{
    struct forwarding *f = *state;
    int64_t first = forwarding_accept_many(f, "n", 20);
    forwarding_rest(f);
    assert_true(forwarder_waiting(f->forwarder) > 0);
    change(f, true);
    turn(f);
    assert_int_equal(forwarder_waiting(f->forwarder), 0);
    for (unsigned i = 0; i < RAMP_START; i++)
        forwarding_answer(f, .status = 200);
    forwarding_run(f, USEC_PER_DAY);
    assert_int_equal(requests(f), RAMP_START);
    assert_int_equal(count(f, DELIVERY_DELIVERED), RAMP_START);
    assert_int_equal(count(f, DELIVERY_READY), 20 - RAMP_START);
    for (unsigned i = RAMP_START; i < 20; i++)
        assert_int_equal(workshop_row(&f->shop, first + i).attempts, 0);
    scripted_rule(f->shop.http, .times = -1, .status = 200);
    change(f, false);
    turn(f);
    forwarding_run(f, USEC_PER_SEC);
    assert_int_equal(count(f, DELIVERY_DELIVERED), 20);
}

static void a_pause_is_told_again_at_every_start(void **state)
{
    struct forwarding *f = *state;
    change(f, true);
    ear_open();
    turn(f);
    assert_told(1, 0, 0);
    restart(f);
    assert_true(forwarder_is_paused(f->forwarder));
    assert_told(1, 0, 0);
    change(f, false);
    restart(f); /* resumed while it was down */
    assert_told(0, 0, 1);
    restart(f);
    assert_told(0, 0, 0);
}

static void answer_gone(struct forwarding *f)
{
    forwarding_accept_many(f, "n", 8);
    forwarding_rest(f);
    for (unsigned i = 0; i < RAMP_START; i++)
        forwarding_answer(f, .status = 410);
    forwarding_run(f, TURN_SETTLE_DELAY_USEC);
}

static void gone_is_told_once_and_again_at_start(void **state)
{
    struct forwarding *f = *state;
    ear_open();
    answer_gone(f);
    assert_told(0, 1, 0);
    restart(f);
    forwarding_run(f, USEC_PER_DAY);
    assert_told(0, 1, 0);
    assert_int_equal(requests(f), RAMP_START);
    scripted_rule(f->shop.http, .times = -1, .status = 200);
    change(f, false);
    turn(f);
    assert_told(0, 0, 1);
    forwarding_run(f, USEC_PER_SEC);
    assert_int_equal(count(f, DELIVERY_DELIVERED), 8);
}

static void a_pause_lasts_through_a_reload(void **state)
{
    struct forwarding *f = *state;
    change(f, true);
    turn(f);
    ear_open();
    forwarding_reload(f);
    assert_true(forwarder_is_paused(f->forwarder));
    assert_told(0, 0, 0);
    change(f, false);
    turn(f);
    assert_told(0, 0, 1);
}

/* What the older one has in flight is answered after the reload. */
static void gone_after_a_reload_is_told_once(void **state)
{
    struct forwarding *f = *state;
    forwarding_accept_many(f, "n", 3);
    forwarding_rest(f);
    ear_open();
    forwarding_reload(f);
    for (unsigned i = 0; i < 3; i++)
        forwarding_answer(f, .status = 410);
    forwarding_run(f, USEC_PER_DAY);
    assert_told(0, 1, 0);
    assert_true(forwarder_is_paused(f->forwarder));
    assert_int_equal(requests(f), 3);
}

/* Nothing asks the webhook while it is paused, and its breaker does not mind. */
static void a_pause_while_the_breaker_is_open(void **state)
{
    struct forwarding *f = *state;
    scripted_rule(f->shop.http, .fail = ERROR_CONNECT);
    forwarding_accept(f, "n-1", "408-1");
    forwarding_rest(f);
    change(f, true);
    turn(f);
    forwarding_run(f, USEC_PER_DAY);
    assert_int_equal(requests(f), 1);
    scripted_rule(f->shop.http, .times = -1, .status = 200);
    change(f, false);
    turn(f);
    forwarding_run(f, USEC_PER_SEC);
    assert_int_equal(requests(f), 2);
    assert_int_equal(count(f, DELIVERY_DELIVERED), 1);
}

/* ---- the last commit ---- */

/* Answers come while another process writes, so that no turn is committed before the end. */
static void answer_while_busy(struct forwarding *f, unsigned answers, struct scripted_rule rule)
{
    struct store *other = NULL;
    struct error error;
    if (store_open(&other, f->shop.directory, STORE_COMMAND, &error))
        fail_msg("%s", error.text);
    assert_int_equal(store_begin(other), 0);
    for (unsigned i = 0; i < answers; i++) {
        scripted_answer(f->shop.http, &rule);
        forwarding_rest(f);
    }
    forwarder_stop(f->forwarder);
    assert_int_equal(turn_flush(f->shop.turn), STORE_BUSY);
    store_rollback(other);
    store_free(other);
    assert_int_equal(turn_flush(f->shop.turn), 0);
}

static void the_last_commit_pauses(void **state)
{
    struct forwarding *f = *state;
    forwarding_accept_many(f, "n", 20);
    forwarding_rest(f);
    ear_open();
    answer_while_busy(f, 1, (struct scripted_rule){.status = 410});
    assert_told(0, 1, 0);
    restart(f);
    forwarding_run(f, USEC_PER_DAY);
    assert_int_equal(requests(f), RAMP_START);
    assert_int_equal(count(f, DELIVERY_READY), 20);
}

static void the_last_commit_gives_attempts_back(void **state)
{
    struct forwarding *f = *state;
    forwarding_accept(f, "good", "good");
    int64_t first = forwarding_accept_many(f, "n", RAMP_START - 1);
    forwarding_rest(f);
    fake_clock_advance(1);
    forwarding_answer(f, .status = 200); /* a fault after it is the event's own */
    forwarding_run(f, TURN_SETTLE_DELAY_USEC);
    answer_while_busy(f, 1, (struct scripted_rule){.fail = ERROR_CONNECT});
    struct list_row row = workshop_row(&f->shop, first);
    assert_int_equal(row.state, DELIVERY_READY);
    assert_int_equal(row.attempts, 1);
    assert_int_equal(row.faults, 0);
}

static void the_last_commit_gives_back_what_is_not_sent(void **state)
{
    struct forwarding *f = *state;
    int64_t first = forwarding_accept_many(f, "n", 20);
    forwarding_rest(f);
    answer_while_busy(f, RAMP_START, (struct scripted_rule){.fail = ERROR_CONNECT});
    assert_int_equal(count(f, DELIVERY_READY), 20);
    for (unsigned i = RAMP_START; i < 20; i++)
        assert_int_equal(workshop_row(&f->shop, first + i).attempts, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FORWARDING(an_operators_pause_is_told_once),
        IN_FORWARDING(a_pause_stops_what_was_claimed_ahead),
        IN_FORWARDING(a_pause_is_told_again_at_every_start),
        IN_FORWARDING(gone_is_told_once_and_again_at_start),
        IN_FORWARDING(a_pause_lasts_through_a_reload),
        IN_FORWARDING(gone_after_a_reload_is_told_once),
        IN_FORWARDING(a_pause_while_the_breaker_is_open),
        IN_FORWARDING(the_last_commit_pauses),
        IN_FORWARDING(the_last_commit_gives_attempts_back),
        IN_FORWARDING(the_last_commit_gives_back_what_is_not_sent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
