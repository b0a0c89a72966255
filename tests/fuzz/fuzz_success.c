/* SPDX-License-Identifier: MIT */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "webhook/success.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Takes one line off the input. */
static char *take_line(const char **at, const char *end)
{
    const char *newline = *at < end ? memchr(*at, '\n', (size_t)(end - *at)) : NULL;
    const char *stop = newline ? newline : end;
    char *line = memory_copy(*at, (size_t)(stop - *at));
    *at = newline ? newline + 1 : end;
    return line;
}

/* A test that was taken has a pointer by RFC 6901, and means the same when it is written again. */
static void read_test(struct success_test *test, const char **at, const char *end)
{
    struct error error = {0};
    struct success_test again = {0};
    AUTOFREE char *line = take_line(at, end);
    if (success_test_parse(test, line, &error) < 0) {
        if (!error.text[0] || test->pointer)
            abort();
        return;
    }
    AUTOFREE char *written = memory_format("%s=%s", test->pointer, test->value);
    if (test->pointer[0] != '/' || success_test_parse(&again, written, &error) < 0 ||
        strcmp(again.pointer, test->pointer) != 0 || strcmp(again.value, test->value) != 0)
        abort();
    success_test_clear(&again);
}

/* The pointer of no token is the whole text: a rule "it is not this" is answered by any JSON. */
static bool is_json(const char *body, size_t size)
{
    struct success_rule any = {.accept_if = {"/", ""}};
    return success_judge(&any, 200, body, size) != SUCCESS_UNREADABLE;
}

/* What success.h says of the order in which the rules count. */
static enum success expected(const struct success_rule *rule, int status, const char *body,
                             size_t size)
{
    bool good = status >= 200 && status <= 299, json = is_json(body, size);
    if (success_test_holds(&rule->done_if, body, size))
        return SUCCESS_YES;
    if (!good)
        return rule->done_if.pointer && size && !json ? SUCCESS_UNREADABLE : SUCCESS_BY_STATUS;
    if (!json && (rule->accept_if.pointer || (rule->refuse_if.pointer && size)))
        return SUCCESS_UNREADABLE;
    if (rule->accept_if.pointer && !success_test_holds(&rule->accept_if, body, size))
        return SUCCESS_ACCEPT_IF;
    return success_test_holds(&rule->refuse_if, body, size) ? SUCCESS_REFUSE_IF : SUCCESS_YES;
}

/* Of an answer that is empty or too long nothing is believed. */
static void check_tests(const struct success_rule *rule, const char *body, size_t size)
{
    const struct success_test *tests[] = {&rule->accept_if, &rule->refuse_if, &rule->done_if};
    for (size_t i = 0; i < ELEMENTS(tests); i++) {
        bool holds = success_test_holds(tests[i], body, size);
        if (holds && (!tests[i]->pointer || size == 0 || size > SUCCESS_BODY_MAX))
            abort();
    }
}

static void append_string(struct text *out, const char *text)
{
    text_append_char(out, '"');
    for (; *text; text++)
        text_appendf(out, "\\u%04x", (unsigned char)*text);
    text_append_char(out, '"');
}

/* An object of which the first token of the pointer is the only member, with the value as a text
 * and something behind it: holds for the text and for nothing longer, wherever the end is. */
static void check_known(const struct success_test *test)
{
    AUTOTEXT struct text body = {0};
    bool plain = test->pointer && !strpbrk(test->pointer + 1, "/~");
    for (const char *c = plain ? test->value : ""; *c; c++)
        plain = plain && (unsigned char)*c < 0x80;
    for (const char *c = plain ? test->pointer : ""; *c; c++)
        plain = plain && (unsigned char)*c < 0x80;
    if (!plain)
        return;
    text_append_char(&body, '{');
    append_string(&body, test->pointer + 1);
    text_append_char(&body, ':');
    append_string(&body, test->value);
    text_append_char(&body, '}');
    bool fits = body.size <= SUCCESS_BODY_MAX;
    if (success_test_holds(test, body.data, body.size) != fits)
        abort();
    body.size -= 2;
    text_append_string(&body, "\\u0000x\"}");
    if (success_test_holds(test, body.data, body.size))
        abort();
}

/* Input: accept_if, refuse_if, done_if and the status, a line each; the rest is the answer's body.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct success_rule rule = {0};
    const char *at = (const char *)data, *end = at + size;
    read_test(&rule.accept_if, &at, end);
    read_test(&rule.refuse_if, &at, end);
    read_test(&rule.done_if, &at, end);
    AUTOFREE char *number = take_line(&at, end);
    int status = (int)((unsigned)atoi(number) % 1000);

    /* In memory of exactly its size: what reads on is seen. */
    size_t left = (size_t)(end - at);
    char *body = left ? malloc(left) : NULL;
    if (left)
        memcpy(body, at, left);
    if (success_judge(&rule, status, body, left) != expected(&rule, status, body, left))
        abort();
    check_tests(&rule, body, left);
    check_known(&rule.accept_if);
    free(body);
    success_test_clear(&rule.accept_if);
    success_test_clear(&rule.refuse_if);
    success_test_clear(&rule.done_if);
    return 0;
}
