/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "webhook/auth.h"
#include "webhook/extra.h"

static void names(void **state)
{
    static const char *const good[] = {"X-Api-Key", "authorization", "cookie", "accept",
                                       "x!#$%&'*+-.^_`|~9"};
    static const char *const bad[] = {
        "",
        "X Api",
        "X-Api:",
        "X-\303\244",
        "a\tb",
        "a\"b",
        "Host",
        "content-length",
        "CONTENT-TYPE",
        "Content-Encoding",
        "transfer-encoding",
        "Connection",
        "proxy-connection",
        "keep-alive",
        "TE",
        "trailer",
        "upgrade",
        "expect",
        "user-agent",
        "Accept-Encoding",
        "traceparent",
        "Proxy-Authorization",
        "webhook-id",
        "WEBHOOK-anything",
        "Dockbell-Order",
    };
    char longest[WEBHOOK_EXTRA_NAME_MAX + 2] = "";
    (void)state;
    for (size_t i = 0; i < ELEMENTS(good); i++)
        assert_null(webhook_extra_problem(good[i]));
    for (size_t i = 0; i < ELEMENTS(bad); i++)
        if (!webhook_extra_problem(bad[i]))
            fail_msg("%s is taken", bad[i]);
    memset(longest, 'a', WEBHOOK_EXTRA_NAME_MAX);
    assert_null(webhook_extra_problem(longest));
    longest[WEBHOOK_EXTRA_NAME_MAX] = 'a';
    assert_non_null(webhook_extra_problem(longest));
    /* Only whole names are taken, and only these prefixes. */
    assert_null(webhook_extra_problem("hostname"));
    assert_null(webhook_extra_problem("x-webhook-id"));
}

static int check(const char *value, size_t size, struct error *error)
{
    CLEANUP(secret_clear) struct secret secret = {0};
    secret_set(&secret, value, size);
    return webhook_extra_check_value(&secret, error);
}

static void values(void **state)
{
    struct error error;
    char longest[WEBHOOK_EXTRA_VALUE_MAX + 1];
    (void)state;
    memset(longest, '~', sizeof(longest));
    assert_int_equal(check("k", 1, &error), 0);
    assert_int_equal(check("a, b; c=\"d\"\te", 13, &error), 0);
    assert_int_equal(check(longest, WEBHOOK_EXTRA_VALUE_MAX, &error), 0);
    assert_int_equal(check(longest, sizeof(longest), &error), -EIO);
    assert_int_equal(check("", 0, &error), -EIO);
    assert_int_equal(check(" k", 2, &error), -EIO);
    assert_int_equal(check("k\t", 2, &error), -EIO);
    assert_int_equal(check("k\r\nx: 1", 7, &error), -EIO);
    assert_int_equal(check("k\0x", 3, &error), -EIO);
    assert_int_equal(check("\303\244bc", 4, &error), -EIO);
    assert_int_equal(check("s3cret\x7f", 7, &error), -EIO);
    assert_null(strstr(error.text, "s3cret"));
}

static void they_stand_behind_the_others(void **state)
{
    struct webhook_auth auth = {0};
    struct webhook_headers headers = {0};
    CLEANUP(secret_clear) struct secret token = {0};
    struct error error;
    char name[8];
    (void)state;
    secret_set(&token, "t0ken", 5);
    assert_int_equal(webhook_auth_bearer(&auth, &token, &error), 0);
    for (int i = 0; i < WEBHOOK_EXTRA_MAX; i++) {
        snprintf(name, sizeof(name), "x-%d", i);
        assert_int_equal(webhook_extra_add(&auth.extra, name, &token, &error), 0);
    }
    assert_int_equal(webhook_extra_add(&auth.extra, "x", &token, &error), -EIO);
    assert_string_equal(error.text, "more than 16 headers");

    struct webhook_event event = {.id = "n1",
                                  .seller = "acme",
                                  .type = "T",
                                  .order_id = "1",
                                  .event_usec = 1,
                                  .attempt = 1,
                                  .sequence = 1,
                                  .stale = true,
                                  .resend = 1};
    struct webhook_part body = {"{}", 2};
    webhook_headers_build(&headers, &event, NULL, 1, &body, 1);
    webhook_auth_add(&auth, &headers, body);
    size_t count = 0;
    while (headers.lines[count])
        count++;
    assert_string_equal(headers.lines[count - 1], "x-15: t0ken");
    assert_string_equal(headers.lines[count - 17], "authorization: Bearer t0ken");
    webhook_headers_clear(&headers);
    webhook_auth_clear(&auth);
    assert_int_equal(auth.extra.count, 0);
}

static void assert_hidden(const struct webhook_auth *auth, const char *answer, const char *hidden)
{
    AUTOFREE char *bytes = memory_string(answer);
    webhook_auth_hide(auth, bytes, strlen(bytes));
    assert_string_equal(bytes, hidden);
}

/* An error page that prints the request's headers would carry them into the store. */
static void what_was_sent_is_not_kept_from_an_answer(void **state)
{
    (void)state;
    struct webhook_auth auth = {.hmac_header = NULL};
    CLEANUP(secret_clear) struct secret value = {0};
    secret_set(&value, "tok3n-1234", 10);
    assert_int_equal(webhook_auth_bearer(&auth, &value, NULL), 0);
    assert_int_equal(webhook_extra_add(&auth.extra, "X-Key", &value, NULL), 0);
    secret_set(&value, "Token abcd/efgh", 15);
    assert_int_equal(webhook_extra_add(&auth.extra, "X-Other", &value, NULL), 0);
    secret_set(&value, "short", 5);
    assert_int_equal(webhook_extra_add(&auth.extra, "X-Short", &value, NULL), 0);
    assert_hidden(&auth, "Bearer tok3n-1234, tok3n-1234!", "Bearer **********, **********!");
    assert_hidden(&auth, "tok3n-123 abcd/efgh short", "tok3n-123 ********* short");
    assert_hidden(&auth, "cut: tok3n-12", "cut: ********");
    assert_hidden(&auth, "cut: tok3n-1", "cut: tok3n-1");
    assert_hidden(&auth, "", "");
    webhook_auth_hide(&auth, NULL, 0);
    webhook_auth_clear(&auth);
    assert_hidden(&auth, "tok3n-1234", "tok3n-1234");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names),
        cmocka_unit_test(values),
        cmocka_unit_test(what_was_sent_is_not_kept_from_an_answer),
        cmocka_unit_test(they_stand_behind_the_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
