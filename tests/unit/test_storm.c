/* SPDX-License-Identifier: MIT */
/* Events that come by the thousand: the first ones, then a count per interval. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "ear.h"
#include "fake_clock.h"
#include "fake_loop.h"
#include "journal/events.h"

static sd_event *loop;

static unsigned count_of(const char *heard, const char *part)
{
    unsigned count = 0;
    for (const char *at = heard; (at = strstr(at, part)) != NULL; at++)
        count++;
    return count;
}

static void dead(const char *webhook, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        AUTOFREE char *id = memory_format("n-%u", i);
        struct event_subject subject = {.webhook = webhook, .notification_id = id, .attempt = 3};
        event_dead(&subject, "refused", "422");
    }
}

static void a_burst_is_told_and_then_counted(void **state)
{
    (void)state;
    ear_open();
    dead("wms", 1000);
    dead("erp", 5);
    AUTOFREE char *first = ear_heard();
    assert_int_equal(count_of(first, "webhook wms: notification"), 20);
    assert_int_equal(count_of(first, "webhook erp: notification"), 5);
    ear_open();
    fake_loop_run(loop, 2 * USEC_PER_MIN);
    AUTOFREE char *later = ear_heard();
    assert_int_equal(count_of(later, "\n"), 1);
    assert_non_null(strstr(later, "error: 980 messages more of the event dead within 1m"));
    assert_non_null(strstr(later, "notification n-999"));
}

static void a_lasting_storm_is_one_line_an_interval(void **state)
{
    (void)state;
    ear_open();
    for (unsigned minute = 0; minute < 10; minute++) {
        dead("wms", 100);
        fake_loop_run(loop, USEC_PER_MIN);
    }
    AUTOFREE char *heard = ear_heard();
    assert_int_equal(count_of(heard, "messages more of the event dead"), 10);
    assert_int_equal(count_of(heard, "\n"), 20 + 10);
    assert_int_equal(count_of(heard, "error: 100 messages more"), 9);
}

static void after_a_quiet_interval_it_is_told_again(void **state)
{
    (void)state;
    dead("wms", 100);
    fake_loop_run(loop, 3 * USEC_PER_MIN);
    assert_true(fake_loop_next() == UINT64_MAX);
    ear_open();
    dead("wms", 1);
    AUTOFREE char *heard = ear_heard();
    assert_non_null(strstr(heard, "is a dead letter"));
}

static void what_comes_now_and_then_is_never_counted(void **state)
{
    (void)state;
    ear_open();
    for (unsigned i = 0; i < 200; i++) {
        dead("wms", 1);
        fake_loop_run(loop, 10 * USEC_PER_SEC);
        assert_true(fake_loop_next() == UINT64_MAX);
    }
    AUTOFREE char *heard = ear_heard();
    assert_int_equal(count_of(heard, "is a dead letter"), 200);
}

/* What is said when so many are accepted, fail once and are delivered; the caller frees it. */
static char *story_of(unsigned orders, enum event_level level)
{
    struct event_subject subject = {.webhook = "wms", .notification_id = "n"};
    ear_open();
    events_set_level(level);
    for (unsigned i = 0; i < orders; i++) {
        event_accepted(&subject);
        event_postponed(&subject, "status 500", 0);
        event_delivered(&subject);
    }
    return ear_heard();
}

static unsigned lines_of(const char *heard)
{
    return count_of(heard, ": accepted notification") + count_of(heard, "has failed: status 500") +
           count_of(heard, ", delivered: status");
}

static void an_orders_story_is_told_as_far_as_one_can_read(void **state)
{
    (void)state;
    AUTOFREE char *heard = story_of(50, EVENT_INFO);
    assert_int_equal(lines_of(heard), 150);
    AUTOFREE char *most = story_of(200, EVENT_INFO);
    assert_int_equal(lines_of(most), 150);
    assert_int_equal(count_of(most, "more than 300 messages a minute about single orders"), 1);
    fake_clock_advance(USEC_PER_MIN);
    AUTOFREE char *again = story_of(1, EVENT_INFO);
    assert_int_equal(lines_of(again), 3);
    assert_int_equal(count_of(again, "listed again; 450 messages about them were left out"), 1);
}

static void an_orders_story_is_whole_for_those_who_search(void **state)
{
    (void)state;
    AUTOFREE char *heard = story_of(1000, EVENT_DEBUG);
    assert_int_equal(lines_of(heard), 3000);
}

static void without_information_there_is_no_story(void **state)
{
    (void)state;
    AUTOFREE char *heard = story_of(1000, EVENT_NOTICE);
    assert_string_equal(heard, "");
}

static void a_stop_tells_what_was_left_out(void **state)
{
    (void)state;
    AUTOFREE char *heard = story_of(101, EVENT_INFO);
    assert_int_equal(count_of(heard, "listed again"), 0);
    ear_open();
    events_detach();
    AUTOFREE char *last = ear_heard();
    assert_int_equal(count_of(last, "listed again; 3 messages about them were left out"), 1);
}

static void with_few_levels_the_count_is_told_as_well(void **state)
{
    (void)state;
    ear_open();
    events_set_level(EVENT_ERROR);
    dead("wms", 30);
    fake_loop_run(loop, 2 * USEC_PER_MIN);
    AUTOFREE char *heard = ear_heard();
    assert_non_null(strstr(heard, "10 messages more of the event dead"));
}

static void the_end_tells_what_is_left(void **state)
{
    (void)state;
    ear_open();
    dead("wms", 30);
    events_detach();
    dead("wms", 30);
    AUTOFREE char *heard = ear_heard();
    assert_int_equal(count_of(heard, "10 messages more of the event dead"), 1);
    assert_int_equal(count_of(heard, "is a dead letter"), 20 + 30 + 1); /* one is quoted */
}

static int setup(void **state)
{
    (void)state;
    return sd_event_new(&loop) < 0 || events_attach(loop) < 0 ? -1 : 0;
}

static int teardown(void **state)
{
    (void)state;
    ear_close();
    events_detach();
    sd_event_unref(loop);
    return 0;
}

#define WITH_LOOP(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_LOOP(a_burst_is_told_and_then_counted),
        WITH_LOOP(a_lasting_storm_is_one_line_an_interval),
        WITH_LOOP(after_a_quiet_interval_it_is_told_again),
        WITH_LOOP(what_comes_now_and_then_is_never_counted),
        WITH_LOOP(an_orders_story_is_told_as_far_as_one_can_read),
        WITH_LOOP(an_orders_story_is_whole_for_those_who_search),
        WITH_LOOP(without_information_there_is_no_story),
        WITH_LOOP(a_stop_tells_what_was_left_out),
        WITH_LOOP(with_few_levels_the_count_is_told_as_well),
        WITH_LOOP(the_end_tells_what_is_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
