/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/states.h"
#include "base/trace.h"
#include "capture.h"
#include "journal/events.h"

static char last_text[TRACE_TEXT_MAX];
static char last_file[64];
static int last_line;

static void keep(const struct trace *trace)
{
    snprintf(last_text, sizeof(last_text), "%s", trace->text);
    snprintf(last_file, sizeof(last_file), "%s", trace->file);
    last_line = trace->line;
}

static int off(void **state)
{
    (void)state;
    last_text[0] = '\0';
    events_set_level(EVENT_INFO);
    return 0;
}

static int times_asked;

static int ask(void)
{
    return ++times_asked;
}

static void a_trace_that_is_off_does_not_evaluate_its_arguments(void **state)
{
    (void)state;
    TRACE("%d", ask());
    assert_int_equal(times_asked, 0);
}

static void a_trace_has_its_place(void **state)
{
    (void)state;
    trace_sink = keep;
    int line = __LINE__ + 1;
    TRACE("claimed %d", 7);
    assert_string_equal(last_text, "claimed 7");
    assert_int_equal(last_line, line);
    assert_non_null(strstr(last_file, "test_trace.c"));
}

static void a_long_text_is_cut(void **state)
{
    (void)state;
    char text[2 * TRACE_TEXT_MAX];
    memset(text, 'a', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    trace_sink = keep;
    TRACE("%s", text);
    assert_int_equal(strlen(last_text), TRACE_TEXT_MAX - 1);
}

static void a_move_names_the_thing_and_both_states(void **state)
{
    (void)state;
    static const struct state_row doors[] = {{"open", TO(1)}, {"closed", TO(0)}};
    unsigned door = 0;
    trace_sink = keep;
    states_move(doors, &door, 1, "door", 12);
    assert_string_equal(last_text, "door 12: open -> closed");
    assert_non_null(strstr(last_file, "test_trace.c"));
}

static void the_level_debug_writes_a_line(void **state)
{
    (void)state;
    unsetenv("JOURNAL_STREAM");
    events_set_level(EVENT_DEBUG);
    capture_start(STDERR_FILENO);
    TRACE("a line%cwith control", '\n');
    AUTOFREE char *line = capture_end(STDERR_FILENO);
    assert_ptr_equal(strstr(line, "debug: "), line);
    assert_non_null(strstr(line, "test_trace.c:"));
    assert_non_null(strstr(line, ": a line\\nwith control\n"));
}

static void other_levels_write_none(void **state)
{
    (void)state;
    events_set_level(EVENT_DEBUG);
    events_set_level(EVENT_INFO);
    assert_null(trace_sink);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_trace_that_is_off_does_not_evaluate_its_arguments, off),
        cmocka_unit_test_setup(a_trace_has_its_place, off),
        cmocka_unit_test_setup(a_long_text_is_cut, off),
        cmocka_unit_test_setup(a_move_names_the_thing_and_both_states, off),
        cmocka_unit_test_setup(the_level_debug_writes_a_line, off),
        cmocka_unit_test_setup(other_levels_write_none, off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
