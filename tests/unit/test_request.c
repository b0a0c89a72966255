/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/text.h"
#include "webhook/request.h"

static const struct webhook_part body = {"{\"test\": 2432232314}", 20};

static void assert_lines(const struct webhook_headers *headers, const char *const expected[])
{
    size_t i = 0;
    for (; expected[i]; i++) {
        assert_non_null(headers->lines[i]);
        assert_string_equal(headers->lines[i], expected[i]);
    }
    /* The last one, with a span of its own. */
    assert_non_null(headers->lines[i]);
    assert_true(text_starts(headers->lines[i], "traceparent: 00-"));
    assert_int_equal(strlen(headers->lines[i]), strlen("traceparent: 00--01") + 32 + 1 + 16);
    assert_null(headers->lines[i + 1]);
}

static void every_header(void **state)
{
    (void)state;
    struct webhook_headers headers = {0};
    struct webhook_keys keys;
    CLEANUP(secret_clear) struct secret secret = {0};
    const struct webhook_event event = {
        .id = "msg_p5jXN8AQM9LWM0D4loKWxJek",
        .seller = "acme",
        .type = "ORDER_CHANGE",
        .order_id = "306-1",
        .event_usec = 1743767140000000,
        .attempt = 3,
        .sequence = 18446744073709551615U,
        .stale = true,
        .resend = 2,
    };
    secret_set(&secret, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", 38);
    assert_int_equal(webhook_keys_parse(&keys, &secret, NULL), 0);
    webhook_headers_build(&headers, &event, &keys, 1614265330999999, &body, 1);
    assert_lines(&headers, (const char *const[]){
                               "content-type: application/json",
                               "accept-encoding: identity",
                               "webhook-id: msg_p5jXN8AQM9LWM0D4loKWxJek",
                               "webhook-timestamp: 1614265330",
                               "webhook-signature: v1,g0hM9SsE+OTPJTGt/"
                               "tmIKtSyZlE3uFJELVlNIOLJ1OE=",
                               "dockbell-seller: acme",
                               "dockbell-type: ORDER_CHANGE",
                               "dockbell-order: 306-1",
                               "dockbell-event-time: 2025-04-04T11:45:40.000Z",
                               "dockbell-attempt: 3",
                               "dockbell-sequence: 18446744073709551615",
                               "dockbell-stale: true",
                               "dockbell-resend: 2",
                               NULL,
                           });
    webhook_keys_clear(&keys);
    webhook_headers_clear(&headers);
    assert_null(headers.text.data);
}

static void what_there_is_not_is_left_out(void **state)
{
    (void)state;
    struct webhook_headers headers = {0};
    const struct webhook_keys none = {0};
    const struct webhook_event event = {.id = "n.1", .attempt = 1, .sequence = 7};
    const char *const expected[] = {
        "content-type: application/json",
        "accept-encoding: identity",
        "webhook-id: sha256-38b305c736b7e8a54b2706ea0d8b9a3b895d7fd35b109de7c94b3ed3257e0806",
        "webhook-timestamp: 1614265330",
        "dockbell-attempt: 1",
        "dockbell-sequence: 7",
        NULL,
    };
    size_t size = 0;
    char first[80] = "";
    /* twice: the memory is used again */
    for (int i = 0; i < 2; i++) {
        webhook_headers_build(&headers, &event, i ? NULL : &none, 1614265330000000, &body, 1);
        assert_lines(&headers, expected);
        assert_int_equal(headers.text.size, i ? size : headers.text.size);
        size = headers.text.size;
        /* The trace is that of the notification; the span is the attempt's. */
        const char *trace = headers.lines[6] + strlen("traceparent: ");
        assert_true(i == 0 || strncmp(first, trace, 36) == 0);
        assert_true(i == 0 || strcmp(first, trace) != 0);
        text_copy(first, sizeof(first), trace);
    }
    webhook_headers_clear(&headers);
}

static void assert_order_header(const char *order_id, bool sent)
{
    struct webhook_headers headers = {0};
    const struct webhook_event event = {.id = "n-1", .order_id = order_id};
    webhook_headers_build(&headers, &event, NULL, 1614265330000000, &body, 1);
    if (sent)
        assert_string_equal(headers.lines[4] + strlen("dockbell-order: "), order_id);
    else
        assert_true(text_starts(headers.lines[4], "traceparent: "));
    webhook_headers_clear(&headers);
}

static void foreign_values_that_could_do_harm(void **state)
{
    (void)state;
    char longest[258];
    memset(longest, '~', sizeof(longest));
    longest[256] = '\0';
    assert_order_header("!~", true);
    assert_order_header("", false);
    assert_order_header("306 1", false);
    assert_order_header("306\r\nx-admin: 1", false);
    assert_order_header("\u00e4", false);
    assert_order_header("a\x7f", false);
    assert_order_header(longest, true);
    longest[256] = '~';
    longest[257] = '\0';
    assert_order_header(longest, false);
}

static void the_type_of_the_content_is_the_formats(void **state)
{
    (void)state;
    struct webhook_headers headers = {0};
    const struct webhook_event event = {.id = "n-1", .format = WEBHOOK_CLOUDEVENTS};
    webhook_headers_build(&headers, &event, NULL, 1614265330000000, &body, 1);
    assert_string_equal(headers.lines[0], "content-type: application/cloudevents+json");
    webhook_headers_clear(&headers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_header),
        cmocka_unit_test(what_there_is_not_is_left_out),
        cmocka_unit_test(the_type_of_the_content_is_the_formats),
        cmocka_unit_test(foreign_values_that_could_do_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
