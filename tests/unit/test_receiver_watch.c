/* SPDX-License-Identifier: MIT */
/* Whether notifications come in time, and whether Amazon may have deleted some unread. */
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
#include "receiving.h"
#include "scripted_http.h"

#define LIMIT (15 * USEC_PER_MIN)
#define DAY   USEC_PER_DAY

#define START_USEC (1440938160 * USEC_PER_SEC) /* 2015-08-30T12:36:00Z */

/* ---- from publication to receipt ---- */

/* A new notification that was published so long ago. */
static void bring(struct receiving *r, const char *id, uint64_t lag_usec)
{
    char published[CLOCK_TEXT_MAX];
    clock_rfc3339(published, fake_now_usec - lag_usec);
    AUTOFREE char *body = memory_format("{\"NotificationType\":\"T\",\"Payload\":{},"
                                        "\"NotificationMetadata\":{\"NotificationId\":\"%s\","
                                        "\"PublishTime\":\"%s\"}}",
                                        id, published);
    receiving_bring(r, body);
}

static void start(struct receiving *r)
{
    r->options.lag_alarm_usec = LIMIT;
    receiving_start(r);
}

static void lasting_lateness_is_told_once(void **state)
{
    struct receiving *r = *state;
    start(r);
    ear_open();
    for (unsigned i = 0; i < 20; i++) {
        AUTOFREE char *id = memory_format("n-%u", i);
        bring(r, id, LIMIT + USEC_PER_MIN);
        receiving_run(r, USEC_PER_MIN);
    }
    AUTOFREE char *heard = ear_heard();
    const char *told = strstr(heard, "warning: queue orders-eu: notifications arrive 16m");
    assert_non_null(told);
    assert_null(strstr(told + strlen("warning: queue orders-eu: notifications arrive"),
                       "notifications arrive"));
    ear_open();
    bring(r, "in time", USEC_PER_SEC);
    bring(r, "in time too", USEC_PER_SEC);
    AUTOFREE char *then = ear_heard();
    const char *good = strstr(then, "notice: queue orders-eu: notifications arrive in time again, "
                                    "1s after publication");
    assert_non_null(good);
    assert_null(strstr(good + 1, "notice:"));
}

static void a_late_one_now_and_then_is_nothing(void **state)
{
    struct receiving *r = *state;
    start(r);
    ear_open();
    for (unsigned i = 0; i < 60; i++) {
        AUTOFREE char *id = memory_format("n-%u", i);
        bring(r, id, i % 4 ? 2 * LIMIT : USEC_PER_SEC);
        receiving_run(r, USEC_PER_MIN);
    }
    AUTOFREE char *heard = ear_heard();
    assert_null(strstr(heard, "notifications arrive"));
}

static void copies_do_not_count(void **state)
{
    struct receiving *r = *state;
    AUTOFREE char *order = receiving_order("one", ACME_ID, "o-1");
    start(r);
    receiving_bring(r, order);
    ear_open();
    for (unsigned i = 0; i < 20; i++) {
        receiving_run(r, USEC_PER_MIN);
        receiving_bring(r, order);
    }
    AUTOFREE char *heard = ear_heard();
    assert_string_equal(heard, "");
}

static void the_lag_is_a_fact(void **state)
{
    struct receiving *r = *state;
    start(r);
    bring(r, "n", 90 * USEC_PER_SEC);
    receiving_run(r, 2 * RECEIVER_FACTS_USEC);
    bring(r, "m", USEC_PER_SEC); /* its turn writes what was known before it */
    assert_string_equal(workshop_fact(&r->shop, "queue", "orders-eu", "lag"), "90");
}

/* The commit waits, while another process holds the write lock, and SQS answers again meanwhile. */
static void the_lag_ends_at_the_receipt_not_at_a_later_answer(void **state)
{
    struct receiving *r = *state;
    start(r);
    r->claim_result = STORE_BUSY;
    bring(r, "n", 90 * USEC_PER_SEC);
    receiving_run(r, USEC_PER_MIN);
    receiving_bring(r, NULL);
    r->claim_result = 0;
    receiving_run(r, 2 * RECEIVER_FACTS_USEC);
    bring(r, "m", USEC_PER_SEC); /* its turn writes what was known before it */
    assert_string_equal(workshop_fact(&r->shop, "queue", "orders-eu", "lag"), "90");
}

/* ---- what the queue does not keep ---- */

static void keeps_for(struct receiving *r, const char *seconds)
{
    AUTOFREE char *body = memory_format("{\"Attributes\":{\"ApproximateNumberOfMessages\":\"7\","
                                        "\"MessageRetentionPeriod\":\"%s\"}}",
                                        seconds);
    text_copy(r->attributes, sizeof(r->attributes), body);
}

static char *answers_after(struct receiving *r, uint64_t down_usec)
{
    ear_open();
    r->options.read_usec = fake_now_usec - down_usec;
    receiving_start(r);
    receiving_bring(r, NULL);
    receiving_rest(r);
    return ear_heard();
}

static void a_daemon_that_was_down_for_too_long_says_what_may_be_lost(void **state)
{
    struct receiving *r = *state;
    keeps_for(r, "86400");
    AUTOFREE char *heard = answers_after(r, 3 * DAY);
    assert_non_null(strstr(heard, "error: queue orders-eu was not read for longer than it keeps "
                                  "messages (1d)"));
    assert_non_null(strstr(heard,
                           "from 2015-08-27T12:36:00.000Z to 2015-08-29T12:36:00.000Z may be "
                           "lost"));
    assert_null(strstr(strstr(heard, "was not read") + 1, "was not read"));
}

static void one_that_was_down_for_less_says_nothing(void **state)
{
    struct receiving *r = *state;
    keeps_for(r, "345600");
    AUTOFREE char *heard = answers_after(r, 3 * DAY);
    assert_null(strstr(heard, "was not read"));
}

static void where_nobody_says_it_is_four_days(void **state)
{
    struct receiving *r = *state;
    AUTOFREE char *three = answers_after(r, 3 * DAY);
    assert_null(strstr(three, "was not read"));
    AUTOFREE char *five = answers_after(r, 5 * DAY);
    assert_non_null(strstr(five, "it keeps messages (4d)"));
}

static void the_first_start_of_all_says_nothing(void **state)
{
    struct receiving *r = *state;
    keeps_for(r, "60");
    AUTOFREE char *heard = answers_after(r, fake_now_usec);
    assert_null(strstr(heard, "was not read"));
}

static void an_outage_warns_at_half_and_tells_at_its_end(void **state)
{
    struct receiving *r = *state;
    keeps_for(r, "7200");
    receiving_start(r);
    receiving_bring(r, NULL);
    ear_open();
    for (uint64_t end = fake_boot_usec + 59 * USEC_PER_MIN; fake_boot_usec < end;) {
        while (receiving_open(r))
            receiving_fail(r, .fail = ERROR_CONNECT);
        receiving_run(r, USEC_PER_MIN);
    }
    AUTOFREE char *early = ear_heard();
    assert_null(strstr(early, "has not been read"));
    ear_open();
    for (uint64_t end = fake_boot_usec + 90 * USEC_PER_MIN; fake_boot_usec < end;) {
        while (receiving_open(r))
            receiving_fail(r, .fail = ERROR_CONNECT);
        receiving_run(r, USEC_PER_MIN);
    }
    AUTOFREE char *half = ear_heard();
    const char *told = strstr(half, "error: queue orders-eu has not been read since "
                                    "2015-08-30T12:36:00.000Z and keeps messages for 2h only");
    assert_non_null(told);
    assert_null(strstr(strstr(told, "has not been read") + 1, "has not been read"));
    assert_null(strstr(half, "was not read"));
    ear_open();
    receiving_run(r, 2 * USEC_PER_MIN);
    receiving_bring(r, NULL);
    AUTOFREE char *end = ear_heard();
    assert_non_null(strstr(end, "can be read again"));
    assert_non_null(strstr(end, "published from 2015-08-30T12:36:00.000Z to "));
}

static void how_long_it_keeps_them_is_a_fact(void **state)
{
    struct receiving *r = *state;
    keeps_for(r, "7200");
    receiving_start(r);
    receiving_bring(r, NULL);
    receiving_run(r, 2 * RECEIVER_FACTS_USEC);
    assert_string_equal(workshop_fact(&r->shop, "queue", "orders-eu", "retention"), "7200");
}

/* Every test begins at the same time. */
static int setup(void **state)
{
    fake_now_usec = START_USEC;
    fake_clock_forget();
    return receiving_setup(state);
}

#define AT_START(test) cmocka_unit_test_setup_teardown(test, setup, receiving_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        AT_START(lasting_lateness_is_told_once),
        AT_START(a_late_one_now_and_then_is_nothing),
        AT_START(copies_do_not_count),
        AT_START(the_lag_is_a_fact),
        AT_START(the_lag_ends_at_the_receipt_not_at_a_later_answer),
        AT_START(a_daemon_that_was_down_for_too_long_says_what_may_be_lost),
        AT_START(one_that_was_down_for_less_says_nothing),
        AT_START(where_nobody_says_it_is_four_days),
        AT_START(the_first_start_of_all_says_nothing),
        AT_START(an_outage_warns_at_half_and_tells_at_its_end),
        AT_START(how_long_it_keeps_them_is_a_fact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
