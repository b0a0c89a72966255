/* SPDX-License-Identifier: MIT */
#include "notifications_answer.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"

/* Return the payload of {"payload": ...}. NULL if there is none. */
static const cJSON *read_payload(struct notifications_reading *ret, const char *bytes, size_t size)
{
    *ret = (struct notifications_reading){0};
    ret->json = json_parse(bytes, size, NOTIFICATIONS_ANSWER_MAX);
    return cJSON_GetObjectItemCaseSensitive(ret->json, "payload");
}

/* Read a destination. Real answers name every kind of resource; the unused kinds are null. */
static bool read_destination(const cJSON *item, struct notifications_destination *ret)
{
    const cJSON *resource = json_get_object(item, "resource");
    ret->id = json_get_string(item, "destinationId");
    ret->name = json_get_string(item, "name");
    ret->arn = json_get_string(json_get_object(resource, "sqs"), "arn");
    return ret->id && ret->id[0];
}

int notifications_read_destinations(struct notifications_reading *ret, const char *bytes,
                                    size_t size)
{
    const cJSON *payload = read_payload(ret, bytes, size), *item;
    if (!cJSON_IsArray(payload))
        return -EBADMSG;
    int count = cJSON_GetArraySize(payload);
    ret->destinations = memory_new((size_t)count * sizeof(*ret->destinations));
    cJSON_ArrayForEach(item, payload)
        if (read_destination(item, &ret->destinations[ret->destination_count]))
            ret->destination_count++;
    return 0;
}

int notifications_read_destination(struct notifications_reading *ret, const char *bytes,
                                   size_t size)
{
    const cJSON *payload = read_payload(ret, bytes, size);
    ret->destinations = memory_new(sizeof(*ret->destinations));
    if (!read_destination(payload, &ret->destinations[0]))
        return -EBADMSG;
    ret->destination_count = 1;
    return 0;
}

/* Return the strings of the list, borrowed from the tree. NULL if there is no list or
 * it is empty. */
static char **read_list(const cJSON *list)
{
    size_t count = 0;
    const cJSON *item;
    if (!list || cJSON_GetArraySize(list) == 0)
        return NULL;
    char **strings = memory_new(((size_t)cJSON_GetArraySize(list) + 1) * sizeof(*strings));
    cJSON_ArrayForEach(item, list)
        if (cJSON_IsString(item))
            strings[count++] = item->valuestring;
    return strings;
}

/* Return the payload version. If it came as a number, it becomes the string that Amazon documents:
 * 1 and 1.0 are "1.0". */
static const char *read_version(const cJSON *item)
{
    cJSON *version = cJSON_GetObjectItemCaseSensitive(item, "payloadVersion");
    char text[32];
    if (!cJSON_IsNumber(version))
        return json_get_string(item, "payloadVersion");
    double value = version->valuedouble;
    bool whole = value > -1e9 && value < 1e9 && value == (double)(long)value;
    if (whole)
        snprintf(text, sizeof(text), "%.1f", value);
    else
        snprintf(text, sizeof(text), "%.6g", value);
    cJSON *string = cJSON_CreateString(text);
    cJSON_ReplaceItemViaPointer((cJSON *)item, version, string);
    return string->valuestring;
}

/* Read a subscription. The strings of *ret belong to the tree, its two lists to the caller. */
static bool read_subscription(const cJSON *item, struct notifications_subscription *ret)
{
    const cJSON *directive = json_get_object(item, "processingDirective");
    const cJSON *filter = json_get_object(directive, "eventFilter");
    const cJSON *settings = json_get_object(filter, "aggregationSettings");
    *ret = (struct notifications_subscription){
        .id = json_get_string(item, "subscriptionId"),
        .payload_version = read_version(item),
        .destination_id = json_get_string(item, "destinationId"),
        .event_filter_type = json_get_string(filter, "eventFilterType"),
        .filter.order_change_types = read_list(json_get_array(filter, "orderChangeTypes")),
        .filter.marketplaces = read_list(json_get_array(filter, "marketplaceIds")),
        .filter.aggregation = json_get_string(settings, "aggregationTimePeriod"),
        .filter.expression = json_get_string(directive, "filterExpression"),
    };
    return ret->id && ret->id[0];
}

static void clear_subscription(struct notifications_subscription *subscription)
{
    free((void *)subscription->filter.order_change_types);
    free((void *)subscription->filter.marketplaces);
}

int notifications_read_subscription(struct notifications_reading *ret, const char *bytes,
                                    size_t size)
{
    return read_subscription(read_payload(ret, bytes, size), &ret->subscription) ? 0 : -EBADMSG;
}

int notifications_read_subscriptions(struct notifications_reading *ret, const char *bytes,
                                     size_t size)
{
    const cJSON *payload = read_payload(ret, bytes, size), *item;
    const cJSON *list = json_get_array(payload, "subscriptions");
    if (!list)
        return -EBADMSG;
    int count = cJSON_GetArraySize(list);
    ret->next_token = json_get_string(payload, "nextToken");
    ret->subscriptions = memory_new((size_t)count * sizeof(*ret->subscriptions));
    cJSON_ArrayForEach(item, list) {
        struct notifications_subscription *next = &ret->subscriptions[ret->subscription_count];
        if (read_subscription(item, next))
            ret->subscription_count++;
        else
            clear_subscription(next);
    }
    return 0;
}

void notifications_reading_clear(struct notifications_reading *reading)
{
    clear_subscription(&reading->subscription);
    for (size_t i = 0; i < reading->subscription_count; i++)
        clear_subscription(&reading->subscriptions[i]);
    free(reading->subscriptions);
    free(reading->destinations);
    cJSON_Delete(reading->json);
    *reading = (struct notifications_reading){0};
}
