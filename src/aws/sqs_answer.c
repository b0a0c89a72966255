/* SPDX-License-Identifier: MIT */
#include "aws/sqs_answer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/memory.h"
#include "sqs_scan.h"

/* Return the content, or {} if it has only white space. AWS JSON leaves out empty things, and the
 * SDKs read an empty answer as {}. */
static const char *content_of(const char *bytes, size_t *size)
{
    for (size_t i = 0; i < *size; i++)
        if (!strchr(" \t\r\n", bytes[i]) || !bytes[i])
            return bytes;
    *size = 2;
    return "{}";
}

/* Return a number that may come as a JSON number or as a string. 0 if it is neither. */
static uint64_t get_number(const cJSON *object, const char *key)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    uint64_t value = 0;
    if (cJSON_IsNumber(item) && item->valuedouble >= 0 && item->valuedouble < 1e15)
        return (uint64_t)item->valuedouble;
    if (cJSON_IsString(item) && text_to_u64(item->valuestring, &value) < 0)
        return 0;
    return value;
}

static void copy_string(char *out, size_t room, const char *string)
{
    size_t size = string ? strlen(string) : 0;
    if (size >= room)
        size = 0; /* part of an ARN is useless */
    if (size)
        memcpy(out, string, size);
    out[size] = '\0';
}

/* ---- ReceiveMessage ---- */

static bool is_undamaged(const struct sqs_message *message, const char *md5)
{
    char hex[33];
    return !md5 || !digest_md5_hex(hex, message->body, message->body_size) || strcmp(hex, md5) == 0;
}

/* Return a string. If the value is something else, skip it and return NULL. */
static char *string_or_skip(struct sqs_scan *scan, size_t *ret_size)
{
    if (sqs_scan_kind(scan) == '"')
        return sqs_scan_string(scan, ret_size);
    sqs_scan_skip(scan);
    return NULL;
}

/* Return a number that may stand in a string. 0 if it is not a number. */
static uint64_t scan_number(struct sqs_scan *scan)
{
    uint64_t value = 0;
    bool quoted = sqs_scan_kind(scan) == '"';
    const char *start = scan->at + quoted, *end;
    sqs_scan_skip(scan);
    for (end = start; *end >= '0' && *end <= '9' && value < UINT64_MAX / 10 - 9; end++)
        value = value * 10 + (uint64_t)(*end - '0');
    return quoted ? (*end == '\0' ? value : 0) : (end == scan->at ? value : 0);
}

static void scan_attributes(struct sqs_scan *scan, struct sqs_message *ret)
{
    if (sqs_scan_kind(scan) != '{') {
        sqs_scan_skip(scan);
        return;
    }
    for (bool more = sqs_scan_enter(scan, '{'); more; more = sqs_scan_more(scan, '}')) {
        const char *name = sqs_scan_name(scan);
        if (strcmp(name, "SentTimestamp") == 0) {
            uint64_t sent_ms = scan_number(scan);
            ret->sent_usec = sent_ms < UINT64_MAX / USEC_PER_MSEC ? sent_ms * USEC_PER_MSEC : 0;
        } else if (strcmp(name, "ApproximateReceiveCount") == 0) {
            uint64_t receives = scan_number(scan);
            ret->receive_count = receives < UINT32_MAX ? (unsigned)receives : UINT32_MAX;
        } else {
            sqs_scan_skip(scan);
        }
    }
}

/* Read a message. Return false if it cannot be used. */
static bool scan_message(struct sqs_scan *scan, struct sqs_message *ret)
{
    const char *md5 = NULL;
    *ret = (struct sqs_message){0};
    if (sqs_scan_kind(scan) != '{') {
        sqs_scan_skip(scan);
        return false;
    }
    for (bool more = sqs_scan_enter(scan, '{'); more; more = sqs_scan_more(scan, '}')) {
        const char *name = sqs_scan_name(scan);
        if (strcmp(name, "MessageId") == 0)
            ret->id = string_or_skip(scan, NULL);
        else if (strcmp(name, "ReceiptHandle") == 0)
            ret->receipt = string_or_skip(scan, NULL);
        else if (strcmp(name, "Body") == 0)
            ret->body = string_or_skip(scan, &ret->body_size);
        else if (strcmp(name, "MD5OfBody") == 0)
            md5 = string_or_skip(scan, NULL);
        else if (strcmp(name, "Attributes") == 0)
            scan_attributes(scan, ret);
        else
            sqs_scan_skip(scan);
    }
    return !scan->failed && ret->id && ret->receipt && ret->body && is_undamaged(ret, md5);
}

static void scan_messages(struct sqs_scan *scan, struct sqs_batch *batch)
{
    for (bool more = sqs_scan_enter(scan, '['); more; more = sqs_scan_more(scan, ']')) {
        struct sqs_message message;
        if (batch->count + batch->damaged == SQS_BATCH_MAX) {
            scan->failed = true;
            return;
        }
        if (scan_message(scan, &message))
            batch->messages[batch->count++] = message;
        else
            batch->damaged_ids[batch->damaged++] = message.id;
    }
}

static void scan_answer(struct sqs_scan *scan, struct sqs_batch *batch)
{
    for (bool more = sqs_scan_enter(scan, '{'); more; more = sqs_scan_more(scan, '}')) {
        if (strcmp(sqs_scan_name(scan), "Messages") != 0 || sqs_scan_kind(scan) == 'n')
            sqs_scan_skip(scan);
        else
            scan_messages(scan, batch);
    }
}

int sqs_batch_parse(const char *bytes, size_t size, struct sqs_batch **ret)
{
    if (size > SQS_ANSWER_MAX)
        return -EBADMSG;
    bytes = content_of(bytes, &size);
    struct sqs_batch *batch = NEW(struct sqs_batch);
    batch->memory = memory_copy(bytes, size);
    struct sqs_scan scan = {.at = batch->memory};
    scan_answer(&scan, batch);
    /* A NUL byte inside the answer also ends the scan, but too early. */
    if (!sqs_scan_ended(&scan) || scan.at != batch->memory + size) {
        sqs_batch_free(batch);
        return -EBADMSG;
    }
    *ret = batch;
    return 0;
}

void sqs_batch_free(struct sqs_batch *batch)
{
    if (!batch)
        return;
    free(batch->memory);
    free(batch);
}

/* ---- DeleteMessageBatch ---- */

/* Return the position that is in an entry's Id, or -1. */
static int entry_position(const cJSON *entry, size_t count)
{
    const char *id = json_get_string(entry, "Id");
    uint64_t position;
    if (text_to_u64(id, &position) < 0 || position >= count)
        return -1;
    return (int)position;
}

int sqs_results_parse(const char *bytes, size_t size, struct sqs_entry_result *results,
                      size_t count)
{
    const char *content = content_of(bytes, &size);
    AUTOJSON cJSON *json = json_parse(content, size, SQS_ANSWER_SMALL_MAX);
    const cJSON *entry;
    if (!cJSON_IsObject(json))
        return -EBADMSG;
    for (size_t i = 0; i < count; i++)
        results[i] = (struct sqs_entry_result){.retry = true};
    cJSON_ArrayForEach(entry, json_get_array(json, "Successful")) {
        int i = entry_position(entry, count);
        if (i >= 0)
            results[i] = (struct sqs_entry_result){.ok = true};
    }
    cJSON_ArrayForEach(entry, json_get_array(json, "Failed")) {
        int i = entry_position(entry, count);
        if (i < 0)
            continue;
        const cJSON *fault = cJSON_GetObjectItemCaseSensitive(entry, "SenderFault");
        results[i] = (struct sqs_entry_result){.retry = !cJSON_IsTrue(fault)};
        copy_string(results[i].code, sizeof(results[i].code), json_get_string(entry, "Code"));
    }
    return 0;
}

/* ---- GetQueueAttributes, GetQueueUrl ---- */

/* Read the redrive policy, which is JSON in a string. */
static void read_redrive(const char *policy, struct sqs_queue_attributes *ret)
{
    AUTOJSON cJSON *json = policy ? json_parse(policy, strlen(policy), SQS_ANSWER_SMALL_MAX) : NULL;
    const char *arn = json_get_string(json, "deadLetterTargetArn");
    ret->max_receive_count = get_number(json, "maxReceiveCount");
    copy_string(ret->dead_letter_arn, sizeof(ret->dead_letter_arn), arn);
}

int sqs_attributes_parse(const char *bytes, size_t size, struct sqs_queue_attributes *ret)
{
    const char *content = content_of(bytes, &size);
    AUTOJSON cJSON *json = json_parse(content, size, SQS_ANSWER_SMALL_MAX);
    const cJSON *map = json_get_object(json, "Attributes");
    if (!cJSON_IsObject(json))
        return -EBADMSG;
    const char *key = json_get_string(map, "KmsMasterKeyId");
    *ret = (struct sqs_queue_attributes){
        .depth = get_number(map, "ApproximateNumberOfMessages"),
        .not_visible = get_number(map, "ApproximateNumberOfMessagesNotVisible"),
        .delayed = get_number(map, "ApproximateNumberOfMessagesDelayed"),
        .visibility_s = get_number(map, "VisibilityTimeout"),
        .retention_s = get_number(map, "MessageRetentionPeriod"),
        .fifo = text_equal(json_get_string(map, "FifoQueue"), "true"),
        .kms_key = memory_string(key && key[0] ? key : NULL),
        .policy = memory_string(json_get_string(map, "Policy")),
    };
    read_redrive(json_get_string(map, "RedrivePolicy"), ret);
    return 0;
}

void sqs_queue_attributes_clear(struct sqs_queue_attributes *attributes)
{
    free(attributes->policy);
    free(attributes->kms_key);
    *attributes = (struct sqs_queue_attributes){0};
}

char *sqs_url_parse(const char *bytes, size_t size)
{
    AUTOJSON cJSON *json = json_parse(bytes, size, SQS_ANSWER_SMALL_MAX);
    const char *url = json_get_string(json, "QueueUrl");
    return url && url[0] ? memory_string(url) : NULL;
}
