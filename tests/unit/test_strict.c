/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/text.h"
#include "notification/strict.h"

/* A copy of exactly that size, so that the sanitizer sees a read behind the end. */
static size_t check(const char *bytes, size_t size, const char **ret_why)
{
    AUTOFREE char *exact = memory_resize(NULL, size, 1);
    memcpy(exact, bytes, size);
    return strict_json_check(exact, size, ret_why);
}

static void passes(const char *json)
{
    const char *why = "";
    size_t wrong = check(json, strlen(json), &why);
    if (wrong)
        fail_msg("%s: %s at %zu", json, why, wrong - 1);
}

static void accepts(void **state)
{
    (void)state;
    static const char *const good[] = {
        "{}",
        "[]",
        "0",
        "-0",
        "1.5",
        "1E5",
        "1e+5",
        "1e-5",
        "1e999",
        "-1.0e-999",
        "123456789012345678901234567890",
        "true",
        "false",
        "null",
        "\"\"",
        " \t\r\n{ } \t\r\n",
        "[1,2]",
        "{\"a\":1,\"a\":2}",
        "{\"\":[]}",
        "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0000\\uABcd\"",
        "\"\\ud800\"",
        "\"\\udfff\\ud800\"",
        "\"\\ud83d\\ude00\"",
        "\"\x7f\"",
        "\"\xc2\x80\"",
        "\"\xe2\x80\xa8\"",
        "\"\xf4\x8f\xbf\xbf\"",
        "\"\xef\xbb\xbf\"",
        "[[],{},[{}],{\"a\":[]}]",
        "[ 1 , { \"a\" : [ ] } ]",
        "{\"__proto__\":null}",
    };
    for (size_t i = 0; i < ELEMENTS(good); i++)
        passes(good[i]);
}

static void refuses_with_the_offset_and_a_reason(void **state)
{
    (void)state;
    static const struct {
        const char *json;
        size_t offset;
        const char *why;
    } bad[] = {
        {"", 0, "it ends where a value should be"},
        {"  ", 2, "it ends where a value should be"},
        {"{", 1, "member name in quotes expected"},
        {"[", 1, "it ends where a value should be"},
        {"{} {}", 3, "something stands behind the JSON value"},
        {"\xef\xbb\xbf{}", 0, "not a JSON value"},
        {"[1,]", 3, "not a JSON value"},
        {"[,1]", 1, "not a JSON value"},
        {"[1 2]", 3, "comma or closing bracket expected"},
        {"[1}", 2, "comma or closing bracket expected"},
        {"{\"a\":1]", 6, "comma or closing bracket expected"},
        {"{\"a\":1,}", 7, "member name in quotes expected"},
        {"{a:1}", 1, "member name in quotes expected"},
        {"{'a':1}", 1, "member name in quotes expected"},
        {"{\"a\" 1}", 5, "colon expected"},
        {"{\"a\":}", 5, "not a JSON value"},
        {"NaN", 0, "not a JSON value"},
        {"Infinity", 0, "not a JSON value"},
        {"-Infinity", 1, "digit expected"},
        {"nul", 3, "not a JSON value"},
        {"True", 0, "not a JSON value"},
        {"truex", 4, "something stands behind the JSON value"},
        {"01", 1, "number with a leading zero"},
        {"-01", 2, "number with a leading zero"},
        {"1.", 2, "digit expected"},
        {".5", 0, "not a JSON value"},
        {"+1", 0, "not a JSON value"},
        {"-", 1, "digit expected"},
        {"1e", 2, "digit expected"},
        {"1e+", 3, "digit expected"},
        {"0x10", 1, "something stands behind the JSON value"},
        {"\"abc", 4, "unterminated string"},
        {"\"abc\\", 5, "unterminated string"},
        {"\"\\x41\"", 2, "unknown escape in a string"},
        {"\"\\u12g4\"", 5, "\\u without four hex digits"},
        {"\"\\u12", 5, "\\u without four hex digits"},
        {"\"\n\"", 1, "control character in a string"},
        {"\"\x1f\"", 1, "control character in a string"},
        {"\"\xc0\x80\"", 1, "invalid UTF-8"},
        {"\"\xc1\xbf\"", 1, "invalid UTF-8"},
        {"\"\xe0\x80\x80\"", 1, "invalid UTF-8"},
        {"\"\xed\xa0\x80\"", 1, "invalid UTF-8"},
        {"\"\xf0\x80\x80\x80\"", 1, "invalid UTF-8"},
        {"\"\xf4\x90\x80\x80\"", 1, "invalid UTF-8"},
        {"\"\xff\"", 1, "invalid UTF-8"},
        {"\"\x80\"", 1, "invalid UTF-8"},
        {"\"\xe2\x82", 1, "invalid UTF-8"},
        {"\xc2\xa0{}", 0, "not a JSON value"},
        {"{}\f", 2, "something stands behind the JSON value"},
        {"// x\n{}", 0, "not a JSON value"},
        {"{}/**/", 2, "something stands behind the JSON value"},
    };
    for (size_t i = 0; i < ELEMENTS(bad); i++) {
        const char *why = "";
        size_t wrong = check(bad[i].json, strlen(bad[i].json), &why);
        if (wrong != bad[i].offset + 1 || strcmp(why, bad[i].why) != 0)
            fail_msg("%s: %zu, %s", bad[i].json, wrong, why);
    }
}

static void refuses_a_nul_byte(void **state)
{
    (void)state;
    assert_int_equal(check("{}\0", 3, NULL), 3);
    assert_int_equal(check("\"\0\"", 3, NULL), 2);
    assert_int_equal(check("\"\\\0\"", 4, NULL), 3);
    assert_int_equal(check("\0", 1, NULL), 1);
}

static size_t check_nested(size_t depth, const char *open, const char *close)
{
    AUTOTEXT struct text json = {0};
    for (size_t i = 0; i < depth; i++)
        text_append_string(&json, open);
    text_append_string(&json, "1");
    for (size_t i = 0; i < depth; i++)
        text_append_string(&json, close);
    return check(json.data, json.size, NULL);
}

static void nests_64_levels_and_no_more(void **state)
{
    (void)state;
    assert_int_equal(check_nested(64, "[", "]"), 0);
    assert_int_equal(check_nested(65, "[", "]"), 65);
    assert_int_equal(check_nested(64, "{\"a\":", "}"), 0);
    assert_int_equal(check_nested(65, "{\"a\":", "}"), 64 * 5 + 1);
    assert_int_equal(check_nested(32, "[{\"a\":", "}]"), 0);
    assert_int_equal(check_nested(32, "{\"a\":[", "]}"), 0);
    assert_int_not_equal(check_nested(33, "[{\"a\":", "}]"), 0);
    assert_int_not_equal(check_nested(1000000, "[", "]"), 0);
}

static void counts_digits_as_python_does(void **state)
{
    (void)state;
    AUTOTEXT struct text json = {0};
    for (int i = 0; i < 4300; i++)
        text_append_char(&json, '7');
    assert_int_equal(check(json.data, json.size, NULL), 0);
    text_append_char(&json, '7');
    assert_int_equal(check(json.data, json.size, NULL), json.size + 1);
    text_append_string(&json, ".5");
    assert_int_equal(check(json.data, json.size, NULL), 0);
}

/* Every sequence of two and three bytes inside a string, against the other UTF-8 check we have. */
static void agrees_with_the_utf8_of_base(void **state)
{
    (void)state;
    for (unsigned i = 0x800000; i < 0x1000000; i++) {
        char json[] = {'"', (char)(i >> 16), (char)(i >> 8), (char)i, '"'};
        bool odd = false;
        for (int k = 1; k < 4; k++)
            odd = odd || (unsigned char)json[k] < 0x20 || json[k] == '"' || json[k] == '\\';
        if (odd)
            continue;
        if ((strict_json_check(json, sizeof(json), NULL) == 0) != text_is_utf8(json + 1, 3))
            fail_msg("%06x", i);
    }
}

static void refuses_every_cut(void **state)
{
    (void)state;
    static const char whole[] = "{\"a\":[1.5e3,true,null,\"\\u00e4\xc3\xa4\"],\"b\":{\"c\":[]}}";
    for (size_t size = 0; size < strlen(whole); size++) {
        size_t wrong = check(whole, size, NULL);
        assert_in_range(wrong, 1, size + 1);
    }
    passes(whole);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepts),
        cmocka_unit_test(refuses_with_the_offset_and_a_reason),
        cmocka_unit_test(refuses_a_nul_byte),
        cmocka_unit_test(nests_64_levels_and_no_more),
        cmocka_unit_test(counts_digits_as_python_does),
        cmocka_unit_test(agrees_with_the_utf8_of_base),
        cmocka_unit_test(refuses_every_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
