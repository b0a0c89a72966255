/* SPDX-License-Identifier: MIT */
/* The keys of a webhook that say when it is tried again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "configuring.h"

static const struct schedule *schedule(void)
{
    return &config->webhooks[0].schedule;
}

static void defaults_are_those_of_the_manual(void **state)
{
    (void)state;
    expect(GOOD, "");
    assert_true(schedule()->retry_first_usec == 5 * USEC_PER_SEC);
    assert_true(schedule()->retry_longest_usec == 15 * USEC_PER_MIN);
    assert_int_equal(schedule()->refused.count, 2);
    assert_true(schedule()->refused.usec[0] == USEC_PER_MIN);
    assert_true(schedule()->refused.usec[1] == 10 * USEC_PER_MIN);
    assert_true(schedule()->probe_first_usec == 5 * USEC_PER_SEC);
    assert_true(schedule()->probe_longest_usec == 30 * USEC_PER_SEC);
    assert_true(schedule()->retry_after_longest_usec == USEC_PER_DAY);
    assert_int_equal(schedule()->breaker_faults, 5);
}

static void every_key_reaches_its_place(void **state)
{
    (void)state;
    expect(GOOD "retry_first = 2s\nretry_longest = 1h\nprobe_first = 3s\nprobe_longest = 4m\n"
                "retry_after_longest = 7d\nbreaker_faults = 64\n",
           "");
    assert_true(schedule()->retry_first_usec == 2 * USEC_PER_SEC);
    assert_true(schedule()->retry_longest_usec == USEC_PER_HOUR);
    assert_true(schedule()->probe_first_usec == 3 * USEC_PER_SEC);
    assert_true(schedule()->probe_longest_usec == 4 * USEC_PER_MIN);
    assert_true(schedule()->retry_after_longest_usec == 7 * USEC_PER_DAY);
    assert_int_equal(schedule()->breaker_faults, 64);
}

static void waits_replace_the_default_and_add_to_each_other(void **state)
{
    (void)state;
    expect(GOOD "refused_delays = 5s\n", "");
    assert_int_equal(schedule()->refused.count, 1);
    assert_true(schedule()->refused.usec[0] == 5 * USEC_PER_SEC);
    expect(GOOD "refused_delays = 5s\nrefused_delays = 5s, 1d\n", "");
    assert_int_equal(schedule()->refused.count, 3);
    assert_true(schedule()->refused.usec[2] == USEC_PER_DAY);
    expect(GOOD "refused_delays =\n", "");
    assert_int_equal(schedule()->refused.count, 0);
    expect(GOOD "refused_delays = 5s\nrefused_delays =\nrefused_delays = 9s\n", "");
    assert_int_equal(schedule()->refused.count, 1);
    assert_true(schedule()->refused.usec[0] == 9 * USEC_PER_SEC);
}

static void wrong_waits_are_told_and_change_nothing(void **state)
{
    (void)state;
    expect_webhook("refused_delays = 1m, 0s",
                   "dockbell.conf:9: [webhook wms] refused_delays: 0s is not between 1s and 7d\n");
    assert_int_equal(schedule()->refused.count, 2);
    expect_webhook("refused_delays = 1m, soon",
                   "dockbell.conf:9: [webhook wms] refused_delays: \"soon\" is not a duration such "
                   "as 20s, 5m, 12h or 7d\n");
    expect_webhook("refused_delays = ,",
                   "dockbell.conf:9: [webhook wms] refused_delays: there is nothing between the "
                   "commas\n");
    expect_webhook("refused_delays = 1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s,1s\n"
                   "refused_delays = 1s",
                   "dockbell.conf:10: [webhook wms] refused_delays: has more than 16 waits\n");
    assert_int_equal(schedule()->refused.count, 16);
}

static void ranges_are_told(void **state)
{
    (void)state;
    expect_webhook("retry_first = 0s",
                   "dockbell.conf:9: [webhook wms] retry_first: 0s is not between 1s and 1d\n");
    expect_webhook("probe_longest = 2h",
                   "dockbell.conf:9: [webhook wms] probe_longest: 2h is not between 1s and 1h\n");
    expect_webhook(
        "retry_after_longest = 8d",
        "dockbell.conf:9: [webhook wms] retry_after_longest: 8d is not between 0s and 7d\n");
    expect_webhook("breaker_faults = 2",
                   "dockbell.conf:9: [webhook wms] breaker_faults: 2 is not between 3 and 64\n");
}

/* At the line of the one that was given. */
static void first_is_not_longer_than_longest(void **state)
{
    (void)state;
    expect_webhook("retry_first = 20m",
                   "dockbell.conf:9: [webhook wms] retry_first: is longer than "
                   "retry_longest (15m)\n");
    expect_webhook("probe_longest = 4s", "dockbell.conf:9: [webhook wms] probe_longest: is shorter "
                                         "than probe_first (5s)\n");
    expect_webhook("retry_longest = 20m\nretry_first = 20m", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(defaults_are_those_of_the_manual),
        IN_DIRECTORY(every_key_reaches_its_place),
        IN_DIRECTORY(waits_replace_the_default_and_add_to_each_other),
        IN_DIRECTORY(wrong_waits_are_told_and_change_nothing),
        IN_DIRECTORY(ranges_are_told),
        IN_DIRECTORY(first_is_not_longer_than_longest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
