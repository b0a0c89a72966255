/* SPDX-License-Identifier: MIT */
#include "amazon/payload_version.h"

#include <stddef.h>
#include <string.h>

#include "base/memory.h"

static const struct {
    const char *type, *version;
} versions[] = {
    {"ACCOUNT_STATUS_CHANGED", "2021-01-01"},
    {"DATA_KIOSK_QUERY_PROCESSING_FINISHED", "2023-11-15"},
    {"DETAIL_PAGE_TRAFFIC_EVENT", "2020-09-04"},
    {"FEED_PROCESSING_FINISHED", "2020-09-04"},
    {"ITEM_INVENTORY_EVENT_CHANGE", "2020-09-04"},
    {"ITEM_SALES_EVENT_CHANGE", "2020-09-04"},
    {"REPORT_PROCESSING_FINISHED", "2020-09-04"},
    {"SHIPMENT_TRACKING_MILESTONE_CHANGED", "2026-01-30"},
};

const char *payload_version_of(const char *type)
{
    for (size_t i = 0; i < ELEMENTS(versions); i++)
        if (strcmp(versions[i].type, type) == 0)
            return versions[i].version;
    return "1.0";
}
