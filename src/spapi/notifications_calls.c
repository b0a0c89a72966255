/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "notifications_call.h"
#include "spapi/notification_types.h"

/*
 * One function for each operation of the API: its name, its path, its body and the function that
 * reads its answer.
 */

static void append_part(struct text *path, const char *part)
{
    text_append_char(path, '/');
    text_append_percent(path, part, strlen(part));
}

static void append_query(struct text *path, const char *name, const char *value)
{
    if (!value)
        return;
    text_appendf(path, "%c%s=", strchr(path->data, '?') ? '&' : '?', name);
    text_append_percent(path, value, strlen(value));
}

/* ---- destinations ---- */

int notifications_get_destinations(struct notifications *notifications, const char *token,
                                   notifications_done_fn done, void *userdata,
                                   struct notifications_call **ret_call)
{
    struct notifications_call *call =
        notifications_call_new(notifications, memory_string("getDestinations"), done, userdata);
    call->read = notifications_read_destinations;
    return notifications_call_start(call, "GET", "destinations", token, ret_call);
}

int notifications_create_destination(struct notifications *notifications, const char *token,
                                     const char *name, const char *arn, notifications_done_fn done,
                                     void *userdata, struct notifications_call **ret_call)
{
    struct notifications_call *call =
        notifications_call_new(notifications, memory_string("createDestination"), done, userdata);
    call->read = notifications_read_destination;
    json_open(&call->body, NULL, '{');
    json_string(&call->body, "name", name);
    json_open(&call->body, "resourceSpecification", '{');
    json_open(&call->body, "sqs", '{');
    json_string(&call->body, "arn", arn);
    json_close(&call->body, '}');
    json_close(&call->body, '}');
    json_close(&call->body, '}');
    return notifications_call_start(call, "POST", "destinations", token, ret_call);
}

int notifications_get_destination(struct notifications *notifications, const char *token,
                                  const char *id, notifications_done_fn done, void *userdata,
                                  struct notifications_call **ret_call)
{
    AUTOTEXT struct text path = {0};
    struct notifications_call *call =
        notifications_call_new(notifications, memory_string("getDestination"), done, userdata);
    call->read = notifications_read_destination;
    call->may_be_absent = true;
    text_append_string(&path, "destinations");
    append_part(&path, id);
    return notifications_call_start(call, "GET", path.data, token, ret_call);
}

int notifications_delete_destination(struct notifications *notifications, const char *token,
                                     const char *id, notifications_done_fn done, void *userdata,
                                     struct notifications_call **ret_call)
{
    AUTOTEXT struct text path = {0};
    struct notifications_call *call =
        notifications_call_new(notifications, memory_string("deleteDestination"), done, userdata);
    text_append_string(&path, "destinations");
    append_part(&path, id);
    return notifications_call_start(call, "DELETE", path.data, token, ret_call);
}

/* ---- subscriptions ---- */

static void start_path(struct text *path, const char *type, const char *id)
{
    text_append_string(path, "subscriptions");
    append_part(path, type);
    if (id)
        append_part(path, id);
}

int notifications_get_subscription(struct notifications *notifications, const char *token,
                                   const char *type, const char *payload_version,
                                   notifications_done_fn done, void *userdata,
                                   struct notifications_call **ret_call)
{
    AUTOTEXT struct text path = {0};
    struct notifications_call *call = notifications_call_new(
        notifications, memory_format("getSubscription %s", type), done, userdata);
    call->read = notifications_read_subscription;
    call->may_be_absent = true;
    start_path(&path, type, NULL);
    append_query(&path, "payloadVersion", payload_version);
    return notifications_call_start(call, "GET", path.data, token, ret_call);
}

int notifications_get_subscriptions(struct notifications *notifications, const char *token,
                                    const char *type, const char *payload_version,
                                    const char *page_token, notifications_done_fn done,
                                    void *userdata, struct notifications_call **ret_call)
{
    AUTOTEXT struct text path = {0};
    struct notifications_call *call = notifications_call_new(
        notifications, memory_format("getSubscriptions %s", type), done, userdata);
    call->read = notifications_read_subscriptions;
    call->may_be_absent = true;
    text_append_string(&path, "subscriptions");
    append_query(&path, "notificationTypes", type);
    append_query(&path, "payloadVersion", payload_version);
    append_query(&path, "pageSize", "100"); /* Amazon's maximum */
    append_query(&path, "nextToken", page_token);
    return notifications_call_start(call, "GET", path.data, token, ret_call);
}

int notifications_get_subscription_by_id(struct notifications *notifications, const char *token,
                                         const char *type, const char *id,
                                         notifications_done_fn done, void *userdata,
                                         struct notifications_call **ret_call)
{
    AUTOTEXT struct text path = {0};
    struct notifications_call *call = notifications_call_new(
        notifications, memory_format("getSubscriptionById %s", type), done, userdata);
    call->read = notifications_read_subscription;
    call->may_be_absent = true;
    start_path(&path, type, id);
    return notifications_call_start(call, "GET", path.data, token, ret_call);
}

int notifications_delete_subscription(struct notifications *notifications, const char *token,
                                      const char *type, const char *id, notifications_done_fn done,
                                      void *userdata, struct notifications_call **ret_call)
{
    AUTOTEXT struct text path = {0};
    struct notifications_call *call = notifications_call_new(
        notifications, memory_format("deleteSubscriptionById %s", type), done, userdata);
    start_path(&path, type, id);
    return notifications_call_start(call, "DELETE", path.data, token, ret_call);
}

static void write_list(struct text *body, const char *name, char *const *list)
{
    if (!text_list_size(list))
        return;
    json_open(body, name, '[');
    for (; *list; list++)
        json_string(body, NULL, *list);
    json_close(body, ']');
}

static void write_event_filter(struct text *body, const char *type,
                               const struct notifications_filter *filter)
{
    json_open(body, "eventFilter", '{');
    json_string(body, "eventFilterType", type);
    write_list(body, "marketplaceIds", filter->marketplaces);
    write_list(body, "orderChangeTypes", filter->order_change_types);
    if (filter->aggregation) {
        json_open(body, "aggregationSettings", '{');
        json_string(body, "aggregationTimePeriod", filter->aggregation);
        json_close(body, '}');
    }
    json_close(body, '}');
}

/* Write the event filter. Amazon demands it for some types (400 "eventFilter must not be empty"
 * without it) and refuses it for most others. */
static void write_directive(struct text *body, const struct notifications_subscribe *subscribe)
{
    const struct notifications_filter *filter = &subscribe->filter;
    bool members = text_list_size(filter->marketplaces) || filter->aggregation ||
                   text_list_size(filter->order_change_types);
    bool needed = amazon_type_needs_directive(subscribe->type);
    if (!filter->expression && !members && !needed)
        return;
    json_open(body, "processingDirective", '{');
    if (filter->expression)
        json_string(body, "filterExpression", filter->expression);
    else
        write_event_filter(body, subscribe->type, filter);
    json_close(body, '}');
}

int notifications_create_subscription(struct notifications *notifications, const char *token,
                                      const struct notifications_subscribe *subscribe,
                                      notifications_done_fn done, void *userdata,
                                      struct notifications_call **ret_call)
{
    AUTOTEXT struct text path = {0};
    struct notifications_call *call = notifications_call_new(
        notifications, memory_format("createSubscription %s", subscribe->type), done, userdata);
    call->read = notifications_read_subscription;
    json_open(&call->body, NULL, '{');
    json_string(&call->body, "payloadVersion", subscribe->payload_version);
    json_string(&call->body, "destinationId", subscribe->destination_id);
    write_directive(&call->body, subscribe);
    json_close(&call->body, '}');
    start_path(&path, subscribe->type, NULL);
    return notifications_call_start(call, "POST", path.data, token, ret_call);
}

/* ---- tests ---- */

int notifications_send_test(struct notifications *notifications, const char *token,
                            const char *type, const char *destination_id,
                            const char *payload_version, const char *scenario,
                            notifications_done_fn done, void *userdata,
                            struct notifications_call **ret_call)
{
    AUTOTEXT struct text path = {0};
    if (!notifications_is_sandbox(notifications_url(notifications)))
        return -EOPNOTSUPP;
    struct notifications_call *call = notifications_call_new(
        notifications, memory_format("sendTestNotification %s", type), done, userdata);
    json_open(&call->body, NULL, '{');
    json_string(&call->body, "destinationId", destination_id);
    json_open(&call->body, "testNotification", '{');
    json_string(&call->body, "payloadVersion", payload_version);
    if (scenario)
        json_string(&call->body, "testScenario", scenario);
    json_close(&call->body, '}');
    json_close(&call->body, '}');
    start_path(&path, type, "testNotification");
    return notifications_call_start(call, "POST", path.data, token, ret_call);
}
