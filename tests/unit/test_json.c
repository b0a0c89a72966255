/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/memory.h"

static void writes_members_in_order(void **state)
{
    (void)state;
    AUTOTEXT struct text t = {0};
    json_open(&t, NULL, '{');
    json_string(&t, "a", "x");
    json_string(&t, "b", NULL);
    json_number(&t, "c", -5);
    json_bool(&t, "d", true);
    json_open(&t, "e", '[');
    json_number(&t, NULL, 1);
    json_number(&t, NULL, 2);
    json_open(&t, NULL, '{');
    json_close(&t, '}');
    json_close(&t, ']');
    json_open(&t, "f", '[');
    json_close(&t, ']');
    json_time(&t, "g", 1743767140000000);
    json_time(&t, "h", 0);
    json_raw(&t, "i", "{\"z\":0}", 7);
    json_null(&t, "j");
    json_close(&t, '}');
    assert_string_equal(t.data, "{\"a\":\"x\",\"b\":null,\"c\":-5,\"d\":true,\"e\":[1,2,{}],"
                                "\"f\":[],\"g\":\"2025-04-04T11:45:40.000Z\",\"h\":null,"
                                "\"i\":{\"z\":0},\"j\":null}");
}

static void writes_lines(void **state)
{
    (void)state;
    AUTOTEXT struct text t = {0};
    for (int i = 0; i < 2; i++) {
        json_open(&t, NULL, '{');
        json_number(&t, "n", i);
        json_close(&t, '}');
        text_append_char(&t, '\n');
    }
    assert_string_equal(t.data, "{\"n\":0}\n{\"n\":1}\n");
}

static void check_string(const char *in, size_t size, const char *out)
{
    AUTOTEXT struct text t = {0};
    json_bytes(&t, NULL, in, size);
    assert_string_equal(t.data, out);
}

static void escapes_strings(void **state)
{
    (void)state;
    check_string("", 0, "\"\"");
    check_string("\"\\/", 3, "\"\\\"\\\\/\"");
    check_string("\b\t\n\v\f\r\0\x1f\x7f", 9, "\"\\b\\t\\n\\u000b\\f\\r\\u0000\\u001f\\u007f\"");
    check_string("\xc2\x80\xc2\x9b\xc2\xa0", 6, "\"\\u0080\\u009b\xc2\xa0\"");
    check_string("\xe2\x80\xa8\xe2\x80\xae\xe2\x81\xa6\xe2\x80\xaf", 12,
                 "\"\\u2028\\u202e\\u2066\xe2\x80\xaf\"");
    check_string("\xc3\xa4\xf0\x9f\x98\x80", 6, "\"\xc3\xa4\xf0\x9f\x98\x80\"");
    check_string("a\xff\xc3", 3, "\"a\xef\xbf\xbd\xef\xbf\xbd\"");
    check_string("a{", 2, "\"a{\"");
}

static void a_value_that_ends_in_a_bracket_still_gets_its_comma(void **state)
{
    (void)state;
    AUTOTEXT struct text t = {0};
    json_open(&t, NULL, '[');
    json_string(&t, NULL, "{");
    json_string(&t, NULL, ":");
    json_close(&t, ']');
    assert_string_equal(t.data, "[\"{\",\":\"]");
}

static void reads_members(void **state)
{
    (void)state;
    static const char text[] = "{\"s\":\"x\",\"o\":{},\"a\":[1],\"n\":1,\"z\":null} \n";
    AUTOJSON cJSON *json = json_parse(text, sizeof(text) - 1, 100);
    assert_non_null(json);
    assert_string_equal(json_get_string(json, "s"), "x");
    assert_null(json_get_string(json, "S"));
    assert_null(json_get_string(json, "n"));
    assert_null(json_get_string(json, "z"));
    assert_null(json_get_string(NULL, "s"));
    assert_non_null(json_get_object(json, "o"));
    assert_null(json_get_object(json, "a"));
    assert_non_null(json_get_array(json, "a"));
    assert_null(json_get_array(NULL, "a"));
}

static void refuses_what_is_not_json(void **state)
{
    (void)state;
    static const char *const bad[] = {"", " ", "{", "{}x", "{} {}", "nul", "{\"a\":}", "{}\x01"};
    for (size_t i = 0; i < ELEMENTS(bad); i++)
        if (json_parse(bad[i], strlen(bad[i]), 100))
            fail_msg("%s was read", bad[i]);
    assert_null(json_parse("{}\0", 3, 100));
    assert_null(json_parse("[1,2]", 5, 4));
    assert_null(json_parse(NULL, 0, 4));
}

static void spreading_leaves_strings_alone(void **state)
{
    (void)state;
    static const char compact[] = "{\"a\":[1,2,{}],\"b:,\\\"\":\"c:\\\\\",\"d\":null}";
    AUTOTEXT struct text out = {0};
    json_spread(&out, compact, sizeof(compact) - 1);
    assert_string_equal(out.data, "{\"a\" : [1, 2, {}], \"b:,\\\"\" : \"c:\\\\\", \"d\" : null}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_members_in_order),
        cmocka_unit_test(writes_lines),
        cmocka_unit_test(escapes_strings),
        cmocka_unit_test(a_value_that_ends_in_a_bracket_still_gets_its_comma),
        cmocka_unit_test(reads_members),
        cmocka_unit_test(refuses_what_is_not_json),
        cmocka_unit_test(spreading_leaves_strings_alone),
    };
    return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
