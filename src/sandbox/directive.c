/* SPDX-License-Identifier: MIT */
/* The notification types and the directives that their subscriptions may have. */
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "spapi_internal.h"

#define EXPRESSION_MAX 256

static const struct notification_type types[] = {
    {"ACCOUNT_STATUS_CHANGED", {"2021-01-01"}, false, false, false, false},
    {"ANY_OFFER_CHANGED", {"1.0"}, false, true, true, false},
    {"B2B_ANY_OFFER_CHANGED", {"1.0"}, false, false, false, true},
    {"BRANDED_ITEM_CONTENT_CHANGE", {"1.0"}, true, false, false, false},
    {"DATA_KIOSK_QUERY_PROCESSING_FINISHED", {"2023-11-15"}, false, false, false, false},
    {"DETAIL_PAGE_TRAFFIC_EVENT", {"2020-09-04"}, false, false, false, false},
    {"EXTERNAL_FULFILLMENT_SHIPMENT_STATUS_CHANGE", {"1.0"}, false, false, false, false},
    {"FBA_INVENTORY_AVAILABILITY_CHANGES", {"1.0"}, false, false, false, false},
    {"FBA_OUTBOUND_SHIPMENT_STATUS", {"1.0"}, false, false, false, true},
    {"FEED_PROCESSING_FINISHED", {"2020-09-04"}, false, false, false, false},
    {"FEE_PROMOTION", {"1.0"}, false, false, false, false},
    {"FULFILLMENT_ORDER_STATUS", {"1.0"}, false, false, false, true},
    {"ITEM_INVENTORY_EVENT_CHANGE", {"2020-09-04"}, false, false, false, false},
    {"ITEM_PRODUCT_TYPE_CHANGE", {"1.0"}, true, false, false, false},
    {"ITEM_SALES_EVENT_CHANGE", {"2020-09-04"}, false, false, false, false},
    {"LISTINGS_ITEM_ISSUES_CHANGE", {"1.0", "2023-12-13"}, true, false, false, false},
    {"LISTINGS_ITEM_MFN_QUANTITY_CHANGE", {"1.0"}, true, false, false, false},
    {"LISTINGS_ITEM_STATUS_CHANGE", {"1.0"}, true, false, false, false},
    {"ORDER_CHANGE", {"1.0"}, false, true, true, false},
    {"PRICING_HEALTH", {"1.0"}, false, false, false, false},
    {"PRODUCT_TYPE_DEFINITIONS_CHANGE", {"1.0"}, true, false, false, false},
    {"REPORT_PROCESSING_FINISHED", {"2020-09-04"}, false, false, false, false},
    {"SHIPMENT_TRACKING_MILESTONE_CHANGED", {"2026-01-30"}, false, true, false, false},
    {"TRANSACTION_UPDATE", {"1.0"}, false, false, false, false},
};

const struct notification_type *directive_type(const char *name)
{
    for (size_t i = 0; i < ELEMENTS(types); i++)
        if (text_equal(types[i].name, name))
            return &types[i];
    return NULL;
}

const struct notification_type *directive_read_type(struct spapi_call *call, const char *name)
{
    const struct notification_type *type = directive_type(name);
    if (!type)
        spapi_refuse_input(call, "Notification type %s is not supported", name);
    return type;
}

bool directive_has_version(const struct notification_type *type, const char *version)
{
    for (size_t i = 0; i < ELEMENTS(type->versions) && type->versions[i]; i++)
        if (text_equal(type->versions[i], version))
            return true;
    return false;
}

/* Return the members that an eventFilter of this type may have. */
static const char *const *filter_members(const struct notification_type *type)
{
    static const char *const offers[] = {"eventFilterType", "aggregationSettings", "marketplaceIds",
                                         NULL};
    static const char *const orders[] = {"eventFilterType", "orderChangeTypes", NULL};
    static const char *const tracking[] = {"eventFilterType", "trackingIdentifier", NULL};
    if (text_equal(type->name, "ORDER_CHANGE"))
        return orders;
    return text_equal(type->name, "ANY_OFFER_CHANGED") ? offers : tracking;
}

static bool are_change_types(const cJSON *list)
{
    const cJSON *item;
    if (!cJSON_IsArray(list))
        return !list || cJSON_IsNull(list);
    cJSON_ArrayForEach(item, list) {
        if (!text_equal(item->valuestring, "OrderStatusChange") &&
            !text_equal(item->valuestring, "BuyerRequestedChange") &&
            !text_equal(item->valuestring, "DeliveryTipChange"))
            return false;
    }
    return true;
}

static bool are_strings(const cJSON *list)
{
    const cJSON *item;
    if (!cJSON_IsArray(list))
        return !list || cJSON_IsNull(list);
    cJSON_ArrayForEach(item, list)
        if (!cJSON_IsString(item))
            return false;
    return true;
}

static bool is_period(const cJSON *settings)
{
    static const char *const members[] = {"aggregationTimePeriod", NULL};
    if (!settings || cJSON_IsNull(settings))
        return true;
    if (spapi_unknown_member(settings, members))
        return false;
    const char *period = json_get_string(settings, "aggregationTimePeriod");
    return text_equal(period, "FiveMinutes") || text_equal(period, "TenMinutes");
}

static char *check_filter(const struct notification_type *type, const cJSON *filter)
{
    bool good = text_equal(json_get_string(filter, "eventFilterType"), type->name) &&
                !spapi_unknown_member(filter, filter_members(type)) &&
                are_strings(cJSON_GetObjectItemCaseSensitive(filter, "marketplaceIds")) &&
                are_change_types(cJSON_GetObjectItemCaseSensitive(filter, "orderChangeTypes")) &&
                is_period(cJSON_GetObjectItemCaseSensitive(filter, "aggregationSettings"));
    if (good)
        return NULL;
    char *printed = cJSON_PrintUnformatted(filter);
    char *text = memory_format("EventFilter Payload %s failed to validate for notification type %s",
                               printed, type->name);
    cJSON_free(printed);
    return text;
}

static char *check_expression(const struct notification_type *type, const cJSON *expression)
{
    if (type->event_bridge)
        return memory_format("filterExpression is not supported for notification type %s",
                             type->name);
    size_t size = cJSON_IsString(expression) ? strlen(expression->valuestring) : 0;
    if (size == 0 || size > EXPRESSION_MAX)
        return memory_format("filterExpression must have 1 to %d characters", EXPRESSION_MAX);
    return NULL;
}

static const cJSON *member(const cJSON *object, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
    return cJSON_IsNull(item) ? NULL : item;
}

char *directive_check(const struct notification_type *type, const cJSON *directive)
{
    static const char *const members[] = {"eventFilter", "filterExpression", NULL};
    if (directive && !cJSON_IsNull(directive) && !cJSON_IsObject(directive))
        return memory_string("processingDirective must be an object");
    const char *unknown = spapi_unknown_member(directive, members);
    const cJSON *filter = member(directive, "eventFilter");
    const cJSON *expression = member(directive, "filterExpression");
    if (unknown)
        return memory_format("Unknown member %s", unknown);
    if (filter && expression)
        return memory_string("eventFilter and filterExpression are mutually exclusive");
    if (!filter && !expression && type->filter_required)
        return memory_string("Processing Directive eventFilter must not be empty");
    if (filter && !type->filter)
        return memory_format("Processing Directive is not supported for notification type %s",
                             type->name);
    if (filter)
        return check_filter(type, filter);
    return expression ? check_expression(type, expression) : NULL;
}
