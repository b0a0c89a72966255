/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "deliver/breaker.h"

#define MANY 100

static const struct schedule usual = {
    .probe_first_usec = 5 * USEC_PER_SEC,
    .probe_longest_usec = 30 * USEC_PER_SEC,
    .retry_after_longest_usec = USEC_PER_DAY,
    .breaker_faults = 5,
};

static bool fault(struct breaker *b, int64_t lane, uint64_t boot_usec)
{
    return breaker_fault(b, &(struct breaker_report){lane * 10, lane, 0, false, false}, MANY,
                         boot_usec);
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
    assert_false(fault(&b, 2, 1));
    /* Nobody is told before a witness was asked, and he is at once. */
    assert_int_equal(b.state, BREAKER_OPEN);
    assert_true(b.doubted);
    assert_true(breaker_may_probe(&b, 1));
    assert_true(breaker_probes_newest(&b));
    breaker_probe(&b, 4);
    assert_true(fault(&b, 4, 7));
    assert_false(b.doubted);
    assert_int_equal(b.state, BREAKER_OPEN);
    assert_int_equal(b.n_streak, 6);
    assert_true(b.probe_usec >= 7 + usual.probe_first_usec);
}

static void complete_a_streak(struct breaker *b)
{
    for (int i = 1; i <= 5; i++)
        assert_false(fault(b, i, 1));
    assert_true(b->doubted);
}

static void a_witness_speaks_against_it(void **state)
{
    struct breaker b = {.schedule = &usual};
    bool closed;
    (void)state;
    complete_a_streak(&b);
    breaker_probe(&b, 9);
    assert_false(breaker_success(&b, 9, 100, 2)); /* nobody was told, so nobody is told now */
    assert_int_equal(b.state, BREAKER_CLOSED);
    assert_int_equal(b.n_streak, 0);
    complete_a_streak(&b);
    breaker_probe(&b, 9);
    assert_false(breaker_refusal(&b, &(struct breaker_report){90, 9, 0, false, false}, 2, &closed));
    assert_false(closed);
    assert_int_equal(b.state, BREAKER_CLOSED);
    /* Another that was under way will do. */
    complete_a_streak(&b);
    assert_false(breaker_success(&b, 8, 100, 2));
    assert_int_equal(b.state, BREAKER_CLOSED);
}

static void no_witness_no_doubt(void **state)
{
    struct breaker b = {.schedule = &usual};
    (void)state;
    complete_a_streak(&b);
    breaker_no_witness(&b, 3);
    assert_false(b.doubted);
    assert_int_equal(b.state, BREAKER_OPEN);
    assert_true(b.probe_usec >= 3 + usual.probe_first_usec);
    /* Nor while one waits for him and there is no connection any more. */
    b = (struct breaker){.schedule = &usual};
    complete_a_streak(&b);
    assert_true(breaker_fault(&b, &(struct breaker_report){60, 6, 0, true, false}, MANY, 3));
    assert_false(b.doubted);
}

/* One probe in two is of the newest, the others of those that wait longest. */
static void probes_come_from_both_ends(void **state)
{
    struct breaker b = {.schedule = &usual};
    (void)state;
    breaker_fault(&b, &(struct breaker_report){10, 1, 0, true, false}, MANY, 1);
    for (int i = 0; i < 6; i++) {
        assert_true(breaker_probes_newest(&b) == (i % 2 == 0));
        breaker_probe(&b, i);
        fault(&b, i, 1);
    }
}

static void one_bad_lane_never_opens_it_while_there_are_others(void **state)
{
    struct breaker b = {.schedule = &usual};
    (void)state;
    for (int i = 0; i < 50; i++)
        assert_false(fault(&b, 7, 1));
    assert_int_equal(b.state, BREAKER_CLOSED);
}

/* The first of another order that comes is asked whether it is only this one. */
static void one_bad_lane_opens_it_when_it_is_all_there_is(void **state)
{
    struct breaker b = {.schedule = &usual};
    struct breaker_report report = {.delivery = 70, .lane = 7};
    (void)state;
    for (int i = 0; i < 5; i++)
        assert_false(breaker_fault(&b, &report, 1, 1));
    assert_true(b.doubted);
    breaker_no_witness(&b, 1);
    assert_int_equal(b.state, BREAKER_OPEN);
    assert_false(breaker_may_probe(&b, 2));
    assert_true(breaker_wants_witness(&b, 2));
    breaker_probe(&b, 7); /* itself is no witness */
    assert_false(fault(&b, 7, 3));
    assert_true(breaker_wants_witness(&b, 4));
    breaker_probe(&b, 8);
    assert_false(fault(&b, 8, 5));
    assert_false(breaker_wants_witness(&b, 6));
    assert_int_equal(b.probes, 2);
}

/* Twenty orders of which it is known that they fail where others arrive. */
static void known_failures_are_no_streak(void **state)
{
    struct breaker b = {.schedule = &usual};
    bool closed;
    (void)state;
    for (int i = 1; i <= 20; i++) {
        struct breaker_report report = {.delivery = i, .lane = i, .repeated = true};
        assert_false(breaker_fault(&b, &report, MANY, 1));
        assert_false(breaker_refusal(&b, &report, 1, &closed));
        assert_int_equal(b.state, BREAKER_CLOSED);
    }
    /* That there is no connection does not depend on the order. */
    assert_true(breaker_fault(&b, &(struct breaker_report){1, 1, 0, true, true}, MANY, 1));
    assert_int_equal(b.n_streak, 1);
}

/* The latest are remembered, so that an old order's failures do not hide those of the others. */
static void a_long_streak_forgets_its_beginning(void **state)
{
    struct breaker b = {.schedule = &usual};
    (void)state;
    for (int i = 0; i < 2 * BREAKER_STREAK_MAX; i++)
        fault(&b, 7, 1);
    assert_int_equal(b.state, BREAKER_CLOSED);
    fault(&b, 8, 1);
    fault(&b, 9, 1);
    assert_true(b.doubted);
    assert_int_equal(b.n_streak, BREAKER_STREAK_MAX);
}

static void a_success_between_starts_the_count_anew(void **state)
{
    struct breaker b = {.schedule = &usual};
    (void)state;
    for (int i = 0; i < 4; i++)
        fault(&b, i, 1);
    assert_false(breaker_success(&b, 9, 100, 1));
    assert_int_equal(b.n_streak, 0);
    for (int i = 0; i < 4; i++)
        assert_false(fault(&b, i, 1));
    assert_int_equal(b.state, BREAKER_CLOSED);
    fault(&b, 4, 1);
    assert_true(b.doubted);
}

static void probes_wait_longer_each_time(void **state)
{
    struct breaker b = {.schedule = &usual};
    uint64_t now = USEC_PER_HOUR, last = 0;
    (void)state;
    assert_true(breaker_fault(&b, &(struct breaker_report){10, 1, 0, true, false}, MANY, now));
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
        assert_false(
            breaker_fault(&b, &(struct breaker_report){10, i + 1, 0, false, false}, MANY, now));
        assert_int_equal(b.state, BREAKER_OPEN);
    }
    breaker_probe(&b, 3);
    assert_true(breaker_success(&b, 3, 1, 1));
    assert_int_equal(b.state, BREAKER_CLOSED);
}

static void retry_after_is_never_undercut(void **state)
{
    struct breaker b = {.schedule = &usual};
    uint64_t now = USEC_PER_HOUR;
    (void)state;
    breaker_fault(&b, &(struct breaker_report){10, 1, 90 * USEC_PER_SEC, true, false}, MANY, now);
    assert_true(b.probe_usec >= now + 90 * USEC_PER_SEC);
    /* One that was under way asks for more, or arrives: that does not make it sooner. */
    breaker_fault(&b, &(struct breaker_report){20, 2, 200 * USEC_PER_SEC, true, false}, MANY, now);
    breaker_fault(&b, &(struct breaker_report){30, 3, 10 * USEC_PER_SEC, true, false}, MANY, now);
    assert_false(breaker_success(&b, 4, 1, now + USEC_PER_SEC));
    assert_int_equal(b.state, BREAKER_OPEN);
    assert_true(b.probe_usec >= now + 200 * USEC_PER_SEC);
    breaker_probe(&b, 5);
    breaker_probe_void(&b, now + 2 * USEC_PER_SEC);
    assert_true(b.probe_usec >= now + 200 * USEC_PER_SEC);
    now = b.probe_usec;
    breaker_probe(&b, 5);
    assert_true(breaker_success(&b, 5, 1, now));
    /* A later one is a new story. */
    breaker_fault(&b, &(struct breaker_report){10, 1, 0, true, false}, MANY, now);
    assert_true(b.probe_usec <= now + usual.probe_first_usec * 11 / 10);
}

static void refusals_that_ask_for_time_get_it(void **state)
{
    struct breaker b = {.schedule = &usual};
    bool closed;
    (void)state;
    for (int i = 1; i <= 4; i++)
        assert_false(
            breaker_refusal(&b, &(struct breaker_report){i, i, 0, false, false}, 1, &closed));
    assert_true(breaker_refusal(&b, &(struct breaker_report){5, 5, 70 * USEC_PER_SEC, false, false},
                                1, &closed));
    assert_true(b.probe_usec >= 70 * USEC_PER_SEC);
    breaker_probe(&b, 6);
    breaker_refusal(&b, &(struct breaker_report){6, 6, 80 * USEC_PER_SEC, false, false},
                    100 * USEC_PER_SEC, &closed);
    assert_true(b.probe_usec >= 180 * USEC_PER_SEC);
}

static void a_repaired_destination_is_asked_at_once(void **state)
{
    struct breaker b = {.schedule = &usual};
    (void)state;
    breaker_fault(&b, &(struct breaker_report){10, 1, USEC_PER_DAY, true, false}, MANY, 1);
    assert_false(breaker_may_probe(&b, USEC_PER_HOUR));
    breaker_hurry(&b, USEC_PER_HOUR);
    assert_true(breaker_may_probe(&b, USEC_PER_HOUR));
    breaker_probe(&b, 2);
    assert_true(breaker_success(&b, 2, 1, USEC_PER_HOUR + 1));
}

/* Chance adds nothing to the longest time that a receiver may ask for. */
static void a_day_is_not_longer_by_chance(void **state)
{
    (void)state;
    for (int i = 0; i < 100; i++) {
        struct breaker b = {.schedule = &usual};
        breaker_fault(&b, &(struct breaker_report){10, 1, USEC_PER_DAY, true, false}, MANY, 1);
        assert_int_equal(b.probe_usec, 1 + USEC_PER_DAY);
        assert_int_equal(b.asked_usec, 1 + USEC_PER_DAY);
        assert_int_equal(schedule_wait_usec(&usual, USEC_PER_MIN, USEC_PER_DAY), USEC_PER_DAY);
        assert_in_range(schedule_wait_usec(&usual, USEC_PER_MIN, 0), USEC_PER_MIN,
                        66 * USEC_PER_SEC);
        assert_in_range(schedule_wait_usec(&usual, USEC_PER_MIN, USEC_PER_HOUR), USEC_PER_HOUR,
                        66 * USEC_PER_MIN);
    }
}

static void a_younger_schedule_holds_for_what_waits(void **state)
{
    struct schedule shorter = usual;
    struct breaker old = {.schedule = &usual}, b = {.schedule = &shorter};
    (void)state;
    shorter.probe_first_usec = shorter.probe_longest_usec = USEC_PER_SEC;
    shorter.retry_after_longest_usec = 2 * USEC_PER_SEC;
    breaker_fault(&old, &(struct breaker_report){10, 1, 0, true, false}, MANY, 1);
    breaker_take_over(&b, &old, 1);
    assert_ptr_equal(b.schedule, &shorter);
    assert_true(b.probe_usec < 2 * USEC_PER_SEC);
    old = (struct breaker){.schedule = &usual};
    breaker_fault(&old, &(struct breaker_report){10, 1, USEC_PER_HOUR, true, false}, MANY, 1);
    breaker_take_over(&b, &old, 1);
    assert_in_range(b.probe_usec, 2 * USEC_PER_SEC, 3 * USEC_PER_SEC);
    b.schedule = &usual;
    breaker_take_over(&b, &old, 1);
    assert_true(b.probe_usec <= old.probe_usec);
}

/* Nothing could be sent at all: no delivery is in the streak, and a probe that was due is over. */
static void trips_without_a_delivery(void **state)
{
    struct breaker b = {.schedule = &usual};
    (void)state;
    assert_true(breaker_trip(&b, 0, 1));
    assert_int_equal(b.state, BREAKER_OPEN);
    assert_int_equal(b.n_streak, 0);
    uint64_t first = b.probe_usec;
    assert_in_range(first, 5 * USEC_PER_SEC, 6 * USEC_PER_SEC);
    assert_false(breaker_trip(&b, 0, first - 1)); /* before its time it changes nothing */
    assert_int_equal(b.probe_usec, first);
    assert_false(breaker_trip(&b, 0, first));
    assert_in_range(b.probe_usec - first, 10 * USEC_PER_SEC, 12 * USEC_PER_SEC);
    uint64_t second = b.probe_usec;
    assert_false(breaker_trip(&b, 100 * USEC_PER_SEC, second));
    assert_true(b.probe_usec - second >= 100 * USEC_PER_SEC);
    breaker_probe(&b, 7);
    assert_false(breaker_trip(&b, 0, b.probe_usec + 1)); /* its probe is under way */
    assert_int_equal(b.state, BREAKER_PROBING);
}

static void stragglers_do_not_count_as_the_probe(void **state)
{
    struct breaker b = {.schedule = &usual};
    (void)state;
    breaker_fault(&b, &(struct breaker_report){10, 1, 0, true, false}, MANY, 1);
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
        assert_false(
            breaker_refusal(&b, &(struct breaker_report){10, 1, 0, false, false}, 1, &closed));
    assert_false(breaker_refusal(&b, &(struct breaker_report){20, 2, 0, false, false}, 1, &closed));
    assert_false(breaker_refusal(&b, &(struct breaker_report){30, 3, 0, false, false}, 1, &closed));
    assert_false(breaker_refusal(&b, &(struct breaker_report){40, 4, 0, false, false}, 1, &closed));
    assert_false(breaker_refusal(&b, &(struct breaker_report){50, 5, 0, false, false}, 1, &closed));
    assert_true(b.by_refusals);
    assert_true(b.doubted);
    breaker_probe(&b, 8);
    assert_true(breaker_refusal(&b, &(struct breaker_report){80, 8, 0, false, false}, 1, &closed));
    assert_int_equal(b.state, BREAKER_OPEN);
    breaker_probe(&b, 6);
    assert_false(breaker_refusal(&b, &(struct breaker_report){60, 6, 0, false, false}, 1, &closed));
    assert_false(closed);
    assert_int_equal(b.state, BREAKER_OPEN);
}

static void a_refused_probe_shows_that_the_destination_works(void **state)
{
    struct breaker b = {.schedule = &usual};
    bool closed;
    (void)state;
    breaker_fault(&b, &(struct breaker_report){10, 1, 0, true, false}, MANY, 1);
    breaker_probe(&b, 2);
    assert_false(breaker_refusal(&b, &(struct breaker_report){20, 2, 0, false, false}, 1, &closed));
    assert_true(closed);
    assert_int_equal(b.state, BREAKER_CLOSED);
}

static void others_work_only_if_another_lane_had_a_success_since(void **state)
{
    struct breaker b = {.schedule = &usual};
    (void)state;
    assert_false(breaker_others_work(&b, 1, 0));
    breaker_success(&b, 1, 100, 1);
    assert_false(breaker_others_work(&b, 1, 50));
    assert_true(breaker_others_work(&b, 2, 50));
    breaker_success(&b, 2, 200, 1);
    assert_true(breaker_others_work(&b, 1, 150));
    assert_false(breaker_others_work(&b, 2, 150));
    assert_true(breaker_others_work(&b, 2, 50));
    breaker_success(&b, 2, 300, 1);
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
        cmocka_unit_test(a_witness_speaks_against_it),
        cmocka_unit_test(no_witness_no_doubt),
        cmocka_unit_test(probes_come_from_both_ends),
        cmocka_unit_test(one_bad_lane_never_opens_it_while_there_are_others),
        cmocka_unit_test(one_bad_lane_opens_it_when_it_is_all_there_is),
        cmocka_unit_test(known_failures_are_no_streak),
        cmocka_unit_test(a_long_streak_forgets_its_beginning),
        cmocka_unit_test(a_success_between_starts_the_count_anew),
        cmocka_unit_test(probes_wait_longer_each_time),
        cmocka_unit_test(retry_after_is_never_undercut),
        cmocka_unit_test(refusals_that_ask_for_time_get_it),
        cmocka_unit_test(a_repaired_destination_is_asked_at_once),
        cmocka_unit_test(a_day_is_not_longer_by_chance),
        cmocka_unit_test(a_younger_schedule_holds_for_what_waits),
        cmocka_unit_test(trips_without_a_delivery),
        cmocka_unit_test(stragglers_do_not_count_as_the_probe),
        cmocka_unit_test(refusals_on_five_lanes_open_it),
        cmocka_unit_test(a_refused_probe_shows_that_the_destination_works),
        cmocka_unit_test(others_work_only_if_another_lane_had_a_success_since),
        cmocka_unit_test(deliveries_without_a_lane_are_lanes_of_their_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
