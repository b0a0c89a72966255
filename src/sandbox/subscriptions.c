/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "spapi_internal.h"

void subscriptions_write(struct text *out, const char *key, const struct subscription *subscription,
                         bool full)
{
    json_open(out, key, '{');
    if (full) {
        json_string(out, "sellerId", subscription->seller_id);
        json_string(out, "notificationType", subscription->type);
    }
    json_string(out, "subscriptionId", subscription->id);
    json_string(out, "payloadVersion", subscription->version);
    json_string(out, "destinationId", subscription->destination_id);
    if (subscription->directive)
        json_raw(out, "processingDirective", subscription->directive,
                 strlen(subscription->directive));
    else
        json_null(out, "processingDirective");
    json_close(out, '}');
}

static void answer_one(struct spapi_call *call, const struct subscription *subscription)
{
    AUTOTEXT struct text out = {0};
    json_open(&out, NULL, '{');
    subscriptions_write(&out, "payload", subscription, false);
    json_close(&out, '}');
    spapi_answer(call, &out);
}

static struct subscription *find(struct spapi *spapi, const char *seller_id, const char *type,
                                 const char *version)
{
    for (size_t i = 0; i < spapi->subscription_count; i++) {
        struct subscription *subscription = &spapi->subscriptions[i];
        if (text_equal(subscription->seller_id, seller_id) &&
            text_equal(subscription->type, type) && text_equal(subscription->version, version))
            return subscription;
    }
    return NULL;
}

static const char *newest_version(const struct notification_type *type)
{
    size_t i = 0;
    while (i + 1 < ELEMENTS(type->versions) && type->versions[i + 1])
        i++;
    return type->versions[i];
}

void subscriptions_get(struct spapi *spapi, struct spapi_call *call)
{
    const struct notification_type *type = directive_read_type(call, call->first);
    if (!type)
        return;
    const char *version = exchange_query(call->call.exchange, "payloadVersion");
    const struct subscription *subscription =
        find(spapi, call->seller_id, type->name, version ? version : newest_version(type));
    if (subscription)
        answer_one(call, subscription);
    else
        spapi_refuse_missing(call, "subscription of type", type->name);
}

/* Whether the body can be stored. False: the call is answered. */
static bool check_request(struct spapi *spapi, struct spapi_call *call,
                          const struct notification_type *type)
{
    static const char *const members[] = {"payloadVersion", "destinationId", "processingDirective",
                                          NULL};
    const char *version = json_get_string(call->body, "payloadVersion");
    const char *destination = json_get_string(call->body, "destinationId");
    const char *unknown = spapi_unknown_member(call->body, members);
    const cJSON *directive = cJSON_GetObjectItemCaseSensitive(call->body, "processingDirective");
    AUTOFREE char *wrong = directive_check(type, directive);
    if (unknown)
        spapi_refuse_input(call, "Unknown member %s", unknown);
    else if (!version || !destination)
        spapi_refuse_input(call, "%s is required", version ? "destinationId" : "payloadVersion");
    else if (!directive_has_version(type, version))
        spapi_refuse_version(call, type, version);
    else if (!destinations_find(spapi, destination))
        spapi_refuse_no_destination(call, destination);
    else if (type->event_bridge)
        spapi_refuse_input(call, "Notification type %s needs an EventBridge destination",
                           type->name);
    else if (wrong)
        spapi_refuse_input(call, "%s", wrong);
    else
        return true;
    return false;
}

/* Whether the seller already has a subscription of this type and version. Several are possible only
 * if every one of them has a filter expression of its own. */
static bool is_taken(const struct spapi *spapi, const char *seller_id, const char *type,
                     const char *version, const cJSON *directive)
{
    AUTOFREE char *own = directive ? cJSON_PrintUnformatted(directive) : NULL;
    const char *expression = json_get_string(directive, "filterExpression");
    for (size_t i = 0; i < spapi->subscription_count; i++) {
        const struct subscription *other = &spapi->subscriptions[i];
        if (!text_equal(other->seller_id, seller_id) || !text_equal(other->type, type) ||
            !text_equal(other->version, version))
            continue;
        bool expressive = other->directive && strstr(other->directive, "\"filterExpression\":\"");
        if (!expression || !expressive || text_equal(other->directive, own))
            return true;
    }
    return false;
}

void subscriptions_create(struct spapi *spapi, struct spapi_call *call)
{
    const struct notification_type *type = directive_read_type(call, call->first);
    if (!type || !check_request(spapi, call, type))
        return;
    const char *version = json_get_string(call->body, "payloadVersion");
    const cJSON *directive = json_get_object(call->body, "processingDirective");
    if (is_taken(spapi, call->seller_id, type->name, version, directive)) {
        spapi_refuse(call, 409, "StateConflict",
                     "The resource specified conflicts with the current state.",
                     "Subscription already exist for notification type %s", type->name);
        return;
    }
    if (spapi->subscription_count == SPAPI_SUBSCRIPTIONS_MAX) {
        spapi_refuse_input(call, "dockbell-sandbox keeps at most %d subscriptions",
                           SPAPI_SUBSCRIPTIONS_MAX);
        return;
    }
    struct subscription *subscription = &spapi->subscriptions[spapi->subscription_count++];
    *subscription = (struct subscription){.seller_id = call->seller_id, .type = type->name};
    spapi_new_id(spapi, subscription->id);
    subscription->version = memory_string(version);
    subscription->directive = directive ? cJSON_PrintUnformatted(directive) : NULL;
    strcpy(subscription->destination_id, json_get_string(call->body, "destinationId"));
    answer_one(call, subscription);
}

/* Return the subscription in the path. NULL: the call is answered. */
static struct subscription *find_by_id(struct spapi *spapi, struct spapi_call *call)
{
    const struct notification_type *type = directive_read_type(call, call->first);
    if (!type)
        return NULL;
    for (size_t i = 0; i < spapi->subscription_count; i++) {
        struct subscription *subscription = &spapi->subscriptions[i];
        if (text_equal(subscription->id, call->second) && subscription->type == type->name)
            return subscription;
    }
    spapi_refuse_missing(call, "subscription", call->second);
    return NULL;
}

void subscriptions_get_by_id(struct spapi *spapi, struct spapi_call *call)
{
    const struct subscription *subscription = find_by_id(spapi, call);
    if (subscription)
        answer_one(call, subscription);
}

/* Whether the token may delete the subscription. The operation is documented as grantless, but for
 * some types Amazon wants the seller's token. */
static bool may_delete(const struct spapi_call *call, const struct subscription *subscription)
{
    bool needs_seller = directive_type(subscription->type)->delete_needs_seller;
    if (!needs_seller)
        return !call->seller_id;
    return text_equal(call->seller_id, subscription->seller_id);
}

void subscriptions_delete_by_id(struct spapi *spapi, struct spapi_call *call)
{
    struct subscription *subscription = find_by_id(spapi, call);
    if (!subscription)
        return;
    if (!may_delete(call, subscription)) {
        spapi_refuse(call, 403, "Unauthorized", "Access to requested resource is denied.", "%s",
                     "");
        return;
    }
    free(subscription->version);
    free(subscription->directive);
    size_t at = (size_t)(subscription - spapi->subscriptions);
    memmove(&spapi->subscriptions[at], &spapi->subscriptions[at + 1],
            (--spapi->subscription_count - at) * sizeof(*subscription));
    AUTOTEXT struct text out = {0};
    text_append_string(&out, "{}");
    spapi_answer(call, &out);
}
