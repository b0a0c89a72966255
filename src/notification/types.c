/* SPDX-License-Identifier: MIT */
#include "notification/types.h"

#include <string.h>

#include "base/memory.h"

static const char *const order_statuses[] = {
    "Pending",       "Unshipped",          "PartiallyShipped",    "Shipped", "Canceled",
    "Unfulfillable", "InvoiceUnconfirmed", "PendingAvailability", NULL,
};
static const char *const order_changes[] = {
    "BuyerRequestedChange",
    "DeliveryTipChange",
    "OrderStatusChange",
    NULL,
};
static const char *const fulfillments[] = {"AFN", "MFN", NULL};
static const char *const external_statuses[] = {
    "ACCEPTED",          "CONFIRMED",
    "PACKAGE_CREATED",   "PICKUP_SLOT_RETRIEVED",
    "INVOICE_GENERATED", "SHIPLABEL_GENERATED",
    "SHIPPED",           "DELIVERED",
    "CANCELLED",         NULL,
};

/* The types of Amazon's notification schemas (github.com/amzn/selling-partner-api-models,
 * schemas/notifications). ORDER_STATUS_CHANGE is as it was before Amazon removed it from them.
 * EXTERNAL_FULFILLMENT_SHIPMENT_STATUS_CHANGE has no schema; its row is from a published sample. */
static const struct notification_type types[] = {
    {
        .type = "ORDER_CHANGE",
        .object = "OrderChangeNotification",
        .seller = "SellerId",
        .marketplace = "Summary.MarketplaceId",
        .order = "AmazonOrderId",
        .time = "OrderChangeTrigger.TimeOfOrderChange",
        .status = "Summary.OrderStatus",
        .change_type = "OrderChangeType",
        .change_reason = "OrderChangeTrigger.ChangeReason",
        .fulfillment = "Summary.FulfillmentType",
        .programs = "Summary.OrderPrograms",
        .ship_by = "Summary.LatestShipDate",
        .items = "Summary.OrderItems",
        .item_id = "OrderItemId",
        .item_sku = "SellerSKU",
        .item_quantity = "Quantity",
        .item_status = "OrderItemStatus",
        .item_shipped = "QuantityShipped",
        .item_cancel = "IsBuyerRequestedCancel",
        .item_source = "SupplySourceId",
        .cancel = "BuyerRequestedChange",
        .states = "OrderStatusChange",
        .level = "NotificationLevel",
        .whole = "OrderLevel",
        .statuses = order_statuses,
        .changes = order_changes,
        .fulfillments = fulfillments,
    },
    {
        .type = "ORDER_STATUS_CHANGE",
        .object = "OrderStatusChangeNotification",
        .seller = "SellerId",
        .marketplace = "MarketplaceId",
        .order = "AmazonOrderId",
        .status = "OrderStatus",
        .fulfillment = "FulfillmentChannel",
        .items = "",
        .item_id = "OrderItemId",
        .item_sku = "SellerSKU",
        .item_quantity = "Quantity",
        .item_source = "SupplySourceId",
    },
    {
        .type = "FBA_OUTBOUND_SHIPMENT_STATUS",
        .object = "FBAOutboundShipmentStatusNotification",
        .seller = "SellerId",
        .order = "AmazonOrderId",
        .status = "ShipmentStatus",
    },
    {
        .type = "FULFILLMENT_ORDER_STATUS",
        .object = "FulfillmentOrderStatusNotification",
        .seller = "SellerId",
        .order = "SellerFulfillmentOrderId",
        .time = "StatusUpdatedDateTime",
        .status = "FulfillmentOrderStatus",
        .change_type = "EventType",
        .items = "FulfillmentReturnItem|FulfillmentShipment",
        .item_id = "AmazonShipmentId",
        .item_sku = "SellerSKU",
        .item_quantity = "ReturnedQuantity",
        .item_status = "FulfillmentShipmentStatus",
        .states = "Order",
    },
    {
        .type = "EXTERNAL_FULFILLMENT_SHIPMENT_STATUS_CHANGE",
        .object = "externalFulfillmentShipmentNotification",
        .seller = "merchantId",
        .order = "shipmentId",
        .status = "shipmentStatus",
        .location = "locationId",
        .channel = "channelName",
        .states = "*",
        .statuses = external_statuses,
    },
    {
        .type = "SHIPMENT_TRACKING_MILESTONE_CHANGED",
        .object = "shipmentTrackingMilestoneChangedNotification",
        .order = "trackingDetail.identifier.*",
        .time = "trackingDetail.latestMilestone.occurredAt",
        .status = "trackingDetail.latestMilestone.status.code",
        .states = "*",
    },
    {
        .type = "TRANSACTION_UPDATE",
        .object = "TransactionNotification",
        .seller = "SellingPartnerMetadata.SellingPartnerId",
        .marketplace = "SellingPartnerMetadata.MarketplaceId",
        .status = "TransactionStatus",
        .related = "RelatedIdentifiers",
    },
    {
        .type = "ANY_OFFER_CHANGED",
        .object = "AnyOfferChangedNotification",
        .seller = "SellerId",
        .marketplace = "OfferChangeTrigger.MarketplaceId",
        .time = "OfferChangeTrigger.TimeOfOfferChange",
    },
    {
        .type = "B2B_ANY_OFFER_CHANGED",
        .object = "B2BAnyOfferChangedNotification",
        .seller = "SellerId",
        .marketplace = "OfferChangeTrigger.MarketplaceId",
        .time = "OfferChangeTrigger.TimeOfOfferChange",
    },
    {
        .type = "PRICING_HEALTH",
        .object = "",
        .seller = "sellerId",
        .marketplace = "offerChangeTrigger.marketplaceId",
        .time = "offerChangeTrigger.timeOfOfferChange",
    },
    {
        .type = "ACCOUNT_STATUS_CHANGED",
        .object = "accountStatusChangeNotification",
        .seller = "merchantId|SellerId",
        .marketplace = "marketplaceId",
        .status = "currentAccountStatus",
    },
    {
        .type = "REPORT_PROCESSING_FINISHED",
        .object = "reportProcessingFinishedNotification",
        .seller = "sellerId",
        .account = "accountId",
        .status = "processingStatus",
    },
    {
        .type = "FEED_PROCESSING_FINISHED",
        .object = "feedProcessingFinishedNotification",
        .seller = "sellerId",
        .account = "accountId",
        .status = "processingStatus",
    },
    {
        .type = "DATA_KIOSK_QUERY_PROCESSING_FINISHED",
        .object = "",
        .account = "accountId",
        .status = "processingStatus",
    },
    {
        .seller = "SellerId|merchantId|sellingPartnerId",
        .account = "accountId",
        .marketplace = "MarketplaceId",
    },
};

const struct notification_type *notification_type_find(const char *type)
{
    const struct notification_type *row = types;
    while (row->type && (!type || strcmp(row->type, type) != 0))
        row++;
    return row;
}

const struct notification_type *notification_type_table(size_t *ret_count)
{
    *ret_count = ELEMENTS(types);
    return types;
}
