/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/histogram.h"

static void each_goes_into_its_bucket(void **state)
{
    static const uint64_t bounds[] = {10, 20, 1000};
    struct histogram h;
    (void)state;
    histogram_init(&h, bounds, 3);
    histogram_add(&h, 0);
    histogram_add(&h, 10);
    histogram_add(&h, 11);
    histogram_add(&h, 1000);
    histogram_add(&h, 1001);
    assert_int_equal(h.counts[0], 2);
    assert_int_equal(h.counts[1], 1);
    assert_int_equal(h.counts[2], 1);
    assert_int_equal(h.counts[3], 1);
    assert_int_equal(h.sum_usec, 2022);
}

static void without_bounds_there_is_one_for_all(void **state)
{
    struct histogram h = {0};
    (void)state;
    histogram_add(&h, 7);
    assert_int_equal(h.counts[0], 1);
    assert_int_equal(h.sum_usec, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_goes_into_its_bucket),
        cmocka_unit_test(without_bounds_there_is_one_for_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
