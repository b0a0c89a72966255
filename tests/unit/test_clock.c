/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/memory.h"

/* 2026-11-21: two-digit years are read against it. */
uint64_t clock_now_usec(void)
{
    return 1795219200 * USEC_PER_SEC;
}

uint64_t clock_boot_usec(void)
{
    return 1;
}

static void writes_and_reads_back(void **state)
{
    (void)state;
    /* Every 31 hours and some from 1970 to 2200, against the C library's calendar. */
    for (uint64_t second = 0; second < 7258118400ULL; second += 111607) {
        char ours[CLOCK_TEXT_MAX], theirs[CLOCK_TEXT_MAX], stamp[17], expected[17];
        uint64_t back;
        struct tm tm;
        time_t t = (time_t)second;
        gmtime_r(&t, &tm);
        strftime(theirs, sizeof(theirs), "%Y-%m-%dT%H:%M:%S.042Z", &tm);
        strftime(expected, sizeof(expected), "%Y%m%dT%H%M%SZ", &tm);
        clock_rfc3339(ours, second * USEC_PER_SEC + 42 * USEC_PER_MSEC + 999);
        assert_string_equal(ours, theirs);
        clock_aws_stamp(stamp, second * USEC_PER_SEC);
        assert_string_equal(stamp, expected);
        assert_int_equal(clock_parse_rfc3339(ours, strlen(ours), &back), 0);
        assert_int_equal(back, second * USEC_PER_SEC + 42 * USEC_PER_MSEC);
    }
}

static void reads_what_amazon_sends(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t usec;
    } cases[] = {
        {"2025-04-04T11:45:40.000Z", 1743767140000000},
        {"2025-04-04T11:45:40Z", 1743767140000000},
        {"2025-04-04T11:45Z", 1743767100000000},
        {"2025-04-04 11:45:40.5z", 1743767140500000},
        {"2025-04-04t13:45:40.123456789+02:00", 1743767140123456},
        {"2025-04-04T11:45:40-0000", 1743767140000000},
        {"2025-04-04T01:15:40-10:30", 1743767140000000},
        {"2025-04-04T13:45:40+02", 1743767140000000},
        {"2024-02-29T00:00:00Z", 1709164800000000},
        {"2016-12-31T23:59:60Z", 1483228800000000},
        {"1970-01-01T00:00:00Z", 0},
        {"9999-12-31T23:59:59Z", 253402300799000000},
        {"1969-12-31T23:00:00-01:00", 0},
    };
    for (size_t i = 0; i < ELEMENTS(cases); i++) {
        uint64_t usec = 1;
        if (clock_parse_rfc3339(cases[i].text, strlen(cases[i].text), &usec) != 0)
            fail_msg("%s not read", cases[i].text);
        assert_int_equal(usec, cases[i].usec);
    }
}

static void refuses_what_is_no_time(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "",
        "2025-04-04",
        "2025-04-04T11:45:40", /* no zone */
        "2025-13-04T11:45:40Z",
        "2025-02-29T11:45:40Z",
        "2025-04-04T24:00:00Z",
        "2025-04-04T11:60:40Z",
        "2025-04-04T11:45:40.Z",
        "2025-04-04T11:45:40Zx",
        "2025-04-04T11:45:40+25:00",
        "2025-04-04T11:45:40+2",
        "1969-12-31T23:59:59Z",
        "1970-01-01T00:00:00+01:00",
        "25-04-04T11:45:40Z",
        "2025-04-04T1a:45:40Z",
        "1743767140",
    };
    uint64_t usec;
    for (size_t i = 0; i < ELEMENTS(cases); i++)
        if (clock_parse_rfc3339(cases[i], strlen(cases[i]), &usec) != -EINVAL)
            fail_msg("%s was read", cases[i]);
    /* The size counts, not the NUL. */
    assert_int_equal(clock_parse_rfc3339("2025-04-04T11:45:40Z", 19, &usec), -EINVAL);
    assert_int_equal(clock_parse_rfc3339("2025-04-04T11:45:40Z\0", 21, &usec), -EINVAL);
}

static void reads_http_dates(void **state)
{
    (void)state;
    static const char *const forms[] = {
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
    };
    uint64_t usec;
    for (size_t i = 0; i < ELEMENTS(forms); i++) {
        assert_int_equal(clock_parse_http_date(forms[i], &usec), 0);
        assert_int_equal(usec, 784111777000000);
    }
    assert_int_equal(clock_parse_http_date("Wednesday, 01-Jan-70 00:00:00 GMT", &usec), 0);
    assert_int_equal(usec, 3155760000000000); /* 2070 is less than 50 years ahead of 2026 */
    static const char *const bad[] = {
        "",
        "120",
        "Sun, 06 Nov 1994 08:49:37",
        "Sun, 06 Nov 1994 08:49:37 GMT+1",
        "Sun, 31 Feb 1994 08:49:37 GMT",
        "Sun, 06 Foo 1994 08:49:37 GMT",
        "Sun, -6 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:49:37 GMT",
    };
    for (size_t i = 0; i < ELEMENTS(bad); i++)
        if (clock_parse_http_date(bad[i], &usec) != -EINVAL)
            fail_msg("%s was read", bad[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_and_reads_back),
        cmocka_unit_test(reads_what_amazon_sends),
        cmocka_unit_test(refuses_what_is_no_time),
        cmocka_unit_test(reads_http_dates),
    };
    return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
