/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "aws/sqs_answer.h"
#include "base/memory.h"
#include "base/text.h"

/* The scanner is tested through the one answer that it reads. */

static int parse(const char *json, size_t size, struct sqs_batch **ret)
{
    *ret = NULL;
    return sqs_batch_parse(json, size, ret);
}

/* The body of a message whose Body is this JSON string; NULL: the answer was refused. */
static char *body_of(const char *string, size_t *ret_size)
{
    struct sqs_batch *batch;
    AUTOFREE char *json = memory_format(
        "{\"Messages\":[{\"Body\":%s,\"MessageId\":\"m\",\"ReceiptHandle\":\"r\"}]}", string);
    if (parse(json, strlen(json), &batch))
        return NULL;
    assert_int_equal(batch->count, 1);
    char *body = memory_copy(batch->messages[0].body, batch->messages[0].body_size);
    *ret_size = batch->messages[0].body_size;
    sqs_batch_free(batch);
    return body;
}

static void decodes_every_escape(void **state)
{
    static const struct {
        const char *json, *text;
    } rows[] = {
        {"\"\"", ""},
        {"\"plain\"", "plain"},
        {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t"},
        {"\"\\u0041\\u00e9\\u20AC\"", "A\xc3\xa9\xe2\x82\xac"},
        {"\"\\ud83d\\ude9a.\"", "\xf0\x9f\x9a\x9a."},
        {"\"\xc3\xa9\\n\xf0\x9f\x9a\x9a\"", "\xc3\xa9\n\xf0\x9f\x9a\x9a"},
    };
    (void)state;
    for (size_t i = 0; i < ELEMENTS(rows); i++) {
        size_t size = 0;
        AUTOFREE char *body = body_of(rows[i].json, &size);
        if (!body)
            fail_msg("%s was refused", rows[i].json);
        assert_int_equal(size, strlen(rows[i].text));
        assert_string_equal(body, rows[i].text);
    }
}

static void refuses_broken_strings(void **state)
{
    static const char *const rows[] = {
        "\"\\x\"",       "\"\\u12g4\"", "\"\\u0000\"",
        "\"\\ud83d\"",   "\"\\ude9a\"", "\"\\ud83d\\u0041\"",
        "\"\\ud83d\\\"", "\"a\nb\"",    "\"a\tb\"",
        "\"open",        "\"\\",        "\"\\u12\"",
    };
    (void)state;
    for (size_t i = 0; i < ELEMENTS(rows); i++) {
        size_t size;
        AUTOFREE char *body = body_of(rows[i], &size);
        if (body)
            fail_msg("%s was read", rows[i]);
    }
}

static void refuses_what_is_no_json(void **state)
{
    static const char *const rows[] = {
        "{",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{,}",
        "{\"a\":1 2}",
        "{\"Messages\":[,]}",
        "{\"Messages\":[{},]}",
        "{a:1}",
        "{\"a\":?}",
        "{} {}",
        "{\"a\":[1}",
        "{\"a\":{]}",
        "null",
        "\"x\"",
    };
    struct sqs_batch *batch;
    (void)state;
    for (size_t i = 0; i < ELEMENTS(rows); i++)
        if (parse(rows[i], strlen(rows[i]), &batch) == 0)
            fail_msg("%s was read", rows[i]);
}

static void a_nul_is_not_the_end(void **state)
{
    static const char json[] = "{\"Messages\":[]}\0 more";
    struct sqs_batch *batch;
    (void)state;
    assert_int_not_equal(parse(json, sizeof(json) - 1, &batch), 0);
    assert_int_equal(parse(json, strlen(json), &batch), 0);
    sqs_batch_free(batch);
}

static char *nested(int depth)
{
    struct text json = {0};
    text_append_string(&json, "{\"x\":");
    for (int i = 0; i < depth; i++)
        text_append_char(&json, '[');
    for (int i = 0; i < depth; i++)
        text_append_char(&json, ']');
    text_append_char(&json, '}');
    return text_take(&json);
}

static void refuses_hostile_nesting(void **state)
{
    struct sqs_batch *batch;
    AUTOFREE char *deep = nested(31), *deeper = nested(32), *hostile = nested(1000000);
    (void)state;
    assert_int_equal(parse(deep, strlen(deep), &batch), 0);
    sqs_batch_free(batch);
    assert_int_not_equal(parse(deeper, strlen(deeper), &batch), 0);
    assert_int_not_equal(parse(hostile, strlen(hostile), &batch), 0);
}

static void skips_what_it_does_not_know(void **state)
{
    static const char json[] =
        " { \"Other\" : [ 1 , -2.5e3 , true , false , null , {\"Messages\":[7]} , \"\\u0041\" ] ,"
        " \"Messages\" : [ { \"New\" : {\"deep\":[{}]} , \"MessageId\" : \"m\" ,"
        " \"ReceiptHandle\" : \"r\" , \"Body\" : \"b\" , \"Attributes\" : {\"Odd\":[1],"
        " \"SentTimestamp\":1743767140123, \"ApproximateReceiveCount\":\"x\"} } ] } ";
    struct sqs_batch *batch;
    (void)state;
    assert_int_equal(parse(json, strlen(json), &batch), 0);
    assert_int_equal(batch->count, 1);
    assert_string_equal(batch->messages[0].body, "b");
    assert_int_equal(batch->messages[0].sent_usec, 1743767140123000);
    assert_int_equal(batch->messages[0].receive_count, 0);
    sqs_batch_free(batch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decodes_every_escape),    cmocka_unit_test(refuses_broken_strings),
        cmocka_unit_test(refuses_what_is_no_json), cmocka_unit_test(a_nul_is_not_the_end),
        cmocka_unit_test(refuses_hostile_nesting), cmocka_unit_test(skips_what_it_does_not_know),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
