/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "relay/trusted_time.h"

static uint64_t wall, boot;

uint64_t clock_now_usec(void)
{
    return wall;
}

uint64_t clock_boot_usec(void)
{
    return boot;
}

static void pass(uint64_t usec)
{
    wall += usec;
    boot += usec;
}

/* Amazon's clock is so far ahead of the wall clock. */
static void learn(struct trusted_time *time, int64_t offset_usec)
{
    clock_learn(wall + (uint64_t)offset_usec, 0);
    trusted_time_learn(time);
}

static int start(void **state)
{
    (void)state;
    wall = 1000 * USEC_PER_DAY;
    boot = USEC_PER_DAY;
    clock_trust((int64_t)(wall - boot), false);
    return 0;
}

static void is_unknown_before_a_date_was_seen(void **state)
{
    struct trusted_time time;
    uint64_t now;
    (void)state;
    trusted_time_init(&time, 0);
    assert_false(trusted_time_now(&time, &now));
    learn(&time, 0);
    assert_true(trusted_time_now(&time, &now));
    assert_int_equal(now, wall);
}

static void is_the_clock_plus_the_offset(void **state)
{
    struct trusted_time time;
    uint64_t now;
    (void)state;
    trusted_time_init(&time, 0);
    learn(&time, -3600 * (int64_t)USEC_PER_SEC);
    assert_true(trusted_time_now(&time, &now));
    assert_in_range(now, wall - USEC_PER_HOUR, wall - USEC_PER_HOUR + USEC_PER_SEC);
    learn(&time, 30 * (int64_t)USEC_PER_SEC);
    assert_true(trusted_time_now(&time, &now));
    assert_in_range(now, wall + 30 * USEC_PER_SEC, wall + 31 * USEC_PER_SEC);
}

static void is_lost_by_a_jump_until_the_next_date(void **state)
{
    struct trusted_time time;
    uint64_t now;
    (void)state;
    trusted_time_init(&time, 0);
    learn(&time, 0);
    pass(USEC_PER_DAY);
    assert_true(trusted_time_now(&time, &now));
    wall += 6 * USEC_PER_MIN;
    assert_false(trusted_time_now(&time, &now));
    learn(&time, -6 * (int64_t)USEC_PER_MIN);
    assert_true(trusted_time_now(&time, &now));
    wall -= 6 * USEC_PER_MIN;
    assert_false(trusted_time_now(&time, &now));
}

static void a_small_step_is_no_jump(void **state)
{
    struct trusted_time time;
    uint64_t now;
    (void)state;
    trusted_time_init(&time, 0);
    learn(&time, 0);
    wall += 4 * USEC_PER_MIN;
    assert_true(trusted_time_now(&time, &now));
}

static void is_unknown_while_behind_the_newest_row(void **state)
{
    struct trusted_time time;
    uint64_t now;
    (void)state;
    trusted_time_init(&time, wall + USEC_PER_MIN);
    learn(&time, 0);
    assert_false(trusted_time_now(&time, &now));
    pass(2 * USEC_PER_MIN);
    assert_true(trusted_time_now(&time, &now));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(is_unknown_before_a_date_was_seen, start),
        cmocka_unit_test_setup(is_the_clock_plus_the_offset, start),
        cmocka_unit_test_setup(is_lost_by_a_jump_until_the_next_date, start),
        cmocka_unit_test_setup(a_small_step_is_no_jump, start),
        cmocka_unit_test_setup(is_unknown_while_behind_the_newest_row, start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
