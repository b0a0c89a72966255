/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"

static void appends_and_grows(void **state)
{
    (void)state;
    AUTOTEXT struct text t = {0};
    for (int i = 0; i < 1000; i++)
        text_appendf(&t, "%d,", i);
    assert_int_equal(t.size, 10 * 2 + 90 * 3 + 900 * 4);
    assert_int_equal(strlen(t.data), t.size);
    assert_string_equal(t.data + t.size - 4, "999,");
    text_reset(&t);
    assert_string_equal(t.data, "");
    text_append(&t, "a\0b", 3);
    assert_memory_equal(t.data, "a\0b", 4);
}

static void formats_longer_than_the_room(void **state)
{
    (void)state;
    AUTOTEXT struct text t = {0};
    char big[500];
    memset(big, 'x', sizeof(big) - 1);
    big[sizeof(big) - 1] = '\0';
    text_appendf(&t, "%s|%s", big, big);
    assert_int_equal(t.size, 999);
    assert_int_equal(t.data[499], '|');
}

static void takes_an_empty_string(void **state)
{
    (void)state;
    struct text t = {0};
    char *taken = text_take(&t);
    assert_string_equal(taken, "");
    free(taken);
    assert_null(t.data);
}

static void check_escaped(const char *in, size_t size, size_t limit, const char *out)
{
    AUTOTEXT struct text t = {0};
    text_append_escaped(&t, in, size, limit);
    assert_string_equal(t.data, out);
}

static void escapes_foreign_text(void **state)
{
    (void)state;
    check_escaped("plain \xc3\xa4", 8, 100, "plain \xc3\xa4");
    check_escaped("a\nb\tc\\d\r", 8, 100, "a\\nb\\tc\\d\\r");
    check_escaped("a\\nb", 4, 100, "a\\nb"); /* escaped already: not a second time */
    check_escaped("\x1b[31m\0\x7f", 7, 100, "\\x1b[31m\\x00\\x7f");
    check_escaped("\xff\xc3", 2, 100, "\\xff\\xc3");
    check_escaped("a\xe2\x80\xae"
                  "b",
                  5, 100, "a\\xe2\\x80\\xaeb"); /* U+202E turns the rest around */
    check_escaped("\xe2\x81\xa6", 3, 100, "\\xe2\\x81\\xa6");
    check_escaped("\xe2\x80\xa8", 3, 100, "\\xe2\\x80\\xa8");
    check_escaped("\xe2\x80\xa7\xe2\x80\xaf", 6, 100, "\xe2\x80\xa7\xe2\x80\xaf");
    check_escaped("\xc2\x9b", 2, 100, "\\xc2\\x9b"); /* C1: a terminal takes it for ESC [ */
    check_escaped("abcdef", 6, 3, "abc...");
    check_escaped("ab\xc3\xa4", 4, 3, "ab...");
    check_escaped("", 0, 3, "");
}

static void knows_utf8(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        bool valid;
    } cases[] = {
        {"", true},
        {"ascii that is longer than eight bytes", true},
        {"\xc2\x80", true},
        {"\xdf\xbf", true},
        {"\xe0\xa0\x80", true},
        {"\xed\x9f\xbf", true},
        {"\xef\xbf\xbf", true},
        {"\xf0\x90\x80\x80", true},
        {"\xf4\x8f\xbf\xbf", true},
        {"\x80", false},
        {"\xc0\xaf", false},         /* overlong */
        {"\xc1\xbf", false},         /* overlong */
        {"\xe0\x9f\xbf", false},     /* overlong */
        {"\xf0\x8f\xbf\xbf", false}, /* overlong */
        {"\xed\xa0\x80", false},     /* surrogate */
        {"\xf4\x90\x80\x80", false}, /* beyond U+10FFFF */
        {"\xf5\x80\x80\x80", false},
        {"\xe2\x82", false}, /* cut */
        {"\xe2\x82z", false},
        {"12345678\xff", false},
        {"1234567\xc3\xa4z", true},
    };
    for (size_t i = 0; i < ELEMENTS(cases); i++)
        if (text_is_utf8(cases[i].bytes, strlen(cases[i].bytes)) != cases[i].valid)
            fail_msg("case %zu", i);
}

static void writes_numbers(void **state)
{
    (void)state;
    AUTOTEXT struct text text = {0};
    char out[TEXT_NUMBER_MAX];
    text_number(out, UINT64_MAX);
    assert_string_equal(out, "18446744073709551615");
    text_append_number(&text, 0);
    text_append_char(&text, ' ');
    text_append_number(&text, 1090);
    assert_string_equal(text.data, "0 1090");
}

static void compares(void **state)
{
    (void)state;
    assert_true(text_equal(NULL, NULL));
    assert_false(text_equal(NULL, ""));
    assert_true(text_equal("a", "a"));
    assert_false(text_equal("a", "b"));
    assert_true(text_starts("dockbell", "dock"));
    assert_false(text_starts("doc", "dock"));
    assert_false(text_starts(NULL, "dock"));
}

static void splits_lists(void **state)
{
    (void)state;
    char **list = text_split_list(" a ,b,, c d ,");
    assert_int_equal(text_list_size(list), 3);
    assert_string_equal(list[0], "a");
    assert_string_equal(list[2], "c d");
    assert_true(text_list_has(list, "b"));
    assert_false(text_list_has(list, "c"));
    text_list_free(list);
    list = text_split_list(" , ");
    assert_int_equal(text_list_size(list), 0);
    text_list_free(list);
    text_list_free(NULL);
    assert_int_equal(text_list_size(NULL), 0);
    assert_false(text_list_has(NULL, "a"));
}

static void reads_numbers(void **state)
{
    (void)state;
    uint64_t n = 7;
    assert_int_equal(text_to_u64("0", &n), 0);
    assert_int_equal(n, 0);
    assert_int_equal(text_to_u64("18446744073709551615", &n), 0);
    assert_true(n == UINT64_MAX);
    assert_int_equal(text_to_u64("18446744073709551616", &n), -ERANGE);
    assert_int_equal(text_to_u64("99999999999999999999999x", &n), -EINVAL);
    assert_int_equal(text_to_u64("", &n), -EINVAL);
    assert_int_equal(text_to_u64("-1", &n), -EINVAL);
    assert_int_equal(text_to_u64(" 1", &n), -EINVAL);
    assert_int_equal(text_to_u64("1 ", &n), -EINVAL);
}

static void check_span(uint64_t usec, const char *expected)
{
    char out[TEXT_SPAN_MAX];
    text_span(out, usec);
    assert_string_equal(out, expected);
}

static void spells_spans(void **state)
{
    (void)state;
    check_span(0, "0s");
    check_span(999, "0s");
    check_span(250 * USEC_PER_MSEC, "250ms");
    check_span(1500 * USEC_PER_MSEC, "1s");
    check_span(5 * USEC_PER_MIN + 12 * USEC_PER_SEC, "5m 12s");
    check_span(USEC_PER_HOUR + 5 * USEC_PER_SEC, "1h");
    check_span(3 * USEC_PER_DAY + 4 * USEC_PER_HOUR + USEC_PER_MIN, "3d 4h");
    check_span(UINT64_MAX, "213503982d 8h");
}

static void copies_whole_characters(void **state)
{
    (void)state;
    char out[5];
    text_copy(out, sizeof(out), "abcd");
    assert_string_equal(out, "abcd");
    text_copy(out, sizeof(out), "abcde");
    assert_string_equal(out, "abcd");
    text_copy(out, sizeof(out), "abc\xc3\xa4");
    assert_string_equal(out, "abc");
    text_copy(out, 1, "\xc3\xa4");
    assert_string_equal(out, "");
    text_copy(out, sizeof(out), NULL);
    assert_string_equal(out, "");
}

static void writes_hex(void **state)
{
    (void)state;
    char out[7];
    text_hex(out, "\x00\xab\xf9", 3);
    assert_string_equal(out, "00abf9");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(appends_and_grows),
        cmocka_unit_test(formats_longer_than_the_room),
        cmocka_unit_test(takes_an_empty_string),
        cmocka_unit_test(escapes_foreign_text),
        cmocka_unit_test(knows_utf8),
        cmocka_unit_test(writes_numbers),
        cmocka_unit_test(compares),
        cmocka_unit_test(splits_lists),
        cmocka_unit_test(reads_numbers),
        cmocka_unit_test(spells_spans),
        cmocka_unit_test(writes_hex),
        cmocka_unit_test(copies_whole_characters),
    };
    return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
