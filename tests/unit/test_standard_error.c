/* SPDX-License-Identifier: MIT */
/* Lines for standard error while nobody reads it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../src/journal/kept.h"
#include "../../src/journal/standard_error.h"
#include "base/clock.h"
#include "base/memory.h"

/* More than a pipe takes. */
#define LINES 2000
#define LINE  "0123456789012345678901234567890123456789012345678901234567890\n"

static int reader, before;

static int setup(void **state)
{
    int ends[2];
    (void)state;
    before = dup(STDERR_FILENO);
    if (pipe(ends) < 0 || dup2(ends[1], STDERR_FILENO) < 0)
        return -1;
    reader = ends[0];
    return close(ends[1]);
}

static int teardown(void **state)
{
    (void)state;
    dup2(before, STDERR_FILENO);
    close(before);
    return close(reader);
}

static bool write_line(const char *line, bool important)
{
    return standard_error_write(line, strlen(line), important);
}

static char *read_all(void)
{
    static char bytes[256 * 1024];
    ssize_t size = read(reader, bytes, sizeof(bytes) - 1);
    assert_true(size > 0);
    bytes[size] = '\0';
    return bytes;
}

static void only_the_first_line_waits(void **state)
{
    unsigned lost = 0;
    uint64_t started = clock_boot_usec();
    (void)state;
    for (int i = 0; i < LINES; i++)
        lost += !write_line(LINE, false);
    assert_in_range(lost, 1, LINES - 1);
    assert_true(clock_boot_usec() - started >= STANDARD_ERROR_WAIT_MS * USEC_PER_MSEC);
    assert_true(clock_boot_usec() - started < 50 * STANDARD_ERROR_WAIT_MS * USEC_PER_MSEC);
}

static void important_lines_come_later_and_first(void **state)
{
    (void)state;
    while (write_line(LINE, false))
        continue;
    assert_true(write_line("warning: first\n", true));
    assert_true(write_line("warning: second\n", true));
    assert_false(write_line("info: lost\n", false));
    read_all();
    assert_true(write_line("info: third\n", false));
    assert_string_equal(read_all(), "warning: first\nwarning: second\ninfo: third\n");
}

static void no_more_is_kept_than_fits(void **state)
{
    size_t kept = 0;
    (void)state;
    while (write_line(LINE, false))
        continue;
    while (kept <= KEPT_MAX && write_line(LINE, true))
        kept += strlen(LINE) + sizeof(size_t);
    assert_in_range(kept, KEPT_MAX - strlen(LINE) - sizeof(size_t), KEPT_MAX);
    for (char *said = NULL; !said || !strstr(said, "the end\n"); said = read_all())
        write_line("the end\n", false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(only_the_first_line_waits, setup, teardown),
        cmocka_unit_test_setup_teardown(important_lines_come_later_and_first, setup, teardown),
        cmocka_unit_test_setup_teardown(no_more_is_kept_than_fits, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
