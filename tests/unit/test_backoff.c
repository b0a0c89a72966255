/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/backoff.h"
#include "base/clock.h"

static void check(uint64_t expected, uint64_t got)
{
    assert_in_range(got, expected, expected + expected / 10);
}

static void doubles_up_to_the_cap(void **state)
{
    (void)state;
    const uint64_t base = 5 * USEC_PER_SEC, cap = 15 * USEC_PER_MIN;
    assert_int_equal(backoff_usec(base, cap, 0), 0);
    check(5 * USEC_PER_SEC, backoff_usec(base, cap, 1));
    check(10 * USEC_PER_SEC, backoff_usec(base, cap, 2));
    check(640 * USEC_PER_SEC, backoff_usec(base, cap, 8));
    check(cap, backoff_usec(base, cap, 9));
    check(cap, backoff_usec(base, cap, UINT32_MAX));
    check(cap, backoff_usec(cap + 1, cap, 1));
    check(0, backoff_usec(0, cap, 1000));
    assert_true(backoff_usec(UINT64_MAX, UINT64_MAX, 3) == UINT64_MAX);
}

static void jitter_spreads_and_only_adds(void **state)
{
    (void)state;
    uint64_t lowest = UINT64_MAX, highest = 0;
    for (int i = 0; i < 1000; i++) {
        uint64_t wait = backoff_jitter_usec(1000000);
        assert_in_range(wait, 1000000, 1100000);
        lowest = wait < lowest ? wait : lowest;
        highest = wait > highest ? wait : highest;
    }
    assert_in_range(lowest, 1000000, 1010000);
    assert_in_range(highest, 1090000, 1100000);
    assert_int_equal(backoff_jitter_usec(0), 0);
    assert_int_equal(backoff_latest_usec(1000000), 1100000);
    assert_true(backoff_latest_usec(UINT64_MAX) == UINT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(doubles_up_to_the_cap),
        cmocka_unit_test(jitter_spreads_and_only_adds),
    };
    return cmocka_run_group_tests_name("backoff", tests, NULL, NULL);
}
