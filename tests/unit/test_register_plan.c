/* SPDX-License-Identifier: MIT */
#include "config/register_plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fake_clock.h"

/* Two sellers, each with one type. */
static int setup(void **state)
{
    static struct register_plan plan;
    register_plan_init(&plan, 2);
    register_plan_want(&plan, 0, 1);
    register_plan_want(&plan, 1, 1);
    *state = &plan;
    return 0;
}

static int teardown(void **state)
{
    register_plan_clear(*state);
    return 0;
}

/* Passes the time until the next round, which must begin between so many and a tenth more seconds
 * from now. */
static void wait_for_round(struct register_plan *plan, uint64_t seconds)
{
    uint64_t in = register_plan_next(plan) - fake_boot_usec;
    assert_in_range(in, seconds * USEC_PER_SEC, seconds * USEC_PER_SEC * 11 / 10);
    fake_boot_usec += in;
}

static void fail_round(struct register_plan *plan, bool passes)
{
    assert_int_equal(register_plan_begin(plan), 1);
    register_plan_fail(plan, 0, passes);
    register_plan_end(plan);
}

static void both_begin_at_once_and_then_daily(void **state)
{
    struct register_plan *plan = *state;
    for (unsigned day = 0; day < 3; day++) {
        assert_int_equal(register_plan_begin(plan), 2);
        assert_int_equal(register_plan_next(plan), UINT64_MAX);
        register_plan_end(plan);
        assert_int_equal(register_plan_begin(plan), 0);
        wait_for_round(plan, 86400);
    }
}

static void what_passes_is_tried_again_from_a_minute_to_an_hour(void **state)
{
    struct register_plan *plan = *state;
    assert_int_equal(register_plan_begin(plan), 2);
    uint64_t next = register_plan_fail(plan, 0, true);
    assert_int_equal(next, register_plan_fail(plan, 0, true));
    register_plan_end(plan);
    assert_int_equal(next, register_plan_next(plan));
    static const uint64_t minutes[] = {1, 2, 4, 8, 16, 32, 60, 60, 60};
    for (size_t i = 0; i < sizeof(minutes) / sizeof(minutes[0]); i++) {
        wait_for_round(plan, 60 * minutes[i]);
        fail_round(plan, true);
    }
    /* When it has worked once, the next failure starts from a minute again. */
    wait_for_round(plan, 3600);
    assert_int_equal(register_plan_begin(plan), 1);
    register_plan_end(plan);
    fake_boot_usec += 30 * USEC_PER_HOUR;
    assert_int_equal(register_plan_begin(plan), 2);
    register_plan_fail(plan, 0, true);
    register_plan_end(plan);
    wait_for_round(plan, 60);
}

static void any_other_failure_is_tried_again_every_hour(void **state)
{
    struct register_plan *plan = *state;
    assert_int_equal(register_plan_begin(plan), 2);
    register_plan_fail(plan, 0, false);
    register_plan_end(plan);
    for (unsigned i = 0; i < 5; i++) {
        wait_for_round(plan, 3600);
        fail_round(plan, false);
    }
}

static void of_two_failures_the_one_that_passes_decides(void **state)
{
    struct register_plan *plan = *state;
    assert_int_equal(register_plan_begin(plan), 2);
    register_plan_fail(plan, 0, false);
    register_plan_fail(plan, 0, true);
    register_plan_fail(plan, 0, false);
    register_plan_end(plan);
    wait_for_round(plan, 60);
}

static void a_recovery_brings_the_round_about(void **state)
{
    struct register_plan *plan = *state;
    assert_int_equal(register_plan_begin(plan), 2);
    register_plan_fail(plan, 0, true);
    register_plan_fail(plan, 1, false);
    register_plan_end(plan);
    register_plan_hurry(plan);
    wait_for_round(plan, 10);
    fail_round(plan, true);
    /* One that comes in the middle of a round counts for its end. */
    wait_for_round(plan, 120);
    assert_int_equal(register_plan_begin(plan), 1);
    register_plan_hurry(plan);
    assert_int_equal(register_plan_fail(plan, 0, true), fake_boot_usec + REGISTER_HURRY_USEC);
    register_plan_end(plan);
    wait_for_round(plan, 10);
    /* What cannot pass by itself waits for its time. */
    assert_int_equal(register_plan_begin(plan), 1);
    register_plan_end(plan);
    register_plan_hurry(plan);
    assert_true(register_plan_next(plan) > fake_boot_usec + 30 * USEC_PER_MIN);
}

static void the_same_failure_is_new_once(void **state)
{
    struct register_plan *plan = *state;
    assert_int_equal(register_plan_begin(plan), 2);
    assert_true(register_plan_is_new(plan, 0, 0, 7));
    assert_true(register_plan_is_new(plan, 0, 1, 7));
    assert_false(register_plan_is_new(plan, 0, 0, 7));
    register_plan_fail(plan, 0, true);
    register_plan_end(plan);
    fake_boot_usec += USEC_PER_HOUR;
    assert_int_equal(register_plan_begin(plan), 1);
    assert_false(register_plan_is_new(plan, 0, 0, 7));
    assert_true(register_plan_is_new(plan, 0, 0, 8));
    register_plan_fail(plan, 0, true);
    register_plan_end(plan);
    /* After a round without a failure it is. */
    fake_boot_usec += USEC_PER_HOUR;
    assert_int_equal(register_plan_begin(plan), 1);
    register_plan_end(plan);
    assert_true(register_plan_is_new(plan, 0, 0, 8));
    assert_true(register_plan_is_new(plan, 0, 9, 8)); /* a type of no seller's */
}

/* registerNotification registers outside of the rounds. */
static void outside_of_a_round_nothing_changes(void **state)
{
    struct register_plan *plan = *state;
    assert_int_equal(register_plan_begin(plan), 2);
    register_plan_end(plan);
    uint64_t next = register_plan_next(plan);
    register_plan_fail(plan, 0, true);
    assert_int_equal(register_plan_next(plan), next);
    assert_false(plan->sellers[0].troubled);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(both_begin_at_once_and_then_daily, setup, teardown),
        cmocka_unit_test_setup_teardown(what_passes_is_tried_again_from_a_minute_to_an_hour, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(any_other_failure_is_tried_again_every_hour, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(of_two_failures_the_one_that_passes_decides, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_recovery_brings_the_round_about, setup, teardown),
        cmocka_unit_test_setup_teardown(the_same_failure_is_new_once, setup, teardown),
        cmocka_unit_test_setup_teardown(outside_of_a_round_nothing_changes, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
