/* SPDX-License-Identifier: MIT */
/* The readers of requests to the control endpoint. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/memory.h"
#include "body.h"
#include "control.h"
#include "identity.h"

#define RATE_MAX        1e6
#define FAULT_DELAY_MAX (10.0 * 60 * 1000)
#define OLD_VALID_MAX_S (400.0 * 86400) /* of replaced client secrets */

/* Read a number between low and high. If the member is absent, *ret keeps its value. */
static int read_number(const cJSON *in, const char *name, double low, double high, double *ret,
                       struct text *why)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(in, name);
    if (!item || cJSON_IsNull(item))
        return 0;
    if (!cJSON_IsNumber(item) || !(item->valuedouble >= low && item->valuedouble <= high)) {
        text_appendf(why, "%s must be a number from %.10g to %.10g.", name, low, high);
        return -EINVAL;
    }
    *ret = item->valuedouble;
    return 0;
}

/* Read a string. If the member is absent, *ret keeps its value. */
static int read_string(const cJSON *in, const char *name, const char **ret, struct text *why)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(in, name);
    if (!item || cJSON_IsNull(item))
        return 0;
    if (!cJSON_IsString(item)) {
        text_appendf(why, "%s must be a string.", name);
        return -EINVAL;
    }
    *ret = item->valuestring;
    return 0;
}

/* Refuse unknown members. Otherwise a misspelt member would silently change nothing. */
static int refuse_unknown(const cJSON *in, const char *const *names, struct text *why)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, in) {
        const char *const *name = names;
        while (*name && !text_equal(*name, item->string))
            name++;
        if (*name)
            continue;
        text_appendf(why, "%s is not known here; known are:", item->string);
        for (name = names; *name; name++)
            text_appendf(why, " %s", *name);
        return -EINVAL;
    }
    return 0;
}

static int read_queue(struct sandbox *sandbox, const cJSON *in, struct queue **ret,
                      struct text *why)
{
    const char *name = IDENTITY_QUEUE;
    int r = read_string(in, "queue", &name, why);
    if (r < 0)
        return r;
    if (text_starts(name, IDENTITY_ARN_PREFIX))
        name += sizeof(IDENTITY_ARN_PREFIX) - 1;
    *ret = sqs_queue(&sandbox->sqs, name);
    if (*ret)
        return 0;
    text_appendf(why,
                 "queue must be a name of 1 to %d letters, digits, hyphens and underscores, or an "
                 "ARN that begins with " IDENTITY_ARN_PREFIX "; at most %d queues are kept.",
                 QUEUE_NAME_MAX, SQS_QUEUES_MAX);
    return -EINVAL;
}

int control_read_rotation(struct sandbox *sandbox, const cJSON *in, struct text *why)
{
    static const char *const members[] = {"queue", "old_valid_s", "rotate", NULL};
    struct queue *queue = NULL;
    double old_valid_s = 0;
    int r = refuse_unknown(in, members, why);
    if (r >= 0)
        r = read_queue(sandbox, in, &queue, why);
    if (r >= 0)
        r = read_number(in, "old_valid_s", 0, OLD_VALID_MAX_S, &old_valid_s, why);
    if (r < 0)
        return r;
    rotation_enrol(&sandbox->rotation, queue, (uint64_t)(old_valid_s * (double)USEC_PER_SEC));
    if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(in, "rotate")))
        rotation_rotate(&sandbox->rotation);
    return 0;
}

static int read_type(const cJSON *in, const struct sample **ret, struct text *why)
{
    const char *name = "ORDER_CHANGE";
    int r = read_string(in, "type", &name, why);
    if (r < 0)
        return r;
    *ret = samples_find(name);
    if (*ret || text_equal(name, "ALL"))
        return 0;
    text_append_string(why, "type must be ALL or one of:");
    for (size_t i = 0; i < samples_count; i++)
        text_appendf(why, " %s", samples[i].name);
    return -EINVAL;
}

static int read_wrap(const cJSON *in, enum generator_wrap *ret, struct text *why)
{
    const char *name = "none";
    int r = read_string(in, "wrap", &name, why);
    if (r < 0)
        return r;
    if (text_equal(name, "string"))
        *ret = WRAP_STRING;
    else if (text_equal(name, "sns"))
        *ret = WRAP_SNS;
    else if (!text_equal(name, "none")) {
        text_append_string(why, "wrap must be none, string or sns.");
        return -EINVAL;
    }
    return 0;
}

static int read_seller(const cJSON *in, char out[GENERATOR_SELLER_MAX], struct text *why)
{
    const char *seller = identity_sellers[0].seller_id;
    int r = read_string(in, "sellerId", &seller, why);
    if (r < 0)
        return r;
    size_t size = strlen(seller);
    for (const char *at = seller; *at; at++)
        if (!isalnum((unsigned char)*at))
            size = 0;
    if (size == 0 || size >= GENERATOR_SELLER_MAX) {
        text_appendf(why, "sellerId must have 1 to %d letters and digits.",
                     GENERATOR_SELLER_MAX - 1);
        return -EINVAL;
    }
    memcpy(out, seller, size + 1);
    return 0;
}

static int read_start(const cJSON *in, uint64_t *ret, struct text *why)
{
    const char *start = NULL;
    int r = read_string(in, "start", &start, why);
    if (r < 0)
        return r;
    *ret = GENERATOR_START_USEC;
    if (start && clock_parse_rfc3339(start, strlen(start), ret) < 0) {
        text_append_string(why, "start must be a time like 2025-04-04T11:45:40Z.");
        return -EINVAL;
    }
    return 0;
}

static int read_generator(const cJSON *in, struct publish_order *order, uint64_t default_seed,
                          struct text *why)
{
    struct generator *generator = &order->generator;
    double seed = (double)default_seed, orders = 0, count = 1;
    int r = read_type(in, &generator->sample, why);
    if (r >= 0 && !generator->sample)
        count = SAMPLES_ALL;
    if (r >= 0)
        r = read_wrap(in, &generator->wrap, why);
    if (r >= 0)
        r = read_seller(in, generator->seller_id, why);
    if (r >= 0)
        r = read_start(in, &generator->start_usec, why);
    if (r >= 0)
        r = read_number(in, "seed", 0, 9007199254740992.0, &seed, why);
    if (r >= 0)
        r = read_number(in, "count", 1, PUBLISH_COUNT_MAX, &count, why);
    if (r >= 0)
        r = read_number(in, "orders", 1, PUBLISH_COUNT_MAX, &orders, why);
    order->count = (uint32_t)count;
    generator->seed = (uint64_t)seed;
    generator->orders = orders >= 1 ? (uint64_t)orders : (order->count + 2) / 3;
    return r;
}

static int check_body(const cJSON *item, struct text *why)
{
    AUTOTEXT struct text escaped = {0};
    if (!cJSON_IsString(item) || !item->valuestring[0])
        text_append_string(why, "bodies must be a list of strings that are not empty.");
    else if (strlen(item->valuestring) > QUEUE_BODY_MAX)
        text_appendf(why, "A body has more than %d bytes; SQS refuses it.", QUEUE_BODY_MAX);
    else if (body_escape(&escaped, item->valuestring, strlen(item->valuestring)) < 0)
        text_append_string(why, "A body is not UTF-8 or has characters that SQS refuses.");
    return why->size ? -EINVAL : 0;
}

static int read_bodies(const cJSON *list, struct publish_order *order, struct text *why)
{
    const cJSON *item;
    if (!cJSON_IsArray(list) || !list->child) {
        text_append_string(why, "bodies must be a list of strings that are not empty.");
        return -EINVAL;
    }
    cJSON_ArrayForEach(item, list) {
        int r = check_body(item, why);
        if (r < 0)
            return r;
    }
    order->bodies = memory_new((size_t)cJSON_GetArraySize(list) * sizeof(order->bodies[0]));
    order->count = 0;
    cJSON_ArrayForEach(item, list)
        order->bodies[order->count++] = memory_string(item->valuestring);
    order->generator.orders = order->count; /* disorder swaps near neighbours */
    return 0;
}

int control_read_publish(struct sandbox *sandbox, const cJSON *in, struct publish_order *ret,
                         struct text *why)
{
    static const char *const members[] = {"queue",      "count",    "rate",   "type",   "seed",
                                          "duplicates", "disorder", "orders", "bodies", "sellerId",
                                          "start",      "wrap",     NULL};
    const cJSON *bodies = cJSON_GetObjectItemCaseSensitive(in, "bodies");
    int r = refuse_unknown(in, members, why);
    if (r >= 0)
        r = read_generator(in, ret, sandbox->options.seed + sandbox->publisher.started + 1, why);
    if (r >= 0)
        r = read_number(in, "duplicates", 0, 1, &ret->duplicates, why);
    if (r >= 0)
        r = read_number(in, "disorder", 0, 1, &ret->disorder, why);
    if (r >= 0)
        r = read_number(in, "rate", 0, RATE_MAX, &ret->rate, why);
    if (r >= 0)
        r = read_queue(sandbox, in, &ret->queue, why);
    if (r >= 0 && bodies && !cJSON_IsNull(bodies))
        r = read_bodies(bodies, ret, why);
    return r;
}

static int check_op(const char *op, struct text *why)
{
    if (text_equal(op, "*") || text_equal(op, "token") || text_equal(op, ROTATION_OPERATION) ||
        sqs_has_operation(op) || spapi_has_operation(op))
        return 0;
    text_append_string(why, "op must be the name of an operation that the sandbox has (as in "
                            "\"ReceiveMessage\" or \"getDestinations\"), \"token\", or \"*\".");
    return -EINVAL;
}

static int check_kind(enum fault_kind kind, struct text *why)
{
    if (kind != FAULT_NONE)
        return 0;
    text_append_string(why, "kind must be one of:");
    for (enum fault_kind k = FAULT_NONE + 1; k < FAULT_KINDS; k++)
        text_appendf(why, " %s", faults_kind_name(k));
    return -EINVAL;
}

int control_read_fault(const cJSON *in, struct fault_rule *ret, struct text *why)
{
    static const char *const members[] = {"op", "kind", "count", "rate", "delay_ms", "after", NULL};
    const char *op = "*", *kind = "";
    double count = 0, rate = 1, delay_ms = 0;
    int r = refuse_unknown(in, members, why);
    if (r >= 0)
        r = read_string(in, "op", &op, why);
    if (r >= 0)
        r = check_op(op, why);
    if (r >= 0)
        r = read_string(in, "kind", &kind, why);
    if (r >= 0)
        r = check_kind(faults_kind(kind), why);
    if (r >= 0)
        r = read_number(in, "count", 1, 1e9, &count, why);
    if (r >= 0)
        r = read_number(in, "rate", 0, 1, &rate, why);
    if (r >= 0)
        r = read_number(in, "delay_ms", 0, FAULT_DELAY_MAX, &delay_ms, why);
    if (r < 0)
        return r;
    *ret = (struct fault_rule){.counted = count >= 1, .left = (uint64_t)count, .rate = rate};
    snprintf(ret->op, sizeof(ret->op), "%s", op);
    ret->fault.kind = faults_kind(kind);
    ret->fault.delay_usec = (uint64_t)(delay_ms * USEC_PER_MSEC);
    ret->fault.after = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(in, "after"));
    return 0;
}
