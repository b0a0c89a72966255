/* SPDX-License-Identifier: MIT */
#include "notifications_answer.h"

#include <errno.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"

/* {"payload": ...}; NULL when it is not there. */
static const cJSON *read_payload(struct notifications_reading *ret, const char *bytes, size_t size)
{
    *ret = (struct notifications_reading){0};
    ret->json = json_parse(bytes, size, NOTIFICATIONS_ANSWER_MAX);
    return cJSON_GetObjectItemCaseSensitive(ret->json, "payload");
}

/* Real answers hold every kind of resource, those it is not as null. */
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

/* The strings of the list, borrowed from the tree; NULL when there is no list or it is empty. */
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

int notifications_read_subscription(struct notifications_reading *ret, const char *bytes,
                                    size_t size)
{
    const cJSON *payload = read_payload(ret, bytes, size);
    const cJSON *directive = json_get_object(payload, "processingDirective");
    const cJSON *filter = json_get_object(directive, "eventFilter");
    struct notifications_subscription *subscription = &ret->subscription;

    ret->order_change_types = read_list(json_get_array(filter, "orderChangeTypes"));
    *subscription = (struct notifications_subscription){
        .id = json_get_string(payload, "subscriptionId"),
        .payload_version = json_get_string(payload, "payloadVersion"),
        .destination_id = json_get_string(payload, "destinationId"),
        .event_filter_type = json_get_string(filter, "eventFilterType"),
        .order_change_types = ret->order_change_types,
        .filter_expression = json_get_string(directive, "filterExpression"),
    };
    return subscription->id && subscription->id[0] ? 0 : -EBADMSG;
}

void notifications_reading_clear(struct notifications_reading *reading)
{
    free(reading->destinations);
    free(reading->order_change_types);
    cJSON_Delete(reading->json);
    *reading = (struct notifications_reading){0};
}
