/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "aws/credentials.h"

static int clear_environment(void **state)
{
    (void)state;
    unsetenv("AWS_ACCESS_KEY_ID");
    unsetenv("AWS_SECRET_ACCESS_KEY");
    unsetenv("AWS_SESSION_TOKEN");
    return 0;
}

static void takes_them_and_leaves_no_secret(void **state)
{
    struct aws_credentials credentials = {0};
    struct error error;
    (void)state;
    setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "hunter2", 1);
    setenv("AWS_SESSION_TOKEN", "token", 1);
    const char *in_place = getenv("AWS_SECRET_ACCESS_KEY");
    assert_int_equal(aws_credentials_from_environment(&credentials, &error), 0);
    assert_string_equal(credentials.access_key_id, "AKIAEXAMPLE");
    assert_string_equal(credentials.secret_access_key.data, "hunter2");
    assert_string_equal(credentials.session_token.data, "token");
    assert_null(getenv("AWS_SECRET_ACCESS_KEY"));
    assert_null(getenv("AWS_SESSION_TOKEN"));
    assert_string_equal(in_place, ""); /* wiped where /proc shows it */
    aws_credentials_clear(&credentials);
    aws_credentials_clear(&credentials);
    assert_null(credentials.secret_access_key.data);
}

static void none_and_half(void **state)
{
    struct aws_credentials credentials = {0};
    struct error error;
    (void)state;
    assert_int_equal(aws_credentials_from_environment(&credentials, &error), 1);
    setenv("AWS_SECRET_ACCESS_KEY", "", 1);
    assert_int_equal(aws_credentials_from_environment(&credentials, &error), 1);
    setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE", 1);
    assert_int_equal(aws_credentials_from_environment(&credentials, &error), -EIO);
    assert_int_equal(error.kind, ERROR_CONFIG);
    assert_non_null(strstr(error.text, "AWS_SECRET_ACCESS_KEY is missing"));
    unsetenv("AWS_ACCESS_KEY_ID");
    setenv("AWS_SECRET_ACCESS_KEY", "hunter2", 1);
    assert_int_equal(aws_credentials_from_environment(&credentials, &error), -EIO);
    assert_non_null(strstr(error.text, "AWS_ACCESS_KEY_ID is missing"));
    assert_null(strstr(error.text, "hunter2"));
    assert_null(credentials.access_key_id);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(takes_them_and_leaves_no_secret, clear_environment,
                                        clear_environment),
        cmocka_unit_test_setup_teardown(none_and_half, clear_environment, clear_environment),
    };
    return cmocka_run_group_tests_name("credentials", tests, NULL, NULL);
}
