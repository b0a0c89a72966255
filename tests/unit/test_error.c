/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/text.h"

static void sets_and_clears(void **state)
{
    (void)state;
    struct error error = {.status = 500, .retry_after_usec = 1, .code = "x"};
    assert_int_equal(error_set(&error, ERROR_DNS, "no %s", "name"), -EIO);
    assert_int_equal(error.kind, ERROR_DNS);
    assert_int_equal(error.status, 0);
    assert_int_equal(error.retry_after_usec, 0);
    assert_string_equal(error.code, "");
    assert_string_equal(error.text, "no name");
    assert_int_equal(error_set(NULL, ERROR_DNS, "nobody listens"), -EIO);
}

static void wraps_its_own_text(void **state)
{
    (void)state;
    struct error error;
    error_set(&error, ERROR_DNS, "inner");
    error_set(&error, ERROR_DNS, "outer: %s", error.text);
    assert_string_equal(error.text, "outer: inner");
}

static void cuts_between_characters(void **state)
{
    (void)state;
    struct error error;
    for (size_t lead = sizeof(error.text) - 10; lead < sizeof(error.text) + 5; lead++) {
        AUTOTEXT struct text t = {0};
        for (size_t i = 0; i < lead; i++)
            text_append_char(&t, 'a');
        text_append_string(&t, "\xf0\x9f\x98\x80\xe2\x82\xac\xc3\xa4");
        error_set(&error, ERROR_DNS, "%s", t.data);
        size_t size = strlen(error.text);
        assert_true(text_is_utf8(error.text, size));
        assert_true(size >= sizeof(error.text) - 4);
    }
}

static void names_every_kind(void **state)
{
    (void)state;
    for (int kind = 0; kind < ERROR_KINDS; kind++) {
        assert_non_null(error_kind_name((enum error_kind)kind));
        assert_string_not_equal(error_kind_name((enum error_kind)kind), "unknown");
    }
    assert_string_equal(error_kind_name((enum error_kind)99), "unknown");
    assert_string_equal(error_kind_name(ERROR_TLS), "tls");
    assert_true(error_is_transport(ERROR_RESET));
    assert_false(error_is_transport(ERROR_STATUS));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sets_and_clears),
        cmocka_unit_test(wraps_its_own_text),
        cmocka_unit_test(cuts_between_characters),
        cmocka_unit_test(names_every_kind),
    };
    return cmocka_run_group_tests_name("error", tests, NULL, NULL);
}
