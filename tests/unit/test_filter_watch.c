/* SPDX-License-Identifier: MIT */
/* Filters that let nothing pass: reported once, ended by what passes and by other filters. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/memory.h"
#include "ear.h"
#include "fake_clock.h"
#include "receive/filter_watch.h"

#define DAY  USEC_PER_DAY
#define HOUR USEC_PER_HOUR

/* Of filters with these values. */
#define SOME   7
#define OTHERS 8

/* Stands in for the store: the only fact. */
static char *fact;
int store_set_fact(struct store *store, const char *section, const char *name, const char *key,
                   const char *value)
{
    (void)store;
    assert_string_equal(section, "webhook");
    assert_string_equal(name, "wms");
    assert_string_equal(key, FILTER_FACT);
    free(fact);
    fact = memory_string(value);
    return 0;
}

static struct filter_watch *watch;
static struct filter *wms;
static uint64_t count;

static struct filter *add_noted(struct filter_watch *to, uint64_t fingerprint, uint64_t limit_usec,
                                const char *noted, bool told)
{
    return filter_add(to, &(struct filter_options){.webhook = "wms",
                                                   .keys = "marketplaces, statuses",
                                                   .fingerprint = fingerprint,
                                                   .limit_usec = limit_usec,
                                                   .noted = noted,
                                                   .told = told,
                                                   .count = &count});
}

static void add(uint64_t limit_usec)
{
    wms = add_noted(watch, SOME, limit_usec, NULL, false);
}

/* A notification comes after so long; what is said is the caller's. */
static char *hear(void (*happens)(struct filter *filter), uint64_t after_usec)
{
    fake_clock_advance(after_usec);
    ear_open();
    happens(wms);
    return ear_heard();
}

static void is_silent(void (*happens)(struct filter *filter), uint64_t after_usec)
{
    AUTOFREE char *said = hear(happens, after_usec);
    assert_string_equal(said, "");
}

static void a_day_without_any_is_reported_once(void **state)
{
    (void)state;
    add(DAY);
    for (unsigned i = 0; i < 24; i++)
        is_silent(filter_blocked, i ? HOUR : 0);
    assert_false(filter_watch_blocks(watch, "wms"));
    AUTOFREE char *said = hear(filter_blocked, HOUR);
    assert_string_equal(
        said,
        "warning: webhook wms: its filters (marketplaces, statuses) have let nothing pass for "
        "1d, and blocked 25 notifications since 2015-08-30T12:36:00.000Z (filter_alarm). "
        "Compare their values with the orders; see: dockbell check\n");
    assert_true(filter_watch_blocks(watch, "wms"));
    is_silent(filter_blocked, 10 * DAY);
    assert_int_equal(count, 26);
}

static void what_passes_ends_it(void **state)
{
    (void)state;
    add(DAY);
    is_silent(filter_blocked, 0);
    AUTOFREE char *said = hear(filter_blocked, DAY);
    assert_non_null(strstr(said, "nothing pass"));
    AUTOFREE char *end = hear(filter_passed, HOUR);
    assert_string_equal(end, "notice: webhook wms: a notification passes its filters again, after "
                             "1d 1h and 2 blocked notifications\n");
    assert_false(filter_watch_blocks(watch, "wms"));
    is_silent(filter_passed, HOUR);
    is_silent(filter_blocked, HOUR);
    is_silent(filter_blocked, DAY - 1);
    AUTOFREE char *again = hear(filter_blocked, 1);
    assert_non_null(strstr(again, "blocked 3 notifications"));
}

static void each_that_passes_puts_it_off(void **state)
{
    (void)state;
    add(DAY);
    for (unsigned i = 0; i < 20; i++) {
        is_silent(filter_blocked, HOUR);
        is_silent(filter_blocked, DAY - HOUR);
        is_silent(filter_passed, HOUR);
    }
}

static void a_single_blocked_one_proves_nothing(void **state)
{
    (void)state;
    add(DAY);
    is_silent(filter_blocked, 0);
    fake_clock_advance(30 * DAY);
    assert_false(filter_watch_blocks(watch, "wms"));
    is_silent(filter_passed, 0);
}

static void off_means_off(void **state)
{
    (void)state;
    add(0);
    is_silent(filter_blocked, 0);
    is_silent(filter_blocked, 100 * DAY);
    assert_int_equal(count, 2);
}

/* ---- reloads ---- */

/* A later config, read after an alarm by an earlier one. */
static struct filter_watch *reload_after_alarm(uint64_t fingerprint, uint64_t limit_usec)
{
    struct filter_watch *older = watch;
    add(DAY);
    is_silent(filter_blocked, 0);
    AUTOFREE char *said = hear(filter_blocked, DAY);
    assert_non_null(strstr(said, "nothing pass"));
    watch = filter_watch_new();
    wms = add_noted(watch, fingerprint, limit_usec, NULL, true);
    filter_watch_follow(watch, older);
    return older;
}

static void a_reload_with_the_same_filters_changes_nothing(void **state)
{
    (void)state;
    struct filter_watch *older = reload_after_alarm(SOME, DAY);
    assert_true(filter_watch_blocks(watch, "wms"));
    is_silent(filter_blocked, HOUR);
    AUTOFREE char *end = hear(filter_passed, HOUR);
    assert_non_null(strstr(end, "3 blocked notifications"));
    filter_watch_free(older);
}

static void a_reload_with_other_filters_ends_it(void **state)
{
    (void)state;
    struct filter_watch *older = reload_after_alarm(OTHERS, DAY);
    assert_false(filter_watch_blocks(watch, "wms"));
    is_silent(filter_blocked, HOUR);
    is_silent(filter_blocked, DAY - HOUR);
    filter_watch_free(older);
}

static void a_longer_limit_ends_it(void **state)
{
    (void)state;
    struct filter_watch *older = reload_after_alarm(SOME, 3 * DAY);
    assert_false(filter_watch_blocks(watch, "wms"));
    is_silent(filter_blocked, DAY);
    AUTOFREE char *said = hear(filter_blocked, DAY);
    assert_non_null(strstr(said, "nothing pass for 3d"));
    filter_watch_free(older);
}

static void what_left_the_config_reports_nothing(void **state)
{
    (void)state;
    add(DAY);
    is_silent(filter_blocked, 0);
    struct filter_watch *newer = filter_watch_new();
    filter_watch_follow(newer, watch);
    is_silent(filter_blocked, 2 * DAY);
    assert_false(filter_watch_blocks(newer, "wms"));
    filter_watch_free(newer);
}

/* ---- starts ---- */

/* What is written is read by a new process, after the machine has stood still for a week. */
static void start_anew(uint64_t fingerprint, bool told)
{
    filter_watch_hurry_facts(watch);
    assert_int_equal(filter_watch_write_facts(watch, NULL), 0);
    filter_watch_free(watch);
    fake_boot_usec = 1;
    fake_now_usec += 7 * DAY;
    watch = filter_watch_new();
    wms = add_noted(watch, fingerprint, DAY, fact, told);
}

static void only_running_time_counts(void **state)
{
    (void)state;
    add(DAY);
    is_silent(filter_blocked, 0);
    fake_clock_advance(20 * HOUR);
    is_silent(filter_blocked, 0);
    start_anew(SOME, false);
    is_silent(filter_blocked, 3 * HOUR);
    AUTOFREE char *said = hear(filter_blocked, HOUR);
    assert_non_null(strstr(said, "for 1d, and blocked 4 notifications since 2015-08-30T12:36"));
}

static void after_a_start_it_is_not_reported_again(void **state)
{
    (void)state;
    add(DAY);
    is_silent(filter_blocked, 0);
    AUTOFREE char *said = hear(filter_blocked, DAY);
    assert_non_null(strstr(said, "nothing pass"));
    start_anew(SOME, true);
    assert_true(filter_watch_blocks(watch, "wms"));
    is_silent(filter_blocked, DAY);
    AUTOFREE char *end = hear(filter_passed, 0);
    assert_non_null(strstr(end, "3 blocked notifications"));
    start_anew(SOME, false);
    is_silent(filter_blocked, DAY);
}

static void a_start_with_other_filters_begins_anew(void **state)
{
    (void)state;
    add(DAY);
    is_silent(filter_blocked, 0);
    AUTOFREE char *said = hear(filter_blocked, DAY);
    assert_non_null(strstr(said, "nothing pass"));
    start_anew(OTHERS, true);
    assert_false(filter_watch_blocks(watch, "wms"));
    is_silent(filter_blocked, DAY);
    start_anew(SOME, false);
    is_silent(filter_blocked, DAY);
}

static void it_is_written_once_a_minute(void **state)
{
    (void)state;
    add(DAY);
    is_silent(filter_blocked, HOUR);
    filter_watch_write_facts(watch, NULL);
    AUTOFREE char *first = memory_string(fact);
    assert_non_null(first);
    is_silent(filter_blocked, FILTER_FACTS_USEC - 1);
    filter_watch_write_facts(watch, NULL);
    assert_string_equal(fact, first);
    fake_clock_advance(1);
    filter_watch_write_facts(watch, NULL);
    assert_string_not_equal(fact, first);
    is_silent(filter_passed, FILTER_FACTS_USEC);
    filter_watch_write_facts(watch, NULL);
    assert_null(fact);
}

static int setup(void **state)
{
    (void)state;
    count = 0;
    fake_now_usec = 1440938160000000;
    fake_clock_forget();
    watch = filter_watch_new();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    ear_close();
    filter_watch_free(watch);
    free(fact);
    fact = NULL;
    return 0;
}

#define WITH_WATCH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_WATCH(a_day_without_any_is_reported_once),
        WITH_WATCH(what_passes_ends_it),
        WITH_WATCH(each_that_passes_puts_it_off),
        WITH_WATCH(a_single_blocked_one_proves_nothing),
        WITH_WATCH(off_means_off),
        WITH_WATCH(a_reload_with_the_same_filters_changes_nothing),
        WITH_WATCH(a_reload_with_other_filters_ends_it),
        WITH_WATCH(a_longer_limit_ends_it),
        WITH_WATCH(what_left_the_config_reports_nothing),
        WITH_WATCH(only_running_time_counts),
        WITH_WATCH(after_a_start_it_is_not_reported_again),
        WITH_WATCH(a_start_with_other_filters_begins_anew),
        WITH_WATCH(it_is_written_once_a_minute),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
