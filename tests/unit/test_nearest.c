/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/nearest.h"

static const char *const words[] = {"timeout", "max_age", NULL, "max_attempts", "url", "types"};

static const char *near(const char *word)
{
    return nearest_word(word, words, ELEMENTS(words));
}

static void finds_what_was_meant(void **state)
{
    (void)state;
    assert_string_equal(near("tiemout"), "timeout");
    assert_string_equal(near("timout"), "timeout");
    assert_string_equal(near("maxage"), "max_age");
    assert_string_equal(near("max_attempt"), "max_attempts");
    assert_string_equal(near("type"), "types");
    assert_string_equal(near("ulr"), "url");
    assert_string_equal(near("url"), "url");
}

static void says_nothing_when_nothing_is_near(void **state)
{
    (void)state;
    assert_null(near("colour"));
    assert_null(near(""));
    assert_null(near("ab"));
    char endless[NEAREST_MAX + 2];
    memset(endless, 'u', sizeof(endless));
    endless[sizeof(endless) - 1] = '\0';
    assert_null(near(endless));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_what_was_meant),
        cmocka_unit_test(says_nothing_when_nothing_is_near),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
