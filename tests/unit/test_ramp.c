/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "deliver/ramp.h"

static void doubles_after_as_many_good_answers(void **state)
{
    struct ramp ramp;
    (void)state;
    ramp_init(&ramp, 64);
    assert_int_equal(ramp.limit, RAMP_START);
    for (unsigned i = 0; i < RAMP_START - 1; i++)
        ramp_good(&ramp);
    assert_int_equal(ramp.limit, RAMP_START);
    ramp_good(&ramp);
    assert_int_equal(ramp.limit, 2 * RAMP_START);
}

static void stays_between_one_and_the_ceiling(void **state)
{
    struct ramp ramp;
    (void)state;
    ramp_init(&ramp, 50);
    for (int i = 0; i < 1000; i++)
        ramp_good(&ramp);
    assert_int_equal(ramp.limit, 50);
    ramp_fault(&ramp, 1, 2);
    assert_int_equal(ramp.limit, 25);
    for (unsigned i = 3; i < 43; i += 2)
        ramp_fault(&ramp, i, i + 1);
    assert_int_equal(ramp.limit, 1);
    ramp_good(&ramp);
    assert_int_equal(ramp.limit, 2);
    ramp_init(&ramp, 2);
    assert_int_equal(ramp.limit, 2);
}

/* Twenty that were sent together fail together. */
static void what_was_under_way_together_is_one_fault(void **state)
{
    struct ramp ramp;
    (void)state;
    ramp_init(&ramp, 64);
    for (int i = 0; i < 1000; i++)
        ramp_good(&ramp);
    for (unsigned i = 0; i < 20; i++)
        ramp_fault(&ramp, 100 + i, 200 + i);
    assert_int_equal(ramp.limit, 32);
    ramp_fault(&ramp, 201, 300);
    assert_int_equal(ramp.limit, 16);
}

static void begins_anew_after_a_recovery(void **state)
{
    struct ramp ramp;
    (void)state;
    ramp_init(&ramp, 64);
    for (int i = 0; i < 1000; i++)
        ramp_good(&ramp);
    ramp_restart(&ramp);
    assert_int_equal(ramp.limit, RAMP_START);
    assert_int_equal(ramp.ceiling, 64);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(doubles_after_as_many_good_answers),
        cmocka_unit_test(stays_between_one_and_the_ceiling),
        cmocka_unit_test(what_was_under_way_together_is_one_fault),
        cmocka_unit_test(begins_anew_after_a_recovery),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
