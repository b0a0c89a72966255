/* SPDX-License-Identifier: MIT */
#include "samples.h"

#include "base/memory.h"
#include "base/text.h"

/* Envelopes: SP-API writes some types with capital letters and some without. */
#define PASCAL(type, version, payload)                                                             \
    "{'NotificationVersion':'1.0','NotificationType':'" type "','PayloadVersion':'" version        \
    "','EventTime':'$e','Payload':" payload                                                        \
    ",'NotificationMetadata':{'ApplicationId':'amzn1.sp.solution.dockbell-sandbox',"               \
    "'SubscriptionId':'$v','PublishTime':'$p','NotificationId':'$i'}}"
#define CAMEL(type, version, payload)                                                              \
    "{'notificationVersion':'" version "','notificationType':'" type                               \
    "','payloadVersion':'" version "','eventTime':'$e','payload':" payload                         \
    ",'notificationMetadata':{'applicationId':'amzn1.sp.solution.dockbell-sandbox',"               \
    "'subscriptionId':'$v','publishTime':'$p','notificationId':'$i'}}"

#define ORDER_ITEM(id, sku, quantity, shipped)                                                     \
    "{'OrderItemId':'" id "','SellerSKU':'" sku                                                    \
    "','SupplySourceId':'d7679e14-031b-4ab3-a81b-ec4fc7a460b3','OrderItemStatus':'$S',"            \
    "'Quantity':" quantity ",'QuantityShipped':" shipped ",'IsBuyerRequestedCancel':$B,"           \
    "'ItemLatestDeliveryDate':'$l'}"

/* The first SAMPLES_ALL of them make type ALL. A new client secret does not belong to it. */
const struct sample samples[] = {
    {"ORDER_CHANGE",
     PASCAL("ORDER_CHANGE", "1.0",
            "{'OrderChangeNotification':{'NotificationLevel':'OrderLevel','SellerId':'$s',"
            "'AmazonOrderId':'$o','OrderChangeType':'$T','OrderChangeTrigger':{"
            "'TimeOfOrderChange':'$c','ChangeReason':'$R'},'Summary':{"
            "'MarketplaceId':'A1PA6795UKMFR9','OrderStatus':'$S','PurchaseDate':'$b',"
            "'DestinationPostalCode':'$z','FulfillmentType':'MFN','OrderType':'StandardOrder',"
            "'NumberOfItemsShipped':$x,'NumberOfItemsUnshipped':$u,'EarliestDeliveryDate':'$l',"
            "'LatestDeliveryDate':'$l','EarliestShipDate':'$b','LatestShipDate':'$l',"
            "'CancelNotifyDate':null,'OrderPrograms':['Business'],'ShippingPrograms':[],"
            "'OrderItems':"
            "[" ORDER_ITEM("$n", "WMS-1001-BLUE-M", "$q",
                           "$x") "," ORDER_ITEM("$N", "WMS-2044-BLACK-XL", "$Q", "0") "]}}}")},
    {"ORDER_CHANGE_MIXED_CASE", /* as some services forward it */
     CAMEL("ORDER_CHANGE", "1.0",
           "{'OrderChangeNotification':{'SellerId':'$s','AmazonOrderId':'$o',"
           "'OrderChangeType':'$T','OrderChangeTrigger':{'TimeOfOrderChange':'$c',"
           "'ChangeReason':'$R'},'Summary':{'MarketplaceId':'ATVPDKIKX0DER',"
           "'OrderStatus':'$S','FulfillmentType':'MFN'}}}")},
    {"ORDER_STATUS_CHANGE",
     PASCAL("ORDER_STATUS_CHANGE", "1.0",
            "{'OrderStatusChangeNotification':{'SellerId':'$s','MarketplaceId':'ATVPDKIKX0DER',"
            "'AmazonOrderId':'$o','PurchaseDate':1743767140000,'OrderStatus':'$S',"
            "'DestinationPostalCode':'$z','SupplySourceId':'55448834-0d79-5155-75c4-8529543a7c31',"
            "'OrderItemId':'$n','SellerSKU':'WMS-1001-BLUE-M','Quantity':$q,"
            "'FulfillmentChannel':'MFN'}}")},
    {"FBA_OUTBOUND_SHIPMENT_STATUS",
     PASCAL("FBA_OUTBOUND_SHIPMENT_STATUS", "1.0",
            "{'FBAOutboundShipmentStatusNotification':{'SellerId':'$s','AmazonOrderId':'$o',"
            "'AmazonShipmentId':'D$O','ShipmentStatus':'Created'}}")},
    {"FULFILLMENT_ORDER_STATUS",
     PASCAL("FULFILLMENT_ORDER_STATUS", "1.0",
            "{'FulfillmentOrderStatusNotification':{'SellerId':'$s','EventType':'Order',"
            "'StatusUpdatedDateTime':'$c','SellerFulfillmentOrderId':'MCF-$O',"
            "'FulfillmentOrderStatus':'PROCESSING','FulfillmentShipment':{"
            "'FulfillmentShipmentStatus':'SHIPPED','AmazonShipmentId':'D$O',"
            "'EstimatedArrivalDateTime':'$l','FulfillmentShipmentPackages':[{'PackageNumber':1,"
            "'CarrierCode':'DHL','TrackingNumber':'1Z$O'}]}}}")},
    {"EXTERNAL_FULFILLMENT_SHIPMENT_STATUS_CHANGE",
     CAMEL("EXTERNAL_FULFILLMENT_SHIPMENT_STATUS_CHANGE", "1.0",
           "{'externalFulfillmentShipmentNotification':{'merchantId':'$s',"
           "'locationId':'ec4621aa-76a7-4e5f-b158-4c8b0ac87e11','shipmentId':'U$O',"
           "'channelName':'FBA','shipmentStatus':'CONFIRMED'}}")},
    {"SHIPMENT_TRACKING_MILESTONE_CHANGED",
     CAMEL("SHIPMENT_TRACKING_MILESTONE_CHANGED", "2026-01-30",
           "{'shipmentTrackingMilestoneChangedNotification':{'trackingDetail':{"
           "'identifier':{'aftn':'AFTN$O'},'latestMilestone':{'status':{'code':'OUT_FOR_DELIVERY',"
           "'description':'Shipment is out for delivery'},'location':{'address':{'city':'Buda',"
           "'region':'Texas','countryCode':'US'}},'occurredAt':'$c'},'milestoneHistory':[{"
           "'status':{'code':'SHIPPED','description':'Shipment has departed origin'},"
           "'occurredAt':'$b'}],'trackingUrl':'https://www.swiship.com/track?id=AFTN$O'}}}")},
    {"BRANDED_ITEM_CONTENT_CHANGE",
     PASCAL("BRANDED_ITEM_CONTENT_CHANGE", "1.0",
            "{'MarketplaceId':'ATVPDKIKX0DER','BrandName':'Great Brand','Asin':'B$O',"
            "'AttributesChanged':['bullet_point','item_name','product_description']}")},
    {"REPORT_PROCESSING_FINISHED",
     CAMEL("REPORT_PROCESSING_FINISHED", "2020-09-04",
           "{'reportProcessingFinishedNotification':{'sellerId':'$s',"
           "'accountId':'amzn1.merchant.o.$s','reportId':'$O',"
           "'reportType':'GET_FLAT_FILE_ACTIONABLE_ORDER_DATA','processingStatus':'DONE',"
           "'reportDocumentId':'amzn1.tortuga.3.$i.REP$O'}}")},
    {"FEED_PROCESSING_FINISHED",
     CAMEL("FEED_PROCESSING_FINISHED", "2020-09-04",
           "{'feedProcessingFinishedNotification':{'sellerId':'$s',"
           "'accountId':'amzn1.merchant.o.$s','feedId':'$O','feedType':'POST_ORDER_FULFILLMENT_"
           "DATA','processingStatus':'DONE','resultFeedDocumentId':'amzn1.tortuga.3.$i.FEED$O'}}")},
    {"ACCOUNT_STATUS_CHANGED",
     CAMEL("ACCOUNT_STATUS_CHANGED", "2021-01-01",
           "{'accountStatusChangeNotification':{'marketplaceId':'A1PA6795UKMFR9',"
           "'merchantId':'$s','previousAccountStatus':'NORMAL',"
           "'currentAccountStatus':'AT_RISK'}}")},
    {"APPLICATION_OAUTH_CLIENT_SECRET_EXPIRY",
     CAMEL("APPLICATION_OAUTH_CLIENT_SECRET_EXPIRY", "1.0",
           "{'applicationOAuthClientSecretExpiry':{"
           "'clientId':'amzn1.application-oa2-client.dockbell-sandbox',"
           "'clientSecretExpiryTime':'$l','clientSecretExpiryReason':'PERIODIC_ROTATION'}}")},
    {"APPLICATION_OAUTH_CLIENT_NEW_SECRET",
     CAMEL("APPLICATION_OAUTH_CLIENT_NEW_SECRET", "1.0",
           "{'applicationOAuthClientNewSecret':{"
           "'clientId':'amzn1.application-oa2-client.dockbell-sandbox',"
           "'newClientSecret':'amzn1.oa2-cs.v1.dockbell-sandbox-new-secret-$O',"
           "'newClientSecretExpiryTime':'$l','oldClientSecretExpiryTime':'$l'}}")},
};

const size_t samples_count = ELEMENTS(samples);

const struct sample *samples_find(const char *name)
{
    for (size_t i = 0; i < samples_count; i++)
        if (text_equal(samples[i].name, name))
            return &samples[i];
    return NULL;
}
