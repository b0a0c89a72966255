/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/memory.h"
#include "config/config.h"
#include "scratch.h"

static char *directory;

static int start(void **state)
{
    (void)state;
    directory = scratch_new();
    setenv("CREDENTIALS_DIRECTORY", directory, 1);
    return 0;
}

static int end(void **state)
{
    (void)state;
    unsetenv("CREDENTIALS_DIRECTORY");
    scratch_remove(TAKE(directory));
    return 0;
}

/* What a reference comes to: the secret, or the error. The caller frees it. */
static char *resolve(const char *reference)
{
    struct secret secret = {0};
    struct error error = {0};
    struct config_secret from = {.reference = (char *)reference, .place = {"dockbell.conf", 7}};
    int r = config_secret_resolve(&secret, &from, &error);
    assert_int_equal(r, error.kind == ERROR_NONE ? 0 : -EIO);
    char *text = memory_string(r < 0 ? error.text : secret.data);
    if (r < 0)
        assert_null(secret.data);
    secret_clear(&secret);
    return text;
}

static void expect(const char *reference, const char *expected)
{
    AUTOFREE char *got = resolve(reference);
    assert_string_equal(got, expected);
}

static void literals_are_themselves(void **state)
{
    (void)state;
    expect("Atzr|abc,def", "Atzr|abc,def");
    expect("whsec_AAAA, whsec_BBBB", "whsec_AAAA,whsec_BBBB");
}

static void files_lose_one_line_end(void **state)
{
    (void)state;
    AUTOFREE char *path = scratch_write(directory, "secret", "abc\r\n");
    AUTOFREE char *reference = memory_format("file:%s", path);
    expect(reference, "abc");
    free(scratch_write(directory, "secret", "abc"));
    expect(reference, "abc");
    free(scratch_write(directory, "secret", "abc\n\n"));
    AUTOFREE char *problem = resolve(reference);
    AUTOFREE char *want = memory_format(
        "dockbell.conf:7: %s: has more than one line, or control characters", reference);
    assert_string_equal(problem, want);
    free(scratch_write(directory, "secret", "\n"));
    AUTOFREE char *empty = resolve(reference);
    assert_non_null(strstr(empty, "is empty"));
}

static void files_are_bounded_and_regular(void **state)
{
    (void)state;
    AUTOFREE char *big = memory_new(CONFIG_LINE_MAX + 2);
    memset(big, 'x', CONFIG_LINE_MAX);
    AUTOFREE char *path = scratch_write(directory, "secret", big);
    AUTOFREE char *reference = memory_format("file:%s", path);
    expect(reference, big);
    big[CONFIG_LINE_MAX] = 'x';
    free(scratch_write(directory, "secret", big));
    AUTOFREE char *problem = resolve(reference);
    assert_non_null(strstr(problem, "more than 64 K"));

    AUTOFREE char *pipe = memory_format("file:%s/pipe", directory);
    assert_int_equal(mkfifo(pipe + 5, 0600), 0);
    AUTOFREE char *not_regular = resolve(pipe);
    assert_non_null(strstr(not_regular, "not a regular file"));
    expect("file:/nonexistent/x",
           "dockbell.conf:7: file:/nonexistent/x: cannot be read: No such file or directory");
}

static void invisible_faults_are_errors(void **state)
{
    (void)state;
    static const struct {
        const char *bytes, *problem;
    } faults[] = {
        {"\xef\xbb\xbf"
         "abc\n",
         "begins with a byte order mark, which some editors write"},
        {"abc \n", "begins or ends with a blank"},
        {" abc", "begins or ends with a blank"},
        {"abc # of the shop", "has a blank in it (a comment needs a line of its own)"},
        {"abc def", "has a blank in it"},
        {"abc\xc2\xa0", "has a character in it that is not ASCII"},
    };
    for (size_t i = 0; i < ELEMENTS(faults); i++) {
        AUTOFREE char *path = scratch_write(directory, "secret", faults[i].bytes);
        AUTOFREE char *reference = memory_format("file:%s", path);
        AUTOFREE char *got = resolve(reference);
        AUTOFREE char *want =
            memory_format("dockbell.conf:7: %s: %s: visible ASCII without blanks is required",
                          reference, faults[i].problem);
        assert_string_equal(got, want);
    }
}

static void variables_leave_the_environment(void **state)
{
    (void)state;
    setenv("TEST_SECRET", "abc", 1);
    char *memory = getenv("TEST_SECRET");
    expect("env:TEST_SECRET", "abc");
    assert_null(getenv("TEST_SECRET"));
    assert_int_equal(memory[0], '\0');
    expect("env:TEST_SECRET", "abc");
    expect("env:TEST_NONE",
           "dockbell.conf:7: env:TEST_NONE: there is no such environment variable");
}

static void credentials_come_from_systemds_directory(void **state)
{
    (void)state;
    free(scratch_write(directory, "lwa", "abc\n"));
    free(scratch_write(directory, "new", "def\n"));
    expect("credential:lwa", "abc");
    expect("credential:lwa,  credential:new", "abc,def");
    AUTOFREE char *problem = resolve("credential:lwa, credential:no-such-name");
    assert_non_null(strstr(problem,
                           "credential:no-such-name: systemd has not handed it over. Create "
                           "/etc/dockbell/credentials/no-such-name, then: systemctl restart"));
    assert_null(strstr(problem, "abc"));
}

/* What config_load says about a value of a secret key, or "". The caller frees it. */
static char *load(const char *value, struct config **ret)
{
    AUTOTEXT struct text text = {0};
    struct config_findings found = {0};
    AUTOFREE char *content =
        memory_format("[aws]\naccess_key_id=a\nsecret_access_key = %s\n", value);
    AUTOFREE char *path = scratch_write(directory, "dockbell.conf", content);
    config_load(ret, path, &found);
    config_check_files(*ret, &found);
    for (size_t i = 0; i < found.count; i++)
        config_finding_print(&text, &found.findings[i]);
    config_findings_clear(&found);
    text_reserve(&text, 1);
    return text_take(&text);
}

static void wrong_references_are_told_but_not_repeated(void **state)
{
    (void)state;
    static const char *const wrong[] = {"credentail:hush",        "file:hush", "env:hush=1",
                                        "credential:../hush",     "a\thush",   "\"hush\"",
                                        "credential:x, env:hush$"};
    for (size_t i = 0; i < ELEMENTS(wrong); i++) {
        struct config *config = NULL;
        AUTOFREE char *text = load(wrong[i], &config);
        assert_non_null(strstr(text, "[aws] secret_access_key: "));
        assert_null(strstr(text, "hush"));
        config_free(config);
    }
}

static void what_others_can_read_is_a_warning(void **state)
{
    (void)state;
    struct config *config = NULL;
    AUTOFREE char *path = memory_format("%s/dockbell.conf", directory);
    free(scratch_write(directory, "dockbell.conf", ""));
    chmod(path, 0644);
    AUTOFREE char *open = load("hush", &config);
    assert_non_null(strstr(open, "every user can read"));
    assert_null(strstr(open, "hush"));
    config_free(TAKE(config));
    AUTOFREE char *reference = load("credential:x", &config);
    assert_string_equal(reference, "");
    config_free(TAKE(config));
    chmod(path, 0640);
    AUTOFREE char *closed = load("hush", &config);
    assert_string_equal(closed, "");
    config_free(TAKE(config));

    AUTOFREE char *secret = scratch_write(directory, "secret", "x");
    AUTOFREE char *file = memory_format("file:%s", secret);
    chmod(secret, 0604);
    AUTOFREE char *readable = load(file, &config);
    assert_non_null(strstr(readable, "every user can read"));
    config_free(TAKE(config));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, start, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(literals_are_themselves),
        TEST(files_lose_one_line_end),
        TEST(invisible_faults_are_errors),
        TEST(files_are_bounded_and_regular),
        TEST(variables_leave_the_environment),
        TEST(credentials_come_from_systemds_directory),
        TEST(wrong_references_are_told_but_not_repeated),
        TEST(what_others_can_read_is_a_warning),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
