/* SPDX-License-Identifier: MIT */
#include "spapi/notification_types.h"

#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/nearest.h"
#include "base/text.h"

// clang-format off
#define SQS         .workflow = WORKFLOW_SQS
#define EVENTBRIDGE .workflow = WORKFLOW_EVENTBRIDGE
#define CONSOLE     .workflow = WORKFLOW_CONSOLE
#define REMOVED     .workflow = WORKFLOW_REMOVED
#define PASCAL      .envelope = ENVELOPE_PASCAL
#define CAMEL       .envelope = ENVELOPE_CAMEL
#define EXPRESSION  .filters = FILTER_EXPRESSION

static const struct amazon_type types[] = {
    {"ACCOUNT_STATUS_CHANGED", {"2021-01-01"}, SQS, CAMEL, EXPRESSION},
    {"ANY_OFFER_CHANGED", {"1.0"}, SQS, PASCAL, .needs_directive = true,
     .filters = FILTER_AGGREGATION | FILTER_MARKETPLACES | FILTER_EXPRESSION},
    {"APPLICATION_OAUTH_CLIENT_NEW_SECRET", {"1.0"}, CONSOLE, CAMEL},
    {"APPLICATION_OAUTH_CLIENT_SECRET_EXPIRY", {"1.0"}, CONSOLE, CAMEL},
    {"B2B_ANY_OFFER_CHANGED", {"1.0"}, SQS, PASCAL, EXPRESSION},
    {"BRANDED_ITEM_CONTENT_CHANGE", {"1.0"}, EVENTBRIDGE, PASCAL},
    {"DATA_KIOSK_QUERY_PROCESSING_FINISHED", {"2023-11-15"}, SQS, CAMEL, EXPRESSION},
    {"DETAIL_PAGE_TRAFFIC_EVENT", {"2020-09-04"}, SQS, CAMEL, EXPRESSION},
    {"EXTERNAL_FULFILLMENT_SHIPMENT_STATUS_CHANGE", {"1.0"}, SQS, CAMEL, EXPRESSION},
    {"FBA_INVENTORY_AVAILABILITY_CHANGES", {"1.0"}, SQS, PASCAL, EXPRESSION},
    {"FBA_OUTBOUND_SHIPMENT_STATUS", {"1.0"}, SQS, PASCAL, EXPRESSION},
    {"FEED_PROCESSING_FINISHED", {"2020-09-04"}, SQS, CAMEL, EXPRESSION},
    {"FEE_PROMOTION", {"1.0"}, SQS, PASCAL, EXPRESSION},
    {"FULFILLMENT_ORDER_STATUS", {"1.0"}, SQS, PASCAL, EXPRESSION},
    {"ITEM_INVENTORY_EVENT_CHANGE", {"2020-09-04"}, SQS, CAMEL, EXPRESSION},
    {"ITEM_PRODUCT_TYPE_CHANGE", {"1.0"}, EVENTBRIDGE, PASCAL},
    {"ITEM_SALES_EVENT_CHANGE", {"2020-09-04"}, SQS, CAMEL, EXPRESSION},
    {"LISTINGS_ITEM_ISSUES_CHANGE", {"2023-12-13", "1.0"}, EVENTBRIDGE, PASCAL},
    {"LISTINGS_ITEM_MFN_QUANTITY_CHANGE", {"1.0"}, EVENTBRIDGE, PASCAL},
    {"LISTINGS_ITEM_STATUS_CHANGE", {"1.0"}, EVENTBRIDGE, PASCAL},
    {"MFN_ORDER_STATUS_CHANGE", {"1.0"}, REMOVED, PASCAL},
    {"ORDER_CHANGE", {"1.0"}, SQS, PASCAL, .needs_directive = true,
     .filters = FILTER_ORDER_CHANGES | FILTER_EXPRESSION},
    {"ORDER_STATUS_CHANGE", {"1.0"}, REMOVED, PASCAL},
    {"PRICING_HEALTH", {"1.0"}, SQS, CAMEL, EXPRESSION},
    {"PRODUCT_TYPE_DEFINITIONS_CHANGE", {"1.0"}, EVENTBRIDGE, PASCAL},
    {"REPORT_PROCESSING_FINISHED", {"2020-09-04"}, SQS, CAMEL, EXPRESSION},
    {"SHIPMENT_TRACKING_MILESTONE_CHANGED", {"2026-01-30"}, SQS, CAMEL,
     .filters = FILTER_TRACKING | FILTER_EXPRESSION},
    {"TRANSACTION_UPDATE", {"1.0"}, SQS, PASCAL, EXPRESSION},
};
// clang-format on

const struct amazon_type *amazon_type_find(const char *name)
{
    for (size_t i = 0; i < ELEMENTS(types); i++)
        if (strcmp(types[i].name, name) == 0)
            return &types[i];
    return NULL;
}

const struct amazon_type *amazon_type_table(size_t *ret_count)
{
    *ret_count = ELEMENTS(types);
    return types;
}

const char *amazon_type_version(const char *name)
{
    const struct amazon_type *type = amazon_type_find(name);
    return type ? type->versions[0] : "1.0";
}

bool amazon_type_takes(const char *name, enum amazon_filter filter)
{
    const struct amazon_type *type = amazon_type_find(name);
    return type ? (type->filters & filter) != 0 : filter == FILTER_EXPRESSION;
}

bool amazon_type_needs_directive(const char *name)
{
    const struct amazon_type *type = amazon_type_find(name);
    return type && type->needs_directive;
}

const char *amazon_type_nearest(const char *name)
{
    const char *names[ELEMENTS(types)];
    for (size_t i = 0; i < ELEMENTS(types); i++)
        names[i] = types[i].workflow == WORKFLOW_SQS ? types[i].name : NULL;
    for (size_t i = 0; i < ELEMENTS(types); i++)
        if (names[i] && strcasecmp(name, names[i]) == 0)
            return names[i];
    return nearest_word(name, names, ELEMENTS(names));
}

const char *amazon_filter_name(enum amazon_filter filter)
{
    switch (filter) {
    case FILTER_AGGREGATION:
        return "aggregationSettings";
    case FILTER_MARKETPLACES:
        return "marketplaceIds";
    case FILTER_ORDER_CHANGES:
        return "orderChangeTypes";
    case FILTER_TRACKING:
        return "trackingIdentifier";
    case FILTER_EXPRESSION:
        break;
    }
    return "filterExpression";
}

const char *amazon_aggregation(const char *period)
{
    static const char *const names[][2] = {{"5m", "FiveMinutes"}, {"10m", "TenMinutes"}};
    for (size_t i = 0; i < ELEMENTS(names); i++)
        if (text_equal(period, names[i][0]) || text_equal(period, names[i][1]))
            return names[i][1];
    return NULL;
}
