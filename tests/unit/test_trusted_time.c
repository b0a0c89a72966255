/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/memory.h"
#include "ear.h"
#include "fake_clock.h"
#include "parts.h"
#include "relay/trusted_time.h"

/* Amazon's clock is so far ahead of the wall clock. */
static void learn(struct trusted_time *time, int64_t offset_usec)
{
    clock_learn(fake_now_usec + (uint64_t)offset_usec, 0);
    trusted_time_learn(time);
}

static int start(void **state)
{
    (void)state;
    fake_now_usec = 1000 * USEC_PER_DAY;
    fake_boot_usec = USEC_PER_DAY;
    fake_clock_forget();
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
    assert_int_equal(now, fake_now_usec);
}

static void is_the_clock_plus_the_offset(void **state)
{
    struct trusted_time time;
    uint64_t now;
    (void)state;
    trusted_time_init(&time, 0);
    learn(&time, -3600 * (int64_t)USEC_PER_SEC);
    assert_true(trusted_time_now(&time, &now));
    assert_in_range(now, fake_now_usec - USEC_PER_HOUR,
                    fake_now_usec - USEC_PER_HOUR + USEC_PER_SEC);
    learn(&time, 30 * (int64_t)USEC_PER_SEC);
    assert_true(trusted_time_now(&time, &now));
    assert_in_range(now, fake_now_usec + 30 * USEC_PER_SEC, fake_now_usec + 31 * USEC_PER_SEC);
}

static void is_lost_by_a_jump_until_the_next_date(void **state)
{
    struct trusted_time time;
    uint64_t now;
    (void)state;
    trusted_time_init(&time, 0);
    learn(&time, 0);
    fake_clock_advance(USEC_PER_DAY);
    assert_true(trusted_time_now(&time, &now));
    fake_now_usec += 6 * USEC_PER_MIN;
    assert_false(trusted_time_now(&time, &now));
    learn(&time, -6 * (int64_t)USEC_PER_MIN);
    assert_true(trusted_time_now(&time, &now));
    fake_now_usec -= 6 * USEC_PER_MIN;
    assert_false(trusted_time_now(&time, &now));
}

static void a_small_step_is_no_jump(void **state)
{
    struct trusted_time time;
    uint64_t now;
    (void)state;
    trusted_time_init(&time, 0);
    learn(&time, 0);
    fake_now_usec += 4 * USEC_PER_MIN;
    assert_true(trusted_time_now(&time, &now));
}

static void is_unknown_while_behind_the_newest_row(void **state)
{
    struct trusted_time time;
    uint64_t now;
    (void)state;
    trusted_time_init(&time, fake_now_usec + USEC_PER_MIN);
    learn(&time, 0);
    assert_false(trusted_time_now(&time, &now));
    fake_clock_advance(2 * USEC_PER_MIN);
    assert_true(trusted_time_now(&time, &now));
}

/* ---- events ---- */

/* Looks once a minute, as the janitor does, and returns what is reported. The caller frees it. */
static char *heard_within(struct trusted_time *time, uint64_t usec)
{
    ear_open();
    for (uint64_t end = fake_boot_usec + usec; fake_boot_usec < end;) {
        fake_clock_advance(USEC_PER_MIN);
        trusted_time_look(time);
    }
    return ear_heard();
}

static void nothing_is_reported_at_a_normal_start(void **state)
{
    struct trusted_time time;
    (void)state;
    trusted_time_init(&time, fake_now_usec - USEC_PER_MIN);
    AUTOFREE char *before = heard_within(&time, 14 * USEC_PER_MIN);
    assert_string_equal(before, "");
    learn(&time, 0);
    AUTOFREE char *after = heard_within(&time, USEC_PER_DAY);
    assert_string_equal(after, "");
}

static void a_start_without_a_date_is_reported_once_and_its_end(void **state)
{
    struct trusted_time time;
    (void)state;
    trusted_time_init(&time, 0);
    AUTOFREE char *raised = heard_within(&time, USEC_PER_DAY);
    assert_int_equal(count_parts(raised, "\n"), 1);
    assert_part(raised, "Amazon has sent no time (Date header) for 15m: nothing expires");
    assert_part(raised, "dockbell check --online");
    learn(&time, 0);
    AUTOFREE char *ended = heard_within(&time, USEC_PER_DAY);
    assert_int_equal(count_parts(ended, "\n"), 1);
    assert_part(ended, "the time is certain again");
}

static void a_time_behind_the_newest_row_is_reported_once_and_its_end(void **state)
{
    struct trusted_time time;
    (void)state;
    trusted_time_init(&time, fake_now_usec + 2 * USEC_PER_HOUR);
    learn(&time, 0);
    AUTOFREE char *raised = heard_within(&time, USEC_PER_HOUR);
    assert_int_equal(count_parts(raised, "\n"), 1);
    assert_part(raised, "behind the newest stored notification: nothing expires");
    assert_part(raised, "timedatectl");
    AUTOFREE char *ended = heard_within(&time, 2 * USEC_PER_HOUR);
    assert_int_equal(count_parts(ended, "\n"), 1);
    assert_part(ended, "the time is certain again");
}

static void each_cause_is_reported(void **state)
{
    struct trusted_time time;
    (void)state;
    trusted_time_init(&time, fake_now_usec + USEC_PER_DAY);
    AUTOFREE char *undated = heard_within(&time, USEC_PER_HOUR);
    assert_part(undated, "Amazon has sent no time");
    learn(&time, 0);
    AUTOFREE char *behind = heard_within(&time, USEC_PER_HOUR);
    assert_int_equal(count_parts(behind, "\n"), 1);
    assert_part(behind, "behind the newest stored notification");
}

static void a_jump_has_its_own_event_until_no_date_follows(void **state)
{
    struct trusted_time time;
    (void)state;
    trusted_time_init(&time, 0);
    learn(&time, 0);
    AUTOFREE char *before = heard_within(&time, USEC_PER_DAY);
    assert_string_equal(before, "");
    fake_now_usec += USEC_PER_HOUR;
    AUTOFREE char *jump = heard_within(&time, 10 * USEC_PER_MIN);
    assert_int_equal(count_parts(jump, "\n"), 1);
    assert_part(jump, "jumped forwards");
    AUTOFREE char *later = heard_within(&time, USEC_PER_HOUR);
    assert_int_equal(count_parts(later, "\n"), 1);
    assert_part(later, "Amazon has sent no time (Date header) for 15m");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(is_unknown_before_a_date_was_seen, start),
        cmocka_unit_test_setup(is_the_clock_plus_the_offset, start),
        cmocka_unit_test_setup(is_lost_by_a_jump_until_the_next_date, start),
        cmocka_unit_test_setup(a_small_step_is_no_jump, start),
        cmocka_unit_test_setup(is_unknown_while_behind_the_newest_row, start),
        cmocka_unit_test_setup(nothing_is_reported_at_a_normal_start, start),
        cmocka_unit_test_setup(a_start_without_a_date_is_reported_once_and_its_end, start),
        cmocka_unit_test_setup(a_time_behind_the_newest_row_is_reported_once_and_its_end, start),
        cmocka_unit_test_setup(each_cause_is_reported, start),
        cmocka_unit_test_setup(a_jump_has_its_own_event_until_no_date_follows, start),
    };
    ear_close();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
