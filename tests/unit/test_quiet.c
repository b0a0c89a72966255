/* SPDX-License-Identifier: MIT */
/* Silence: told once, when it means something, and ended by the next message. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/memory.h"
#include "ear.h"
#include "fake_clock.h"
#include "fake_loop.h"
#include "receive/quiet.h"
#include "relay/trusted_time.h"

static sd_event *loop;
static struct trusted_time now;
static struct quiet_watch *watch;
static struct quiet *queue, *acme;

#define DAY USEC_PER_DAY

static void add(uint64_t queue_limit, uint64_t seller_limit, uint64_t heard_usec)
{
    queue = quiet_add(watch, &(struct quiet_options){.name = "orders-eu",
                                                     .limit_usec = queue_limit,
                                                     .heard_usec = heard_usec});
    acme = quiet_add(watch, &(struct quiet_options){.name = "acme",
                                                    .queue = queue,
                                                    .limit_usec = seller_limit,
                                                    .heard_usec = heard_usec});
}

/* Lets so much pass, with a word of Amazon's clock now and then; what was said is the caller's. */
static char *pass(uint64_t usec)
{
    ear_open();
    fake_loop_run(loop, usec);
    return ear_heard();
}

static void a_silent_queue_is_told_once(void **state)
{
    (void)state;
    add(DAY, 0, fake_now_usec);
    quiet_answers(queue, true);
    AUTOFREE char *before = pass(DAY - USEC_PER_MIN);
    assert_string_equal(before, "");
    AUTOFREE char *then = pass(2 * USEC_PER_MIN);
    assert_non_null(strstr(then, "warning: queue orders-eu answers, but nothing has come for 1d"));
    assert_non_null(strstr(then, "since 2015-08-30T12:36:00.000Z"));
    AUTOFREE char *after = pass(10 * DAY);
    assert_string_equal(after, "");
    ear_open();
    quiet_heard(queue, fake_now_usec);
    quiet_heard(queue, fake_now_usec);
    AUTOFREE char *heard = ear_heard();
    assert_string_equal(heard, "notice: queue orders-eu: something comes again after 11d of "
                               "silence\n");
}

static void each_message_puts_it_off(void **state)
{
    (void)state;
    add(DAY, 0, 0);
    quiet_answers(queue, true);
    for (unsigned i = 0; i < 20; i++) {
        AUTOFREE char *said = pass(DAY - USEC_PER_HOUR);
        assert_string_equal(said, "");
        quiet_heard(queue, fake_now_usec);
    }
}

static void a_seller_is_told_apart(void **state)
{
    (void)state;
    add(0, DAY, fake_now_usec);
    quiet_answers(queue, true);
    for (unsigned i = 0; i < 30; i++) {
        quiet_heard(queue, fake_now_usec);
        AUTOFREE char *said = pass(USEC_PER_HOUR);
        assert_int_equal(strstr(said, "seller acme: nothing has come over queue orders-eu") != NULL,
                         i == 23);
    }
}

static void off_means_off(void **state)
{
    (void)state;
    add(0, 0, 1);
    quiet_answers(queue, true);
    AUTOFREE char *said = pass(100 * DAY);
    assert_string_equal(said, "");
    assert_true(fake_loop_next() == UINT64_MAX);
}

static void after_a_start_what_waits_comes_first(void **state)
{
    (void)state;
    add(DAY, 0, fake_now_usec - 3 * DAY);
    quiet_answers(queue, true);
    AUTOFREE char *early = pass(QUIET_SETTLE_USEC - USEC_PER_SEC);
    assert_string_equal(early, "");
    AUTOFREE char *then = pass(2 * USEC_PER_SEC);
    assert_non_null(strstr(then, "nothing has come for 3d"));
}

static void a_queue_that_cannot_be_read_is_not_called_silent(void **state)
{
    (void)state;
    add(DAY, DAY, fake_now_usec);
    quiet_answers(queue, true);
    quiet_answers(queue, false);
    AUTOFREE char *said = pass(3 * DAY);
    assert_string_equal(said, "");
    quiet_answers(queue, true);
    AUTOFREE char *early = pass(QUIET_SETTLE_USEC - USEC_PER_SEC);
    assert_string_equal(early, "");
    AUTOFREE char *then = pass(2 * USEC_PER_SEC);
    assert_non_null(strstr(then, "queue orders-eu answers"));
    assert_non_null(strstr(then, "seller acme"));
}

static void without_a_trusted_time_nothing_is_judged(void **state)
{
    (void)state;
    now.known = false;
    add(DAY, 0, fake_now_usec);
    quiet_answers(queue, true);
    AUTOFREE char *said = pass(2 * DAY);
    assert_null(strstr(said, "nothing has come"));
    fake_clock_learn(0);
    trusted_time_learn(&now);
    AUTOFREE char *then = pass(QUIET_UNTRUSTED_USEC + USEC_PER_SEC);
    assert_non_null(strstr(then, "nothing has come for 2d"));
}

static void a_clock_that_is_wrong_does_not_count(void **state)
{
    (void)state;
    add(DAY, 0, fake_now_usec);
    quiet_answers(queue, true);
    fake_now_usec += 2 * DAY;
    fake_clock_learn((int64_t)(-2 * DAY)); /* the machine's clock is fast by two days */
    trusted_time_learn(&now);
    now.wall_usec += 2 * DAY;
    AUTOFREE char *said = pass(20 * USEC_PER_HOUR);
    assert_null(strstr(said, "nothing has come"));
}

static void it_wakes_hardly_ever(void **state)
{
    (void)state;
    unsigned wakes = 0;
    add(DAY, DAY, fake_now_usec);
    quiet_answers(queue, true);
    for (uint64_t end = fake_boot_usec + USEC_PER_HOUR; fake_boot_usec < end; wakes++)
        fake_loop_run(loop, fake_loop_next());
    assert_true(wakes <= 3);
}

static void what_was_told_before_is_ended(void **state)
{
    (void)state;
    queue = quiet_add(watch, &(struct quiet_options){.name = "orders-eu",
                                                     .limit_usec = DAY,
                                                     .heard_usec = fake_now_usec - 2 * DAY,
                                                     .told = true});
    quiet_answers(queue, true);
    AUTOFREE char *said = pass(DAY);
    assert_string_equal(said, "");
    ear_open();
    quiet_heard(queue, fake_now_usec);
    AUTOFREE char *heard = ear_heard();
    assert_non_null(strstr(heard, "something comes again"));
}

static void a_reload_forgets_nothing(void **state)
{
    (void)state;
    struct quiet_watch *older = watch;
    struct quiet *before;
    add(DAY, DAY, fake_now_usec - 20 * USEC_PER_HOUR);
    before = acme;
    quiet_answers(queue, true);
    quiet_heard(before, fake_now_usec);
    assert_int_equal(quiet_watch_new(&watch, loop, &now), 0);
    add(DAY, DAY, fake_now_usec - 20 * USEC_PER_HOUR);
    quiet_follow(watch, older);
    quiet_answers(queue, true);
    AUTOFREE char *said = pass(5 * USEC_PER_HOUR);
    assert_non_null(strstr(said, "queue orders-eu answers"));
    assert_null(strstr(said, "acme"));
    quiet_watch_free(older);
}

static int setup(void **state)
{
    (void)state;
    trusted_time_init(&now, 0);
    fake_clock_learn(0);
    trusted_time_learn(&now);
    return sd_event_new(&loop) < 0 || quiet_watch_new(&watch, loop, &now) < 0 ? -1 : 0;
}

static int teardown(void **state)
{
    (void)state;
    ear_close();
    quiet_watch_free(watch);
    sd_event_unref(loop);
    return 0;
}

#define WITH_WATCH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_WATCH(a_silent_queue_is_told_once),
        WITH_WATCH(each_message_puts_it_off),
        WITH_WATCH(a_seller_is_told_apart),
        WITH_WATCH(off_means_off),
        WITH_WATCH(after_a_start_what_waits_comes_first),
        WITH_WATCH(a_queue_that_cannot_be_read_is_not_called_silent),
        WITH_WATCH(without_a_trusted_time_nothing_is_judged),
        WITH_WATCH(a_clock_that_is_wrong_does_not_count),
        WITH_WATCH(it_wakes_hardly_ever),
        WITH_WATCH(what_was_told_before_is_ended),
        WITH_WATCH(a_reload_forgets_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
