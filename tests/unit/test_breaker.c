/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "relay/breaker.h"

#define MANY 100

static const struct schedule usual = {
    .probe_first_usec = 5 * USEC_PER_SEC,
    .probe_longest_usec = 30 * USEC_PER_SEC,
    .breaker_faults = 5,
};

static bool fault(struct breaker *b, int64_t lane, uint64_t boot_usec)
{
    return breaker_fault(b, lane * 10, lane, false, 0, MANY, boot_usec);
}

static void opens_after_five_faults_on_three_lanes(void **state)
{
    struct breaker b = {.schedule = &usual};
    (void)state;
    assert_false(fault(&b, 1, 1));
    assert_false(fault(&b, 2, 1));
    assert_false(fault(&b, 3, 1));
    assert_false(fault(&b, 1, 1));
    assert_int_equal(b.state, BREAKER_CLOSED);
    assert_true(fault(&b, 2, 1));
    assert_int_equal(b.state, BREAKER_OPEN);
    assert_int_equal(b.n_streak, 5);
}

static void one_bad_lane_never_opens_it_while_there_are_others(void **state)
{
    struct breaker b = {.schedule = &usual};
    (void)state;
    for (int i = 0; i < 50; i++)
        assert_false(fault(&b, 7, 1));
    assert_int_equal(b.state, BREAKER_CLOSED);
}

static void one_bad_lane_opens_it_when_it_is_all_there_is(void **state)
{
    struct breaker b = {.schedule = &usual};
    (void)state;
    for (int i = 0; i < 4; i++)
        assert_false(breaker_fault(&b, 70, 7, false, 0, 1, 1));
    assert_true(breaker_fault(&b, 70, 7, false, 0, 1, 1));
}

static void a_success_between_starts_the_count_anew(void **state)
{
    struct breaker b = {.schedule = &usual};
    (void)state;
    for (int i = 0; i < 4; i++)
        fault(&b, i, 1);
    assert_false(breaker_success(&b, 9, 100));
    assert_int_equal(b.n_streak, 0);
    for (int i = 0; i < 4; i++)
        assert_false(fault(&b, i, 1));
    assert_true(fault(&b, 4, 1));
}

static void probes_wait_longer_each_time(void **state)
{
    struct breaker b = {.schedule = &usual};
    uint64_t now = USEC_PER_HOUR, last = 0;
    (void)state;
    assert_true(breaker_fault(&b, 10, 1, true, 0, MANY, now));
    for (int i = 0; i < 6; i++) {
        uint64_t wait = b.probe_usec - now;
        assert_false(breaker_may_probe(&b, b.probe_usec - 1));
        assert_true(breaker_may_probe(&b, b.probe_usec));
        assert_true(wait >= usual.probe_first_usec);
        assert_true(wait <= usual.probe_longest_usec + usual.probe_longest_usec / 10);
        assert_true(i == 0 || i > 3 || wait > last);
        last = wait;
        now = b.probe_usec;
        breaker_probe(&b, i + 1);
        assert_false(breaker_fault(&b, 10, i + 1, false, 0, MANY, now));
        assert_int_equal(b.state, BREAKER_OPEN);
    }
    breaker_probe(&b, 3);
    assert_true(breaker_success(&b, 3, 1));
    assert_int_equal(b.state, BREAKER_CLOSED);
}

static void retry_after_is_never_undercut(void **state)
{
    struct breaker b = {.schedule = &usual};
    uint64_t now = USEC_PER_HOUR;
    (void)state;
    breaker_fault(&b, 10, 1, true, 90 * USEC_PER_SEC, MANY, now);
    assert_true(b.probe_usec >= now + 90 * USEC_PER_SEC);
}

static void stragglers_do_not_count_as_the_probe(void **state)
{
    struct breaker b = {.schedule = &usual};
    (void)state;
    breaker_fault(&b, 10, 1, true, 0, MANY, 1);
    breaker_probe(&b, 5);
    fault(&b, 2, 1);
    assert_int_equal(b.state, BREAKER_PROBING);
    fault(&b, 5, 1);
    assert_int_equal(b.state, BREAKER_OPEN);
}

static void refusals_on_five_lanes_open_it(void **state)
{
    struct breaker b = {.schedule = &usual};
    bool closed;
    (void)state;
    for (int i = 0; i < 20; i++)
        assert_false(breaker_refusal(&b, 10, 1, 1, &closed));
    assert_false(breaker_refusal(&b, 20, 2, 1, &closed));
    assert_false(breaker_refusal(&b, 30, 3, 1, &closed));
    assert_false(breaker_refusal(&b, 40, 4, 1, &closed));
    assert_true(breaker_refusal(&b, 50, 5, 1, &closed));
    assert_true(b.by_refusals);
    breaker_probe(&b, 6);
    assert_false(breaker_refusal(&b, 60, 6, 1, &closed));
    assert_false(closed);
    assert_int_equal(b.state, BREAKER_OPEN);
}

static void a_refused_probe_shows_that_the_destination_works(void **state)
{
    struct breaker b = {.schedule = &usual};
    bool closed;
    (void)state;
    breaker_fault(&b, 10, 1, true, 0, MANY, 1);
    breaker_probe(&b, 2);
    assert_false(breaker_refusal(&b, 20, 2, 1, &closed));
    assert_true(closed);
    assert_int_equal(b.state, BREAKER_CLOSED);
}

static void others_work_only_if_another_lane_had_a_success_since(void **state)
{
    struct breaker b = {.schedule = &usual};
    (void)state;
    assert_false(breaker_others_work(&b, 1, 0));
    breaker_success(&b, 1, 100);
    assert_false(breaker_others_work(&b, 1, 50));
    assert_true(breaker_others_work(&b, 2, 50));
    breaker_success(&b, 2, 200);
    assert_true(breaker_others_work(&b, 1, 150));
    assert_false(breaker_others_work(&b, 2, 150));
    assert_true(breaker_others_work(&b, 2, 50));
    breaker_success(&b, 2, 300);
    assert_true(breaker_others_work(&b, 2, 50));
    assert_false(breaker_others_work(&b, 2, 250));
}

static void deliveries_without_a_lane_are_lanes_of_their_own(void **state)
{
    (void)state;
    assert_int_equal(breaker_lane(42, 7), 42);
    assert_int_not_equal(breaker_lane(0, 7), breaker_lane(0, 8));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opens_after_five_faults_on_three_lanes),
        cmocka_unit_test(one_bad_lane_never_opens_it_while_there_are_others),
        cmocka_unit_test(one_bad_lane_opens_it_when_it_is_all_there_is),
        cmocka_unit_test(a_success_between_starts_the_count_anew),
        cmocka_unit_test(probes_wait_longer_each_time),
        cmocka_unit_test(retry_after_is_never_undercut),
        cmocka_unit_test(stragglers_do_not_count_as_the_probe),
        cmocka_unit_test(refusals_on_five_lanes_open_it),
        cmocka_unit_test(a_refused_probe_shows_that_the_destination_works),
        cmocka_unit_test(others_work_only_if_another_lane_had_a_success_since),
        cmocka_unit_test(deliveries_without_a_lane_are_lanes_of_their_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
