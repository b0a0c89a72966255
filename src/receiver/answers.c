/* SPDX-License-Identifier: MIT */
#include "answers.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"

#define RULE_LIMIT     4096
#define DELAY_LIMIT_MS 600000

static bool get_number(const cJSON *json, const char *key, double limit, uint64_t *value)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, key);
    if (!item)
        return true;
    if (!cJSON_IsNumber(item) || item->valuedouble < 0 || item->valuedouble > limit)
        return false;
    *value = (uint64_t)item->valuedouble;
    return true;
}

static bool get_string(const cJSON *json, const char *key, char *out, size_t size)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, key);
    if (!item)
        return true;
    if (!cJSON_IsString(item) || strlen(item->valuestring) >= size)
        return false;
    snprintf(out, size, "%s", item->valuestring);
    return true;
}

const char *answers_add(struct answers *answers, const char *bytes, size_t size)
{
    struct answer_rule rule = {.left = 1};
    uint64_t status = 200;
    AUTOJSON cJSON *json = json_parse(bytes, size, RULE_LIMIT);
    if (!cJSON_IsObject(json))
        return "a JSON object is needed";
    if (answers->count == ANSWERS_MAX)
        return "too many rules";
    if (!get_number(json, "status", 599, &status) || (status > 0 && status < 200))
        return "status: 200 to 599";
    if (!get_number(json, "count", 1e12, &rule.left))
        return "count: a number of requests";
    if (!get_number(json, "delay_ms", DELAY_LIMIT_MS, &rule.delay_ms))
        return "delay_ms: at most 600000";
    if (!get_string(json, "order", rule.order, sizeof rule.order) ||
        !get_string(json, "retry_after", rule.retry_after, sizeof rule.retry_after) ||
        !get_string(json, "location", rule.location, sizeof rule.location))
        return "order, retry_after and location are short strings";
    rule.status = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(json, "close")) ? 0 : (int)status;
    answers->rules[answers->count++] = rule;
    return NULL;
}

bool answers_take(struct answers *answers, const char *order, struct answer_rule *ret)
{
    for (unsigned i = 0; i < answers->count; i++) {
        struct answer_rule *rule = &answers->rules[i];
        if (rule->left == 0 || (rule->order[0] && !text_equal(rule->order, order)))
            continue;
        rule->left--;
        *ret = *rule;
        return true;
    }
    return false;
}

void answers_clear(struct answers *answers)
{
    answers->count = 0;
}
