/* SPDX-License-Identifier: MIT */
/* The clock, the rate limiter, the faults and the form reader. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "fake_clock.h"
#include "faults.h"
#include "form.h"
#include "limiter.h"
#include "simclock.h"

static unsigned take(struct limiter *limiter, const char *op, const char *owner,
                     const struct simclock *clock)
{
    unsigned taken = 0;
    while (taken < 100 && limiter_take(limiter, op, owner, simclock_passed_usec(clock)))
        taken++;
    return taken;
}

static void five_at_once_then_one_a_second(void **state)
{
    (void)state;
    struct limiter limiter = {.count = 0};
    struct simclock clock = {0};
    assert_int_equal(take(&limiter, "a", "x", &clock), 5);
    assert_int_equal(take(&limiter, "a", "y", &clock), 5);
    assert_int_equal(take(&limiter, "b", "x", &clock), 5);
    simclock_set_offset(&clock, 2 * (int64_t)USEC_PER_SEC);
    assert_int_equal(take(&limiter, "a", "x", &clock), 2);
    simclock_set_offset(&clock, -600 * (int64_t)USEC_PER_SEC);
    assert_int_equal(take(&limiter, "a", "x", &clock), 0);
    simclock_set_offset(&clock, 0);
    assert_int_equal(take(&limiter, "a", "x", &clock), 5);
    fake_clock_advance(USEC_PER_SEC / 2);
    assert_int_equal(take(&limiter, "a", "x", &clock), 0);
    fake_clock_advance(USEC_PER_SEC / 2);
    assert_int_equal(take(&limiter, "a", "x", &clock), 1);
    limiter.off = true;
    assert_int_equal(take(&limiter, "a", "x", &clock), 100);
}

static void steps_back_do_not_undo_time(void **state)
{
    (void)state;
    struct simclock clock = {0};
    uint64_t wall = simclock_wall_usec(&clock), passed = simclock_passed_usec(&clock);
    simclock_set_offset(&clock, 60 * (int64_t)USEC_PER_SEC);
    assert_int_equal(simclock_wall_usec(&clock), wall + 60 * USEC_PER_SEC);
    assert_int_equal(simclock_passed_usec(&clock), passed + 60 * USEC_PER_SEC);
    simclock_set_offset(&clock, -60 * (int64_t)USEC_PER_SEC);
    assert_int_equal(simclock_wall_usec(&clock), wall - 60 * USEC_PER_SEC);
    assert_int_equal(simclock_passed_usec(&clock), passed + 60 * USEC_PER_SEC);
    char date[SIMCLOCK_HTTP_MAX];
    simclock_http_date(date, 1440938160 * USEC_PER_SEC);
    assert_string_equal(date, "Sun, 30 Aug 2015 12:36:00 GMT");
}

static void faults_hit_what_they_name_and_end(void **state)
{
    (void)state;
    struct faults faults = {.count = 0};
    struct fault_rule rule = {.op = "SendMessage", .counted = true, .left = 2, .rate = 1};
    rule.fault.kind = FAULT_THROTTLE;
    assert_int_equal(faults_add(&faults, &rule), 0);
    strcpy(rule.op, "*");
    rule.fault.kind = FAULT_DELAY;
    rule.counted = false;
    assert_int_equal(faults_add(&faults, &rule), 0);
    assert_int_equal(faults_take(&faults, "token").kind, FAULT_DELAY);
    assert_int_equal(faults_take(&faults, "SendMessage").kind, FAULT_THROTTLE);
    assert_int_equal(faults_take(&faults, "SendMessage").kind, FAULT_THROTTLE);
    assert_int_equal(faults_take(&faults, "SendMessage").kind, FAULT_DELAY);
    faults_clear(&faults, "SendMessage");
    assert_int_equal(faults.count, 1);
    faults_clear(&faults, NULL);
    assert_int_equal(faults_take(&faults, "SendMessage").kind, FAULT_NONE);
}

static void rates_hit_their_share(void **state)
{
    (void)state;
    struct faults faults = {.count = 0};
    struct fault_rule rule = {.op = "*", .fault = {.kind = FAULT_CLOSE}, .rate = 0.25};
    faults_add(&faults, &rule);
    unsigned hits = 0;
    for (unsigned i = 0; i < 4000; i++)
        hits += faults_take(&faults, "token").kind == FAULT_CLOSE;
    assert_in_range(hits, 900, 1100);
}

static void every_kind_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (enum fault_kind kind = FAULT_NONE + 1; kind < FAULT_KINDS; kind++)
        assert_int_equal(faults_kind(faults_kind_name(kind)), kind);
    assert_int_equal(faults_kind("none"), FAULT_NONE);
    assert_int_equal(faults_kind("nonsense"), FAULT_NONE);
}

static void forms_are_decoded(void **state)
{
    (void)state;
    struct form form;
    const char good[] = "a=1%7C2&b=x+y&c=";
    assert_int_equal(form_parse(&form, good, strlen(good)), 0);
    assert_string_equal(form_get(&form, "a"), "1|2");
    assert_string_equal(form_get(&form, "b"), "x y");
    assert_string_equal(form_get(&form, "c"), "");
    assert_null(form_get(&form, "d"));
    form_clear(&form);
    static const char *const bad[] = {"a", "a=1&a=2", "a=%", "a=%4", "a=%zz", "a=%00", "{\"a\":1}"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(form_parse(&form, bad[i], strlen(bad[i])), -22);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(five_at_once_then_one_a_second),
        cmocka_unit_test(steps_back_do_not_undo_time),
        cmocka_unit_test(faults_hit_what_they_name_and_end),
        cmocka_unit_test(rates_hit_their_share),
        cmocka_unit_test(every_kind_has_a_name_of_its_own),
        cmocka_unit_test(forms_are_decoded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
