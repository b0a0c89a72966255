/* SPDX-License-Identifier: MIT */
#include "faults.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "rng.h"

static const char *const names[FAULT_KINDS] = {
    [FAULT_NONE] = "none",
    [FAULT_DELAY] = "delay",
    [FAULT_ERROR_500] = "500",
    [FAULT_ERROR_503] = "503",
    [FAULT_THROTTLE] = "throttle",
    [FAULT_ACCESS_DENIED] = "access_denied",
    [FAULT_EXPIRED_TOKEN] = "expired_token",
    [FAULT_INVALID_CLIENT] = "invalid_client",
    [FAULT_INVALID_GRANT] = "invalid_grant",
    [FAULT_UNAUTHORIZED_CLIENT] = "unauthorized_client",
    [FAULT_EXPIRED_SECRET] = "expired_secret",
    [FAULT_NOT_FOUND] = "not_found",
    [FAULT_NO_DESTINATION] = "no_destination",
    [FAULT_FORBIDDEN] = "forbidden",
    [FAULT_XML] = "xml",
    [FAULT_HANG] = "hang",
    [FAULT_CLOSE] = "close",
    [FAULT_GARBAGE] = "garbage",
    [FAULT_BLANK] = "blank",
    [FAULT_HALF] = "half",
    [FAULT_SLOW] = "slow",
    [FAULT_PARTIAL] = "partial",
    [FAULT_EMPTY] = "empty",
    [FAULT_MD5] = "md5",
    [FAULT_DUPLICATE] = "duplicate",
    [FAULT_GHOST] = "ghost",
    [FAULT_SKEW] = "skew",
};

enum fault_kind faults_kind(const char *name)
{
    for (enum fault_kind kind = FAULT_NONE + 1; kind < FAULT_KINDS; kind++)
        if (text_equal(names[kind], name))
            return kind;
    return FAULT_NONE;
}

const char *faults_kind_name(enum fault_kind kind)
{
    return names[kind];
}

int faults_add(struct faults *faults, const struct fault_rule *rule)
{
    if (faults->count == FAULT_RULES_MAX)
        return -ENOSPC;
    faults->rules[faults->count++] = *rule;
    return 0;
}

static void remove_rule(struct faults *faults, size_t at)
{
    faults->count--;
    memmove(&faults->rules[at], &faults->rules[at + 1],
            (faults->count - at) * sizeof(faults->rules[0]));
}

void faults_clear(struct faults *faults, const char *op)
{
    for (size_t i = faults->count; i-- > 0;)
        if (!op || text_equal(faults->rules[i].op, op))
            remove_rule(faults, i);
}

static bool applies(struct faults *faults, const struct fault_rule *rule, const char *op)
{
    if (!text_equal(rule->op, "*") && !text_equal(rule->op, op))
        return false;
    return rule->rate >= 1 || rng_unit(&faults->random) < rule->rate;
}

struct fault faults_take(struct faults *faults, const char *op)
{
    for (size_t i = 0; i < faults->count; i++) {
        struct fault_rule *rule = &faults->rules[i];
        if (!applies(faults, rule, op))
            continue;
        struct fault fault = rule->fault;
        rule->hits++;
        if (rule->counted && --rule->left == 0)
            remove_rule(faults, i);
        return fault;
    }
    return (struct fault){FAULT_NONE, false, 0};
}

void faults_write(const struct faults *faults, struct text *out, const char *key)
{
    json_open(out, key, '[');
    for (size_t i = 0; i < faults->count; i++) {
        const struct fault_rule *rule = &faults->rules[i];
        json_open(out, NULL, '{');
        json_string(out, "op", rule->op);
        json_string(out, "kind", names[rule->fault.kind]);
        if (rule->counted)
            json_number(out, "left", (int64_t)rule->left);
        else
            json_null(out, "left");
        json_number(out, "delay_ms", (int64_t)(rule->fault.delay_usec / USEC_PER_MSEC));
        json_bool(out, "after", rule->fault.after);
        json_number(out, "hits", (int64_t)rule->hits);
        json_close(out, '}');
    }
    json_close(out, ']');
}
