/* SPDX-License-Identifier: MIT */
#include "webhook/success.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"

/* ---- values in a body ---- */

/* Copy one token of a pointer, with "~1" as "/" and "~0" as "~". Return its end in the pointer. */
static const char *take_token(const char *at, char *out)
{
    for (; *at && *at != '/'; at++)
        if (at[0] == '~' && (at[1] == '0' || at[1] == '1'))
            *out++ = *++at == '1' ? '/' : '~';
        else
            *out++ = *at;
    *out = '\0';
    return at;
}

/* Return the element of "0" or "12". NULL for "01", "+1" and "-". */
static const cJSON *element(const cJSON *array, const char *token)
{
    size_t digits = strspn(token, "0123456789");
    if (digits == 0 || digits > 6 || token[digits] || (token[0] == '0' && digits > 1))
        return NULL;
    return cJSON_GetArrayItem(array, atoi(token));
}

/* Return the last member with this name, as Python and node do. */
static const cJSON *member(const cJSON *object, const char *token)
{
    const cJSON *at, *found = NULL;
    cJSON_ArrayForEach(at, object)
        if (at->string && strcmp(at->string, token) == 0)
            found = at;
    return found;
}

static const cJSON *find(const cJSON *at, const char *pointer)
{
    AUTOFREE char *token = memory_new(strlen(pointer) + 1);
    while (at && *pointer == '/') {
        pointer = take_token(pointer + 1, token);
        at = cJSON_IsArray(at) ? element(at, token) : member(at, token);
    }
    return at;
}

/* Whether the value is this number. Only JSON's way of writing counts, because "nan" is neither
 * less nor more than any number. */
static bool is_number(const cJSON *found, const char *value)
{
    char *end;
    double number = strtod(value, &end);
    return value[strspn(value, "0123456789+-.eE")] == '\0' && end != value && *end == '\0' &&
           !(number < found->valuedouble) && !(number > found->valuedouble);
}

static bool has_value(const cJSON *found, const char *value)
{
    if (cJSON_IsString(found))
        return strcmp(found->valuestring, value) == 0;
    if (cJSON_IsNumber(found))
        return is_number(found, value);
    if (cJSON_IsBool(found))
        return strcmp(cJSON_IsTrue(found) ? "true" : "false", value) == 0;
    return cJSON_IsNull(found) && strcmp(value, "null") == 0;
}

/* Replace U+0000 with U+0001. cJSON ends a text at U+0000, so "ok\u0000no" would be
 * equal to "ok". */
static void replace_nul(char *body, size_t size)
{
    static const char escape[] = "\\u0000";
    for (size_t i = 0; i < size; i++) {
        size_t left = size - i;
        if (body[i] == '\0')
            body[i] = '\1';
        else if (left >= sizeof(escape) - 1 && memcmp(body + i, escape, sizeof(escape) - 1) == 0)
            body[i + sizeof(escape) - 2] = '1';
        if (body[i] == '\\')
            i++;
    }
}

/* Parse everything that cJSON accepts as JSON. Some receivers do not write strict JSON,
 * or write it in Latin-1. */
static cJSON *parse(const char *body, size_t size)
{
    if (size > SUCCESS_BODY_MAX)
        return NULL;
    AUTOFREE char *copy = memory_copy(body, size);
    replace_nul(copy, size);
    return json_parse(copy, size, SUCCESS_BODY_MAX);
}

static bool holds(const struct success_test *test, const cJSON *json)
{
    const cJSON *found = json && test->pointer ? find(json, test->pointer) : NULL;
    return found && has_value(found, test->value);
}

bool success_test_holds(const struct success_test *test, const char *body, size_t size)
{
    if (!test->pointer || !body)
        return false;
    AUTOJSON cJSON *json = parse(body, size);
    return holds(test, json);
}

/* ---- text of a test ---- */

static bool pointer_is_valid(const char *pointer, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (pointer[i] == '~' &&
            (i + 1 == size || (pointer[i + 1] != '0' && pointer[i + 1] != '1')))
            return false;
    return size > 0 && pointer[0] == '/';
}

int success_test_parse(struct success_test *test, const char *text, struct error *error)
{
    size_t size = strcspn(text, " \t=");
    const char *value = text + size + strspn(text + size, " \t");
    if (!pointer_is_valid(text, size) || *value != '=')
        return error_set(error, ERROR_CONFIG,
                         "\"%.100s\" is not a JSON pointer and a value, such as /status = ok",
                         text);
    value++;
    value += strspn(value, " \t");
    success_test_clear(test);
    test->pointer = memory_copy(text, size);
    test->value = memory_string(value);
    return 0;
}

void success_test_clear(struct success_test *test)
{
    free(test->pointer);
    free(test->value);
    *test = (struct success_test){0};
}

/* ---- the rule ---- */

bool success_rule_reads(const struct success_rule *rule)
{
    return rule->accept_if.pointer || rule->refuse_if.pointer || rule->done_if.pointer;
}

static bool has_status(char *const *list, int status)
{
    char text[TEXT_NUMBER_MAX];
    if (!list)
        return false;
    text_number(text, (uint64_t)status);
    for (; *list; list++)
        if (strcmp(*list, text) == 0)
            return true;
    return false;
}

/* Judge the body of an answer with a good status. An empty body does not refuse. */
static enum success judge_body(const struct success_rule *rule, const cJSON *json, bool empty)
{
    if (!json && (rule->accept_if.pointer || (rule->refuse_if.pointer && !empty)))
        return SUCCESS_UNREADABLE;
    if (rule->accept_if.pointer && !holds(&rule->accept_if, json))
        return SUCCESS_ACCEPT_IF;
    return holds(&rule->refuse_if, json) ? SUCCESS_REFUSE_IF : SUCCESS_YES;
}

enum success success_judge(const struct success_rule *rule, int status, const char *body,
                           size_t size)
{
    bool good = status / 100 == 2, empty = size == 0;
    AUTOJSON cJSON *json = success_rule_reads(rule) && body ? parse(body, size) : NULL;
    if (holds(&rule->done_if, json) || has_status(rule->already_done, status))
        return SUCCESS_YES;
    if (rule->accept ? has_status(rule->accept, status) : good)
        return judge_body(rule, json, empty);
    if (good)
        return SUCCESS_NOT_ACCEPTED;
    return rule->done_if.pointer && !json && !empty ? SUCCESS_UNREADABLE : SUCCESS_BY_STATUS;
}
