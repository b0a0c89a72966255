/* SPDX-License-Identifier: MIT */
/* Amazon's time, as the Date headers of answers let us know it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "fake_clock.h"

#define SECOND ((int64_t)USEC_PER_SEC)
#define HOUR   (3600 * SECOND)

static int start(void **state)
{
    (void)state;
    fake_now_usec = 1440938160 * USEC_PER_SEC;
    fake_clock_forget();
    return 0;
}

/* An answer that took so long arrives; Amazon wrote its Date so long before, and cut it. */
static void answer(int64_t amazon_ahead_usec, uint64_t took_usec, uint64_t ago_usec)
{
    uint64_t date = fake_now_usec + (uint64_t)amazon_ahead_usec - ago_usec;
    clock_learn(date - date % USEC_PER_SEC, took_usec);
}

static void is_the_wall_clock_before_anything_was_learned(void **state)
{
    (void)state;
    fake_clock_advance(90 * USEC_PER_SEC);
    assert_false(clock_is_learned());
    assert_int_equal(clock_trusted_usec(), fake_now_usec);
}

static void a_clock_that_no_answer_contradicts_is_right(void **state)
{
    (void)state;
    for (uint64_t took = 1; took < 30 * USEC_PER_SEC; took = took * 3 + 1) {
        fake_clock_advance(took + 123456);
        answer(0, took, 0);
        answer(0, took, took);
        assert_int_equal(clock_offset_usec(), 0);
    }
    assert_true(clock_is_learned());
}

static void a_wrong_clock_is_put_right(void **state)
{
    (void)state;
    answer(-HOUR, 20000, 10000);
    assert_in_range(clock_offset_usec() + HOUR + SECOND, 0, 2 * SECOND);
    answer(10 * 365 * 24 * HOUR, 20000, 10000);
    assert_in_range(clock_offset_usec() - 10 * 365 * 24 * HOUR + SECOND, 0, 2 * SECOND);
}

/* An answer that was held up for a minute says nothing about our clock. */
static void a_slow_answer_does_not_disturb(void **state)
{
    (void)state;
    answer(-HOUR, 20000, 10000);
    int64_t before = clock_offset_usec();
    answer(-HOUR, 60 * USEC_PER_SEC, 59 * USEC_PER_SEC);
    answer(-HOUR, 60 * USEC_PER_SEC, 0);
    assert_in_range(clock_offset_usec() - before + SECOND, 0, 2 * SECOND);
}

static void a_wall_clock_that_is_set_does_not_move_it(void **state)
{
    (void)state;
    answer(0, 20000, 10000);
    uint64_t before = clock_trusted_usec();
    fake_now_usec -= 8 * USEC_PER_HOUR;
    assert_int_equal(clock_trusted_usec(), before);
    assert_int_equal(clock_offset_usec(), 8 * HOUR);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(is_the_wall_clock_before_anything_was_learned, start),
        cmocka_unit_test_setup(a_clock_that_no_answer_contradicts_is_right, start),
        cmocka_unit_test_setup(a_wrong_clock_is_put_right, start),
        cmocka_unit_test_setup(a_slow_answer_does_not_disturb, start),
        cmocka_unit_test_setup(a_wall_clock_that_is_set_does_not_move_it, start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
