/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "aws/credentials.h"
#include "aws/variables.h"
#include "base/memory.h"

static void takes_secrets_out_of_the_environment(void **state)
{
    (void)state;
    setenv("AWS_SECRET_ACCESS_KEY", "hunter2", 1);
    const char *in_place = getenv("AWS_SECRET_ACCESS_KEY");
    assert_string_equal(aws_variable("AWS_SECRET_ACCESS_KEY"), "hunter2");
    assert_string_equal(in_place, ""); /* wiped where /proc shows it */
    assert_null(getenv("AWS_SECRET_ACCESS_KEY"));
    assert_string_equal(aws_variable("AWS_SECRET_ACCESS_KEY"), "hunter2"); /* for a reload */
    setenv("AWS_SECRET_ACCESS_KEY", "newer", 1);
    assert_string_equal(aws_variable("AWS_SECRET_ACCESS_KEY"), "newer");
    aws_variables_forget();
    assert_null(aws_variable("AWS_SECRET_ACCESS_KEY"));
}

static void leaves_others_where_they_are(void **state)
{
    (void)state;
    setenv("AWS_PROFILE", "work", 1);
    assert_string_equal(aws_variable("AWS_PROFILE"), "work");
    assert_string_equal(getenv("AWS_PROFILE"), "work");
    unsetenv("AWS_PROFILE");
    assert_null(aws_variable("AWS_PROFILE"));
}

static void copies_and_compares(void **state)
{
    struct aws_credentials one = {.access_key_id = memory_string("AKIAEXAMPLE")}, other = {0};
    (void)state;
    secret_set(&one.secret_access_key, "hunter2", 7);
    aws_credentials_copy(&other, &one);
    assert_true(aws_credentials_equal(&one, &other));
    secret_set(&other.session_token, "token", 5);
    assert_false(aws_credentials_equal(&one, &other));
    aws_credentials_copy(&other, &one);
    assert_null(other.session_token.data);
    aws_credentials_clear(&one);
    aws_credentials_clear(&one);
    aws_credentials_clear(&other);
    assert_null(other.access_key_id);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_secrets_out_of_the_environment),
        cmocka_unit_test(leaves_others_where_they_are),
        cmocka_unit_test(copies_and_compares),
    };
    return cmocka_run_group_tests_name("credentials", tests, NULL, NULL);
}
