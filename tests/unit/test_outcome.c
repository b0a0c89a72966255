/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "webhook/outcome.h"
#include "wire/retry_after.h"

/* 2025-06-02T08:15:30Z */
#define NOW  1748852130000000
#define MOST RETRY_AFTER_MAX_USEC
#define LATE "Mon, 02 Jun 2025 08:15:40 GMT"

static struct outcome read_status(int status, const char *retry_after, const char *location)
{
    struct outcome outcome;
    struct http_answer answer = {.status = status};
    snprintf(answer.retry_after, sizeof(answer.retry_after), "%s", retry_after);
    snprintf(answer.location, sizeof(answer.location), "%s", location);
    outcome_read(&outcome, &answer, &(struct success_rule){0}, NOW);
    return outcome;
}

static enum outcome_class expected_class(int status)
{
    if (status >= 200 && status <= 299)
        return OUTCOME_DELIVERED;
    if (status == 410)
        return OUTCOME_GONE;
    if (status == 429)
        return OUTCOME_THROTTLED;
    static const int destination[] = {401, 402, 403, 404, 405, 406, 407, 408,
                                      421, 423, 425, 426, 428, 431, 451};
    for (size_t i = 0; i < ELEMENTS(destination); i++)
        if (status == destination[i])
            return OUTCOME_DESTINATION_FAULT;
    return status >= 400 && status <= 499 ? OUTCOME_EVENT_FAULT : OUTCOME_DESTINATION_FAULT;
}

static void every_status_has_its_class(void **state)
{
    (void)state;
    for (int status = 100; status < 1000; status++) {
        struct outcome o = read_status(status, "", "");
        char number[32];
        if (o.class != expected_class(status))
            fail_msg("%d: %s", status, outcome_class_name(o.class));
        snprintf(number, sizeof(number), "HTTP %d", status);
        assert_memory_equal(o.reason, number, strlen(number));
        assert_int_equal(o.error_class == NULL, o.class == OUTCOME_DELIVERED);
        assert_int_equal(outcome_class_of(status, o.error_class), o.class);
        assert_false(o.opens_breaker);
        assert_int_equal(o.retry_after_usec, 0);
    }
}

static void says_what_the_receiver_said(void **state)
{
    (void)state;
    assert_string_equal(read_status(204, "", "").reason, "HTTP 204");
    assert_string_equal(read_status(503, "", "").reason, "HTTP 503 Service Unavailable");
    assert_string_equal(read_status(503, "", "").error_class, "http_5xx");
    assert_string_equal(read_status(422, "", "").error_class, "http_4xx");
    assert_string_equal(read_status(302, "", "").error_class, "http_3xx");
    assert_string_equal(read_status(999, "", "").error_class, "http_other");
    assert_string_equal(read_status(302, "", "https://wms.example/log\x1bin?token=s3cret#x").reason,
                        "HTTP 302 Found to https://wms.example/log\\x1bin");
    assert_string_equal(read_status(500, "", "https://wms.example/").reason,
                        "HTTP 500 Internal Server Error");
}

static void retry_after_in_both_forms(void **state)
{
    (void)state;
    static const struct {
        const char *header;
        uint64_t wait;
        bool read;
    } cases[] = {
        {"120", 120 * USEC_PER_SEC, true},
        {"0", 0, true},
        {" 7\t", 7 * USEC_PER_SEC, true},
        {LATE, 10 * USEC_PER_SEC, true},
        {"Monday, 02-Jun-25 08:15:40 GMT", 10 * USEC_PER_SEC, true},
        {"Mon Jun  2 08:15:40 2025", 10 * USEC_PER_SEC, true},
        {"Mon, 02 Jun 2025 08:15:20 GMT", 0, true},
        {"Fri, 01 Jan 2100 00:00:00 GMT", MOST, true},
        {"604800", MOST, true},
        {"604801", MOST, true},
        {"99999999999999999999999999999999999999999999999999999999999999", MOST, true},
        {"18446744073709551617", MOST, true},
        {"", 0, false},
        {"-5", 0, false},
        {"1.5", 2 * USEC_PER_SEC, true},
        {"3.", 4 * USEC_PER_SEC, true},
        {"1.5.5", 0, false},
        {".5", 0, false},
        {"+5", 0, false},
        {"120, 60", 0, false},
        {"12 parsecs", 0, false},
        {"soon", 0, false},
        {"Mon, 99 Jun 2025 08:15:40 GMT", 0, false},
    };
    for (size_t i = 0; i < ELEMENTS(cases); i++) {
        struct outcome o = read_status(503, cases[i].header, "");
        if (o.retry_after_usec != cases[i].wait || o.opens_breaker != cases[i].read)
            fail_msg("%s: %llu", cases[i].header, (unsigned long long)o.retry_after_usec);
    }
}

/* By the receiver's own clock, however far it is from ours. */
static void a_date_is_as_far_away_as_the_answer_says(void **state)
{
    static const uint64_t hour = USEC_PER_HOUR;
    struct outcome o;
    (void)state;
    for (uint64_t clock = NOW - hour; clock <= NOW + hour; clock += hour) {
        struct http_answer answer = {.status = 503, .date_usec = clock};
        static const char later[] = "Mon, 02 Jun 2025 %02d:16:00 GMT";
        snprintf(answer.retry_after, sizeof(answer.retry_after), later,
                 8 + (int)((int64_t)(clock - NOW) / (int64_t)hour));
        outcome_read(&o, &answer, &(struct success_rule){0}, NOW);
        assert_true(o.opens_breaker);
        assert_true(o.retry_after_usec == 30 * USEC_PER_SEC);
        snprintf(answer.retry_after, sizeof(answer.retry_after), "90");
        outcome_read(&o, &answer, &(struct success_rule){0}, NOW);
        assert_true(o.retry_after_usec == 90 * USEC_PER_SEC);
    }
}

/* 429 is nobody's fault; 503 with a time is not either, if others succeed. */
static void only_a_503_with_a_time_may_be_throttling(void **state)
{
    (void)state;
    for (int status = 100; status < 600; status++) {
        struct outcome o = read_status(status, "9", "");
        assert_int_equal(o.may_throttle, status == 503);
        assert_int_equal(o.opens_breaker, status == 503);
        assert_int_equal(o.retry_after_usec, o.class == OUTCOME_DELIVERED ? 0 : 9 * USEC_PER_SEC);
        assert_false(read_status(status, "soon", "").may_throttle);
        assert_int_equal(o.class == OUTCOME_THROTTLED, status == 429);
    }
}

static struct outcome read_failure(enum error_kind kind, const char *text)
{
    struct outcome outcome;
    struct http_answer answer = {.status = 200};
    snprintf(answer.retry_after, sizeof(answer.retry_after), "120");
    error_set(&answer.error, kind, "%s", text);
    outcome_read(&outcome, &answer, &(struct success_rule){0}, NOW);
    return outcome;
}

static void failures_of_the_way_there(void **state)
{
    (void)state;
    for (int kind = ERROR_NONE + 1; kind < ERROR_KINDS; kind++) {
        struct outcome o = read_failure((enum error_kind)kind, "");
        assert_int_equal(o.class, OUTCOME_DESTINATION_FAULT);
        assert_string_equal(o.error_class, error_kind_name((enum error_kind)kind));
        assert_string_equal(o.reason, o.error_class);
        assert_int_equal(o.opens_breaker, kind == ERROR_DNS || kind == ERROR_CONNECT ||
                                              kind == ERROR_TLS || kind == ERROR_NO_TLS);
        assert_int_equal(o.retry_after_usec, 0);
    }
    assert_string_equal(read_failure(ERROR_TLS, "certificate\nof \"x\"").reason,
                        "certificate\\nof \"x\"");
    char longest[600];
    memset(longest, '\x01', sizeof(longest));
    longest[599] = '\0';
    assert_in_range(strlen(read_failure(ERROR_RESET, longest).reason), 100, 255);
    /* 46 times "\\x01", then characters of three bytes up to the end */
    for (size_t i = 46; i + 3 < sizeof(longest); i += 3)
        memcpy(longest + i, "\u2713", 3);
    struct outcome o = read_failure(ERROR_RESET, longest);
    assert_in_range(strlen(o.reason), 250, 255);
    assert_true(text_is_utf8(o.reason, strlen(o.reason)));
}

static void names(void **state)
{
    (void)state;
    assert_string_equal(outcome_class_name(OUTCOME_DELIVERED), "delivered");
    assert_string_equal(outcome_class_name(OUTCOME_EVENT_FAULT), "event fault");
    assert_string_equal(outcome_class_name(OUTCOME_DESTINATION_FAULT), "destination fault");
    assert_string_equal(outcome_class_name(OUTCOME_GONE), "gone");
    assert_string_equal(outcome_class_name(OUTCOME_THROTTLED), "throttled");
}

static struct outcome read_body(const struct success_rule *rule, int status, const char *body)
{
    struct outcome outcome;
    struct http_answer answer = {.status = status, .body = (char *)body, .body_size = strlen(body)};
    outcome_read(&outcome, &answer, rule, NOW);
    return outcome;
}

static void statuses_by_rule(void **state)
{
    char *accept[] = {"200", "202", NULL}, *done[] = {"409", NULL};
    struct success_rule rule = {.accept = accept, .already_done = done};
    (void)state;
    assert_int_equal(read_body(&rule, 202, "").class, OUTCOME_DELIVERED);
    assert_int_equal(read_body(&rule, 409, "").class, OUTCOME_DELIVERED);
    assert_int_equal(read_body(&rule, 422, "").class, OUTCOME_EVENT_FAULT);
    struct outcome other = read_body(&rule, 204, "");
    assert_int_equal(other.class, OUTCOME_DESTINATION_FAULT);
    assert_string_equal(other.error_class, "not_accepted");
    assert_string_equal(other.reason, "HTTP 204, which accept does not name");
}

static struct success_test test_of(const char *text)
{
    struct success_test test = {0};
    struct error error;
    assert_int_equal(success_test_parse(&test, text, &error), 0);
    return test;
}

static void bodies_by_rule(void **state)
{
    struct success_rule rule = {.accept_if = test_of("/status = ok"),
                                .refuse_if = test_of("/errors/0/fatal=true"),
                                .done_if = test_of("/a~1b~0c = 7")};
    (void)state;
    assert_int_equal(read_body(&rule, 200, "{\"status\":\"ok\"}").class, OUTCOME_DELIVERED);
    struct outcome refused = read_body(&rule, 200, "{\"status\":\"OK\"}");
    assert_int_equal(refused.class, OUTCOME_EVENT_FAULT);
    assert_string_equal(refused.reason, "HTTP 200, but in the answer /status is not ok");
    assert_int_equal(outcome_class_of(200, refused.error_class), OUTCOME_EVENT_FAULT);
    assert_int_equal(outcome_class_of(200, "not_accepted"), OUTCOME_DESTINATION_FAULT);
    assert_int_equal(outcome_class_of(200, "timeout"), OUTCOME_DESTINATION_FAULT);
    refused = read_body(&rule, 200, "{\"status\":\"ok\",\"errors\":[{\"fatal\":true}]}");
    assert_int_equal(refused.class, OUTCOME_EVENT_FAULT);
    assert_string_equal(refused.reason, "HTTP 200, but in the answer /errors/0/fatal is true");
    assert_int_equal(read_body(&rule, 500, "{\"a/b~c\":7.0}").class, OUTCOME_DELIVERED);
    assert_int_equal(read_body(&rule, 500, "{\"a/b~c\":8}").class, OUTCOME_DESTINATION_FAULT);
    success_test_clear(&rule.accept_if);
    success_test_clear(&rule.refuse_if);
    success_test_clear(&rule.done_if);
}

/* An answer that a rule needs and cannot read says nothing about the event. */
static void bodies_that_no_rule_can_read(void **state)
{
    static const char *const unreadable[] = {"not JSON", "<html>", "\x1f\x8b\x08",
                                             "{\"status\":\"ok\""};
    struct success_rule strict = {.accept_if = test_of("/status = ok")},
                        lenient = {.refuse_if = test_of("/error = true")},
                        done = {.done_if = test_of("/code = 7")};
    (void)state;
    for (size_t i = 0; i < ELEMENTS(unreadable); i++) {
        const char *body = unreadable[i];
        assert_int_equal(read_body(&strict, 200, body).class, OUTCOME_DESTINATION_FAULT);
        assert_int_equal(read_body(&lenient, 200, body).class, OUTCOME_DESTINATION_FAULT);
        assert_int_equal(read_body(&done, 200, body).class, OUTCOME_DELIVERED);
        assert_int_equal(read_body(&strict, 422, body).class, OUTCOME_EVENT_FAULT);
        assert_int_equal(read_body(&done, 422, body).class, OUTCOME_DESTINATION_FAULT);
        assert_int_equal(read_body(&done, 410, body).class, OUTCOME_GONE);
        assert_string_equal(read_body(&done, 503, body).error_class, "http_5xx");
    }
    struct outcome outcome = read_body(&strict, 200, "not JSON");
    assert_string_equal(outcome.error_class, "unreadable");
    assert_int_equal(outcome_class_of(200, outcome.error_class), OUTCOME_DESTINATION_FAULT);
    assert_string_equal(
        outcome.reason,
        "HTTP 200, but the answer is not JSON of at most 64 KiB, which accept_if needs");
    assert_int_equal(read_body(&strict, 200, "").class, OUTCOME_DESTINATION_FAULT);
    assert_int_equal(read_body(&lenient, 204, "").class, OUTCOME_DELIVERED);
    assert_int_equal(read_body(&done, 422, "").class, OUTCOME_EVENT_FAULT);
    success_test_clear(&strict.accept_if);
    success_test_clear(&lenient.refuse_if);
    success_test_clear(&done.done_if);
}

static bool holds(const char *test, const char *body, size_t size)
{
    struct success_test read = test_of(test);
    bool so = success_test_holds(&read, body, size);
    success_test_clear(&read);
    return so;
}
#define HOLDS(test, body) holds(test, body, sizeof(body) - 1)

static void bodies_that_nobody_should_send(void **state)
{
    (void)state;
    assert_true(HOLDS("/a = caf\xe9", "{\"a\":\"caf\xe9\"}")); /* Latin-1 */
    assert_true(HOLDS("/a = 1e2", "{\"a\":100}"));
    assert_false(HOLDS("/a = nan", "{\"a\":100}"));
    assert_true(HOLDS("/a = 2", "{\"a\":1,\"a\":2}"));
    assert_false(HOLDS("/a = 1", "{\"a\":1,\"a\":2}"));
    assert_false(HOLDS("/a = ok", "{\"a\":\"ok\\u0000no\"}"));
    assert_false(HOLDS("/a = ok", "{\"a\":\"ok\0no\"}"));
    assert_false(HOLDS("/a = ok", "{\"a\\u0000b\":\"ok\"}"));
    assert_true(HOLDS("/a = \\u0000", "{\"a\":\"\\\\u0000\"}"));
    assert_true(HOLDS("/a = ok", "{\"x\":\"\\u0000\",\"a\":\"ok\"}"));
    assert_false(HOLDS("/a = ok", "{\"a\":\"ok\"}\0"));
    assert_false(HOLDS("/a = ok", "{\"a\":\"ok\""));
    assert_false(HOLDS("/a = ok", ""));
}

static void tests_that_say_nothing(void **state)
{
    static const char *const wrong[] = {"",           "status = ok", "/status",
                                        "/status ok", "/a~2 = x",    "/a~ = x"};
    (void)state;
    for (size_t i = 0; i < ELEMENTS(wrong); i++) {
        struct success_test test = {0};
        struct error error;
        assert_true(success_test_parse(&test, wrong[i], &error) < 0);
        assert_null(test.pointer);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statuses_by_rule),
        cmocka_unit_test(bodies_by_rule),
        cmocka_unit_test(bodies_that_no_rule_can_read),
        cmocka_unit_test(bodies_that_nobody_should_send),
        cmocka_unit_test(tests_that_say_nothing),
        cmocka_unit_test(every_status_has_its_class),
        cmocka_unit_test(says_what_the_receiver_said),
        cmocka_unit_test(retry_after_in_both_forms),
        cmocka_unit_test(a_date_is_as_far_away_as_the_answer_says),
        cmocka_unit_test(only_a_503_with_a_time_may_be_throttling),
        cmocka_unit_test(failures_of_the_way_there),
        cmocka_unit_test(names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
