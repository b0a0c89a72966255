/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "aws/profile_file.h"
#include "base/memory.h"

static struct profile_file *parse(enum profile_file_kind kind, const char *text)
{
    struct profile_file *file = NULL;
    struct error error = {0};
    if (profile_file_parse(&file, kind, "/f", text, strlen(text), &error) < 0)
        fail_msg("%s", error.text);
    return file;
}

static void assert_refused(const char *text, const char *why)
{
    struct profile_file *file = NULL;
    struct error error = {0};
    assert_int_equal(
        profile_file_parse(&file, PROFILE_FILE_CONFIG, "/f", text, strlen(text), &error), -EIO);
    if (!strstr(error.text, why))
        fail_msg("%s is not in %s", why, error.text);
    assert_null(file);
}

static void assert_value(const struct profile_file *file, const char *profile, const char *key,
                         const char *value)
{
    const char *got = profile_file_get(file, profile, key);
    if (value)
        assert_string_equal(got ? got : "(none)", value);
    else
        assert_null(got);
}

static void names_of_profiles_depend_on_the_file(void **state)
{
    (void)state;
    const char *text = "[default]\na=1\n[profile work]\na=2\n[other]\na=3\n"
                       "[profile 'two words']\na=4\n[profile]\na=5\n[profile a b]\na=6\n";
    struct profile_file *config = parse(PROFILE_FILE_CONFIG, text);
    assert_value(config, "default", "a", "1");
    assert_value(config, "work", "a", "2");
    assert_false(profile_file_has(config, "other"));
    assert_value(config, "two words", "a", "4");
    assert_false(profile_file_has(config, "a"));
    profile_file_free(config);
    struct profile_file *credentials = parse(PROFILE_FILE_CREDENTIALS, text);
    assert_value(credentials, "other", "a", "3");
    assert_value(credentials, "profile work", "a", "2");
    assert_false(profile_file_has(credentials, "work"));
    profile_file_free(credentials);
    assert_false(profile_file_has(NULL, "default"));
    assert_null(profile_file_get(NULL, "default", "a"));
}

static void reads_values_as_configparser_does(void **state)
{
    (void)state;
    struct profile_file *file =
        parse(PROFILE_FILE_CONFIG, "# comment\n[default]\r\nKey : v=1 # no comment\r\n"
                                   "empty =\nmany = one\n  two\n\n ; comment\n  three\n"
                                   "s3 =\n  max = 1\nlast=x:y  ");
    assert_value(file, "default", "key", "v=1 # no comment");
    assert_value(file, "default", "empty", "");
    assert_value(file, "default", "many", "one\ntwo\n\nthree");
    assert_value(file, "default", "s3", NULL);
    assert_value(file, "default", "last", "x:y");
    assert_value(file, "default", "Key", NULL);
    profile_file_free(file);
}

static void the_last_default_is_used(void **state)
{
    (void)state;
    struct profile_file *file =
        parse(PROFILE_FILE_CONFIG, "[default]\na=1\nb=1\n[profile default]\na=2\n");
    assert_value(file, "default", "a", "2");
    assert_value(file, "default", "b", NULL);
    profile_file_free(file);
}

static void refuses_with_the_line_and_no_value(void **state)
{
    (void)state;
    assert_refused("a=1\n", "/f:1: there is no [section]");
    assert_refused("[a]\nhunter2\n", "/f:2: the line is neither");
    assert_refused("[a]\n=hunter2\n", "/f:2: the line is neither");
    assert_refused("[a]\nb=1\nB=2\n", "/f:3: the key is given twice");
    assert_refused("[a]\n[b]\n[a]\n", "/f:3: the section is given twice");
    assert_refused("[a]\ns3 =\n  hunter2\n", "neither a value nor keys");
    assert_refused("[a]\nb=\xff\n", "is not a text in UTF-8");
    assert_refused("[]\n", "/f:1: there is no [section]");
    char *large = memory_new(PROFILE_FILE_MAX + 2);
    memset(large, '#', PROFILE_FILE_MAX + 1);
    assert_refused(large, "/f: is larger");
    free(large);
}

static void a_missing_file_is_no_error(void **state)
{
    (void)state;
    struct profile_file *file = NULL;
    struct error error = {0};
    assert_int_equal(profile_file_read(&file, PROFILE_FILE_CONFIG, "/nowhere/at/all", &error), 1);
    assert_int_equal(profile_file_read(&file, PROFILE_FILE_CONFIG, "/", &error), 1);
    assert_null(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_of_profiles_depend_on_the_file),
        cmocka_unit_test(reads_values_as_configparser_does),
        cmocka_unit_test(the_last_default_is_used),
        cmocka_unit_test(refuses_with_the_line_and_no_value),
        cmocka_unit_test(a_missing_file_is_no_error),
    };
    return cmocka_run_group_tests_name("profile_file", tests, NULL, NULL);
}
