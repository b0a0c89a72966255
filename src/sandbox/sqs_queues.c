/* SPDX-License-Identifier: MIT */
/* Queues and their attributes. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/memory.h"
#include "identity.h"
#include "sqs_internal.h"

#define TEXT_ATTRIBUTE_MAX (256 * 1024) /* bytes of a policy */

/* Attributes that are numbers and can be set. */
static const struct number_attribute {
    const char *name;
    size_t offset;
    uint32_t low, high;
} numbers[] = {
    {"VisibilityTimeout", offsetof(struct queue, visibility_s), 0, QUEUE_VISIBILITY_MAX_S},
    {"ReceiveMessageWaitTimeSeconds", offsetof(struct queue, wait_s), 0, 20},
    {"DelaySeconds", offsetof(struct queue, delay_s), 0, 900},
    {"MessageRetentionPeriod", offsetof(struct queue, retention_s), 60, 14 * 86400},
    {"MaximumMessageSize", offsetof(struct queue, body_max), 1024, QUEUE_BODY_MAX},
};

/* Attributes that are kept as text and have no effect. */
static const struct text_attribute {
    const char *name;
    size_t offset;
} texts[] = {
    {"Policy", offsetof(struct queue, policy)},
    {"RedrivePolicy", offsetof(struct queue, redrive)},
    {"KmsMasterKeyId", offsetof(struct queue, kms_key)},
};

static uint32_t *number_of(struct queue *queue, const struct number_attribute *attribute)
{
    return (uint32_t *)((char *)queue + attribute->offset);
}

static struct text *text_of(struct queue *queue, const struct text_attribute *attribute)
{
    return (struct text *)((char *)queue + attribute->offset);
}

/* Check whether the attribute can be set to this value. If it is a number, *ret_number
 * points to its row. */
static enum sqs_error check_attribute(const cJSON *item, const struct number_attribute **ret_number,
                                      uint64_t *ret_value)
{
    *ret_number = NULL;
    if (!cJSON_IsString(item))
        return SQS_SERIALIZATION;
    for (size_t i = 0; i < ELEMENTS(numbers); i++) {
        if (!text_equal(numbers[i].name, item->string))
            continue;
        *ret_number = &numbers[i];
        if (text_to_u64(item->valuestring, ret_value) < 0 || *ret_value < numbers[i].low ||
            *ret_value > numbers[i].high)
            return SQS_ATTRIBUTE_VALUE_BAD;
        return SQS_ERRORS;
    }
    for (size_t i = 0; i < ELEMENTS(texts); i++)
        if (text_equal(texts[i].name, item->string))
            return strlen(item->valuestring) <= TEXT_ATTRIBUTE_MAX ? SQS_ERRORS
                                                                   : SQS_ATTRIBUTE_VALUE_BAD;
    return text_equal(item->string, "FifoQueue") ? SQS_UNSUPPORTED : SQS_ATTRIBUTE_BAD;
}

/* Check all attributes. False: the call is answered. */
static bool check_attributes(struct call *call, const cJSON *attributes)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, attributes) {
        const struct number_attribute *number;
        uint64_t value;
        enum sqs_error error = check_attribute(item, &number, &value);
        if (error == SQS_ERRORS)
            continue;
        if (error == SQS_ATTRIBUTE_VALUE_BAD)
            sqs_refuse(call, error, "Invalid value for the parameter %s.", item->string);
        else if (error == SQS_ATTRIBUTE_BAD)
            sqs_refuse(call, error, "Unknown Attribute %s.", item->string);
        else if (error == SQS_UNSUPPORTED)
            sqs_refuse(call, error,
                       "dockbell-sandbox has no FIFO queues, and SP-API does not publish to them.");
        else
            sqs_refuse(call, error, "Attributes must be strings.");
        return false;
    }
    return true;
}

static void set_attributes(struct queue *queue, const cJSON *attributes)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, attributes) {
        const struct number_attribute *number;
        uint64_t value;
        check_attribute(item, &number, &value);
        if (number)
            *number_of(queue, number) = (uint32_t)value;
        for (size_t i = 0; i < ELEMENTS(texts); i++) {
            if (!text_equal(texts[i].name, item->string))
                continue;
            text_clear(text_of(queue, &texts[i]));
            text_append_string(text_of(queue, &texts[i]), item->valuestring);
        }
    }
}

/* Whether an existing queue has the attributes of a second CreateQueue. */
static bool same_attributes(struct queue *queue, const cJSON *attributes)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, attributes) {
        const struct number_attribute *number;
        uint64_t value;
        check_attribute(item, &number, &value);
        if (number && *number_of(queue, number) != value)
            return false;
    }
    return true;
}

/* Answer with the queue's URL. It has the host that the client used, so that it works
 * for this client. */
static void answer_url(struct sqs *sqs, struct call *call, const struct queue *queue)
{
    const char *host = exchange_header(call->exchange, "host");
    AUTOFREE char *url =
        memory_format("http://%s/" IDENTITY_ACCOUNT "/%s", host ? host : "127.0.0.1", queue->name);
    text_reset(&sqs->out);
    json_open(&sqs->out, NULL, '{');
    json_string(&sqs->out, "QueueUrl", url);
    json_close(&sqs->out, '}');
    sqs_answer(call, &sqs->out);
}

void sqs_create_queue(struct sqs *sqs, struct call *call, const cJSON *in)
{
    const char *name = sqs_input_string(call, in, "QueueName");
    const cJSON *attributes = json_get_object(in, "Attributes");
    if (!name || !check_attributes(call, attributes))
        return;
    struct queue *queue = sqs_find_queue(sqs, name);
    if (queue && !same_attributes(queue, attributes)) {
        sqs_refuse(call, SQS_QUEUE_EXISTS,
                   "A queue already exists with the same name and a different value for an "
                   "attribute.");
        return;
    }
    if (!queue && sqs->queue_count == SQS_QUEUES_MAX) {
        sqs_refuse(call, SQS_OVER_LIMIT, "dockbell-sandbox keeps at most %d queues.",
                   SQS_QUEUES_MAX);
        return;
    }
    if (!queue && (queue = sqs_queue(sqs, name)))
        set_attributes(queue, attributes);
    if (queue)
        answer_url(sqs, call, queue);
    else
        sqs_refuse(call, SQS_PARAMETER_BAD,
                   "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in "
                   "length");
}

void sqs_get_queue_url(struct sqs *sqs, struct call *call, const cJSON *in)
{
    const char *name = sqs_input_string(call, in, "QueueName");
    if (!name)
        return;
    const char *owner = json_get_string(in, "QueueOwnerAWSAccountId");
    struct queue *queue = sqs_find_queue(sqs, name);
    if (!queue || (owner && !text_equal(owner, IDENTITY_ACCOUNT)))
        sqs_refuse(call, SQS_NO_QUEUE, "The specified queue does not exist.");
    else
        answer_url(sqs, call, queue);
}

static void write_number(struct text *out, const char *name, uint64_t value)
{
    char digits[32];
    snprintf(digits, sizeof(digits), "%llu", (unsigned long long)value);
    json_string(out, name, digits);
}

static void write_attribute(struct text *out, struct queue *queue, const char *name)
{
    for (size_t i = 0; i < ELEMENTS(numbers); i++)
        if (text_equal(numbers[i].name, name))
            write_number(out, name, *number_of(queue, &numbers[i]));
    for (size_t i = 0; i < ELEMENTS(texts); i++)
        if (text_equal(texts[i].name, name) && text_of(queue, &texts[i])->size > 0)
            json_string(out, name, text_of(queue, &texts[i])->data);
    if (text_equal(name, "QueueArn")) {
        AUTOFREE char *arn = memory_format(IDENTITY_ARN_PREFIX "%s", queue->name);
        json_string(out, name, arn);
    } else if (text_equal(name, "ApproximateNumberOfMessages")) {
        write_number(out, name, queue->visible);
    } else if (text_equal(name, "ApproximateNumberOfMessagesNotVisible")) {
        write_number(out, name, queue->in_flight);
    } else if (text_equal(name, "ApproximateNumberOfMessagesDelayed")) {
        write_number(out, name, queue->delayed);
    } else if (text_equal(name, "CreatedTimestamp")) {
        write_number(out, name, queue->created_wall_usec / USEC_PER_SEC);
    } else if (text_equal(name, "LastModifiedTimestamp")) {
        write_number(out, name, queue->modified_wall_usec / USEC_PER_SEC);
    } else if (text_equal(name, "SqsManagedSseEnabled")) {
        json_string(out, name, queue->kms_key.size ? "false" : "true");
    }
}

static const char *const attribute_names[] = {
    "VisibilityTimeout",
    "ReceiveMessageWaitTimeSeconds",
    "DelaySeconds",
    "MessageRetentionPeriod",
    "MaximumMessageSize",
    "Policy",
    "RedrivePolicy",
    "QueueArn",
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
    "CreatedTimestamp",
    "LastModifiedTimestamp",
    "SqsManagedSseEnabled",
    "RedriveAllowPolicy",
    "KmsMasterKeyId",
    "KmsDataKeyReusePeriodSeconds",
    "FifoQueue",
    "ContentBasedDeduplication",
    "DeduplicationScope",
    "FifoThroughputLimit",
    "All",
};

static bool is_attribute_name(const cJSON *item)
{
    for (size_t i = 0; i < ELEMENTS(attribute_names); i++)
        if (cJSON_IsString(item) && text_equal(attribute_names[i], item->valuestring))
            return true;
    return false;
}

void sqs_get_queue_attributes(struct sqs *sqs, struct call *call, const cJSON *in)
{
    struct queue *queue = sqs_input_queue(sqs, call, in);
    if (!queue)
        return;
    queue_advance(queue, simclock_passed_usec(sqs->office->clock));
    bool asked[ELEMENTS(attribute_names)] = {false};
    bool any = false, all = false;
    const cJSON *item;
    cJSON_ArrayForEach(item, json_get_array(in, "AttributeNames")) {
        if (!is_attribute_name(item)) {
            sqs_refuse(call, SQS_ATTRIBUTE_BAD, "Unknown Attribute %s.",
                       cJSON_IsString(item) ? item->valuestring : "");
            return;
        }
        all = all || text_equal(item->valuestring, "All");
        for (size_t i = 0; i < ELEMENTS(attribute_names); i++)
            asked[i] = asked[i] || text_equal(attribute_names[i], item->valuestring);
        any = true;
    }
    text_reset(&sqs->out);
    json_open(&sqs->out, NULL, '{');
    if (any) {
        json_open(&sqs->out, "Attributes", '{');
        for (size_t i = 0; i < ELEMENTS(attribute_names); i++)
            if (all || asked[i])
                write_attribute(&sqs->out, queue, attribute_names[i]);
        json_close(&sqs->out, '}');
    }
    json_close(&sqs->out, '}');
    sqs_answer(call, &sqs->out);
}

void sqs_set_queue_attributes(struct sqs *sqs, struct call *call, const cJSON *in)
{
    struct queue *queue = sqs_input_queue(sqs, call, in);
    const cJSON *attributes = json_get_object(in, "Attributes");
    if (!queue || !check_attributes(call, attributes))
        return;
    set_attributes(queue, attributes);
    queue->modified_wall_usec = simclock_wall_usec(sqs->office->clock);
    sqs_answer_empty(call);
}

void sqs_purge_queue(struct sqs *sqs, struct call *call, const cJSON *in)
{
    struct queue *queue = sqs_input_queue(sqs, call, in);
    if (!queue)
        return;
    queue_purge(queue);
    sqs_answer_empty(call);
}
