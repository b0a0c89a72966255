/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "notification/notification.h"

#define AUTONOTE CLEANUP(notification_clear)

/* 2025-06-02T08:15:30Z and the seconds behind it. */
#define T30 1748852130000000
#define T31 1748852131000000
#define T32 1748852132000000

static struct notification parse(const char *json)
{
    struct notification n;
    notification_parse(&n, json, strlen(json));
    return n;
}

/* An ORDER_CHANGE with what the test is about in its place. */
static char *order_change(const char *trigger, const char *order, const char *event,
                          const char *published)
{
    return memory_format(
        "{\"NotificationType\":\"ORDER_CHANGE\",\"EventTime\":%s,\"Payload\":{"
        "\"OrderChangeNotification\":{\"AmazonOrderId\":%s,\"OrderChangeTrigger\":%s}},"
        "\"NotificationMetadata\":{\"PublishTime\":%s,\"NotificationId\":\"n-1\"}}",
        event, order, trigger, published);
}

static void bytes_that_are_no_json(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        enum notification_problem problem;
        const char *why;
    } cases[] = {
        {"", NOTIFICATION_NOT_JSON, "not valid JSON: it ends where a value should be at byte 0"},
        {"{\"a\":01}", NOTIFICATION_NOT_JSON,
         "not valid JSON: number with a leading zero at byte 6"},
        {"\"{]\"", NOTIFICATION_NOT_JSON,
         "not valid JSON inside the outer JSON: member name in quotes expected at byte 1"},
        {"\"{\\\"a\\\":\\\"\\ud800\\\"}\"", NOTIFICATION_NOT_JSON,
         "not valid JSON inside the outer JSON: invalid UTF-8 at byte 6"},
        {"\"{\\u0000}\"", NOTIFICATION_NOT_JSON,
         "not valid JSON inside the outer JSON: member name in quotes expected at byte 1"},
        {" [{}]", NOTIFICATION_NOT_AN_OBJECT, "JSON, but not an object"},
        {"\"        [1]\"", NOTIFICATION_NOT_AN_OBJECT,
         "JSON, but not an object inside the outer JSON"},
        {"12", NOTIFICATION_NOT_AN_OBJECT, "JSON, but not an object"},
        {"\"null\"", NOTIFICATION_NOT_AN_OBJECT, "JSON, but not an object inside the outer JSON"},
    };
    for (size_t i = 0; i < ELEMENTS(cases); i++) {
        AUTONOTE struct notification n = parse(cases[i].bytes);
        assert_int_equal(n.problem, cases[i].problem);
        assert_string_equal(n.why, cases[i].why);
        assert_ptr_equal(n.bytes, cases[i].bytes);
        assert_int_equal(n.size, strlen(cases[i].bytes));
        assert_null(n.id);
        assert_null(n.type);
        assert_false(n.unwrapped);
        assert_false(n.client_secret);
    }
}

static void an_empty_object_is_fine(void **state)
{
    (void)state;
    AUTONOTE struct notification n = parse(" {} ");
    assert_int_equal(n.problem, NOTIFICATION_FINE);
    assert_int_equal(n.size, 2);
    assert_memory_equal(n.bytes, "{}", 2);
    assert_null(n.id);
    assert_null(n.type);
    assert_null(n.order_id);
    assert_int_equal(n.event_usec, 0);
    assert_int_equal(n.n_items, 0);
}

static char *wrap(const char *json, unsigned times)
{
    char *inner = memory_string(json);
    while (times-- > 0) {
        struct text outer = {0};
        json_string(&outer, NULL, inner);
        free(inner);
        inner = text_take(&outer);
    }
    return inner;
}

static void takes_off_four_layers(void **state)
{
    (void)state;
    for (unsigned times = 1; times <= NOTIFICATION_WRAPS_MAX; times++) {
        AUTOFREE char *wrapped = wrap(" {\"NotificationType\":\"X\\\\\"} ", times);
        AUTONOTE struct notification n = parse(wrapped);
        assert_int_equal(n.problem, NOTIFICATION_FINE);
        assert_true(n.unwrapped);
        assert_int_equal(n.size, strlen("{\"NotificationType\":\"X\\\\\"}"));
        assert_memory_equal(n.bytes, "{\"NotificationType\":\"X\\\\\"}", n.size);
        assert_string_equal(n.type, "X\\");
    }
    AUTOFREE char *wrapped = wrap("{}", NOTIFICATION_WRAPS_MAX + 1);
    AUTONOTE struct notification n = parse(wrapped);
    assert_int_equal(n.problem, NOTIFICATION_NOT_AN_OBJECT);
    assert_string_equal(n.why, "wrapped too many times");
    assert_ptr_equal(n.bytes, wrapped);
}

static void only_an_sns_notification_is_an_envelope(void **state)
{
    (void)state;
    AUTONOTE struct notification sns = parse(
        "{\"EventTime\":\"2025-06-02T08:15:30Z\",\"NotificationMetadata\":{\"NotificationId\":"
        "\"outer\"},\"Message\":\"{\\\"a\\\":1}\",\"Type\":\"Notification\"}");
    assert_true(sns.unwrapped);
    assert_memory_equal(sns.bytes, "{\"a\":1}", 7);
    assert_null(sns.id);
    assert_int_equal(sns.event_usec, 0);

    static const char *const others[] = {
        "{\"Type\":\"SubscriptionConfirmation\",\"Message\":\"{}\"}",
        "{\"Type\":\"Notification\",\"Message\":{}}",
        "{\"Type\":\"Notification\"}",
        "{\"Type\":\"Notification\",\"Message\":\"{}\",\"NotificationType\":\"ORDER_CHANGE\"}",
    };
    for (size_t i = 0; i < ELEMENTS(others); i++) {
        AUTONOTE struct notification n = parse(others[i]);
        assert_int_equal(n.problem, NOTIFICATION_FINE);
        assert_false(n.unwrapped);
        assert_int_equal(n.size, strlen(others[i]));
    }
}

static void assert_id(const char *id, const char *expected)
{
    AUTOFREE char *json = memory_format("{\"NotificationMetadata\":{\"NotificationId\":%s}}", id);
    AUTONOTE struct notification n = parse(json);
    assert_int_equal(n.problem, NOTIFICATION_FINE);
    if (expected)
        assert_string_equal(n.id, expected);
    else
        assert_null(n.id);
}

static void absurd_ids_count_as_absent(void **state)
{
    (void)state;
    char longest[NOTIFICATION_ID_MAX + 4];
    assert_id("\"requestId\"", "requestId");
    assert_id("\"a b.c~\"", "a b.c~");
    assert_id("\"\\u0041\"", "A");
    assert_id("17", "17");
    assert_id("\"\"", NULL);
    assert_id("null", NULL);
    assert_id("{}", NULL);
    assert_id("\"a\\u0000\"", NULL);
    assert_id("\"a\\nb\"", NULL);
    assert_id("\"\\u007f\"", NULL);
    assert_id("\"\u00e4\"", NULL);
    memset(longest, 'x', sizeof(longest));
    longest[0] = longest[sizeof(longest) - 3] = '"';
    longest[sizeof(longest) - 2] = '\0';
    AUTOFREE char *inside = memory_copy(longest + 1, NOTIFICATION_ID_MAX);
    assert_id(longest, inside);
    longest[sizeof(longest) - 3] = 'x';
    longest[sizeof(longest) - 2] = '"';
    longest[sizeof(longest) - 1] = '\0';
    /* It is still known again: the same id has the same hash. */
    assert_id(longest, "sha256-15eb95a462ee20bd91a415ae2d4aed341288186ddaa2b37908f7d592f0c3f85f");
}

static void assert_order(const char *order, const char *text, const char *raw)
{
    AUTOFREE char *json = order_change("null", order, "null", "null");
    AUTONOTE struct notification n = parse(json);
    if (text)
        assert_string_equal(n.order_id, text);
    else
        assert_null(n.order_id);
    assert_int_equal(n.raw.order_id.size, raw ? strlen(raw) : 0);
    if (raw)
        assert_memory_equal(n.raw.order_id.bytes, raw, strlen(raw));
}

static void texts_that_cannot_be_kept(void **state)
{
    (void)state;
    assert_order("\"306-1\"", "306-1", "\"306-1\"");
    assert_order("\"\\u00e4\\ud83d\\ude00\\/\\\"\\\\\\b\\f\\n\\r\\t\"",
                 "\u00e4\U0001F600/\"\\\b\f\n\r\t",
                 "\"\\u00e4\\ud83d\\ude00\\/\\\"\\\\\\b\\f\\n\\r\\t\"");
    assert_order("-12.50", "-12.50", "-12.50");
    assert_order("\"\"", NULL, "\"\"");
    assert_order("\"a\\u0000b\"", NULL, NULL);
    assert_order("\"a\\ud800b\"", NULL, NULL);
    assert_order("\"\\ude00\\ud83d\"", NULL, NULL);
    assert_order("true", NULL, NULL);
    assert_order("[\"306-1\"]", NULL, NULL);

    char escaped[6 * 257 + 3] = "\"", text[257] = "";
    for (int i = 0; i < 256; i++) {
        strcat(escaped, "\\u0061");
        strcat(text, "a");
    }
    strcat(escaped, "\"");
    assert_order(escaped, text, escaped);
    strcpy(escaped + strlen(escaped) - 1, "a\"");
    assert_order(escaped, NULL, NULL);
    strcpy(escaped + strlen(escaped) - 2, "\\u0061\"");
    assert_order(escaped, NULL, NULL);
}

static void assert_time(const char *trigger, const char *event, const char *published,
                        uint64_t expected)
{
    AUTOFREE char *json = order_change(trigger, "\"1\"", event, published);
    AUTONOTE struct notification n = parse(json);
    assert_int_equal(n.event_usec, expected);
}

static void event_time_falls_back(void **state)
{
    (void)state;
    const char *own = "{\"TimeOfOrderChange\":\"2025-06-02T08:15:30Z\"}";
    const char *event = "\"2025-06-02T10:15:31+02:00\"",
               *published = "\"2025-06-02T08:15:32.000Z\"";
    assert_time(own, event, published, T30);
    assert_time("{\"TimeOfOrderChange\":null}", event, published, T31);
    assert_time("{\"TimeOfOrderChange\":\"soon\"}", event, published, T31);
    assert_time("{\"TimeOfOrderChange\":1748852130000}", event, published, T31);
    assert_time("{\"TimeOfOrderChange\":{\"TimeOfOrderChange\":\"2025-06-02T08:15:30Z\"}}", event,
                published, T31);
    assert_time("null", "\"\"", published, T32);
    assert_time("null", "null", "\"1950-01-01T00:00:00Z\"", 0);
    assert_time("null", "null", "null", 0);
}

static void fields_are_found_without_their_object(void **state)
{
    (void)state;
    AUTONOTE struct notification flat =
        parse("{\"NotificationType\":\"ORDER_CHANGE\",\"Payload\":{\"AmazonOrderId\":\"1\","
              "\"OrderChangeTrigger\":{\"AmazonOrderId\":\"2\"},\"SellerId\":\"S\"}}");
    assert_string_equal(flat.order_id, "1");
    assert_string_equal(flat.seller_id, "S");
    AUTONOTE struct notification renamed =
        parse("{\"NotificationType\":\"EXTERNAL_FULFILLMENT_SHIPMENT_STATUS_CHANGE\",\"Payload\":{"
              "\"version\":1,\"shipment\":{\"shipmentId\":\"1\",\"merchantId\":\"M\"}}}");
    assert_string_equal(renamed.order_id, "1");
    assert_string_equal(renamed.seller_id, "M");
    AUTONOTE struct notification other =
        parse("{\"NotificationType\":\"FEE_PROMOTION\",\"Payload\":{\"offer\":{\"sellerId\":"
              "\"rival\",\"marketplaceId\":\"M\"},\"sellerId\":\"S\",\"x\":{}}}");
    assert_string_equal(other.seller_id, "S");
    assert_string_equal(other.marketplace_id, "M");
    assert_null(other.order_id);
    AUTONOTE struct notification array =
        parse("{\"NotificationType\":\"ORDER_CHANGE\",\"Payload\":[{\"AmazonOrderId\":\"1\"}]}");
    assert_null(array.order_id);
}

/* As in Amazon's samples: nothing stands between the payload and the fields. */
static void types_whose_payload_has_the_fields_itself(void **state)
{
    (void)state;
    AUTONOTE struct notification price = parse(
        "{\"notificationType\":\"PRICING_HEALTH\",\"payload\":{\"issueType\":"
        "\"BuyBoxDisqualification\","
        "\"merchantOffer\":{\"sellerId\":\"rival\"},\"sellerId\":\"S\",\"offerChangeTrigger\":{"
        "\"marketplaceId\":\"M\",\"timeOfOfferChange\":\"2025-06-02T08:00:00Z\"}}}");
    assert_string_equal(price.seller_id, "S");
    assert_string_equal(price.marketplace_id, "M");
    AUTONOTE struct notification nameless =
        parse("{\"notificationType\":\"PRICING_HEALTH\",\"payload\":{\"merchantOffer\":{"
              "\"sellerId\":\"rival\"}}}");
    assert_null(nameless.seller_id);
    AUTONOTE struct notification query = parse(
        "{\"notificationType\":\"DATA_KIOSK_QUERY_PROCESSING_FINISHED\",\"payload\":{"
        "\"accountId\":\"amzn1.merchant.o.A1\",\"queryId\":\"5\",\"processingStatus\":\"DONE\","
        "\"pagination\":{\"accountId\":\"amzn1.merchant.o.A2\"}}}");
    assert_string_equal(query.seller_id, "A1");
}

static void assert_raw(struct notification_raw raw, const char *text)
{
    assert_int_equal(raw.size, strlen(text));
    assert_memory_equal(raw.bytes, text, strlen(text));
}

static void a_transaction_names_its_order(void **state)
{
    (void)state;
    AUTONOTE struct notification n = parse(
        "{\"NotificationType\":\"TRANSACTION_UPDATE\",\"Payload\":{\"TransactionNotification\":{"
        "\"SellingPartnerMetadata\":{\"SellingPartnerId\":\"S\",\"MarketplaceId\":\"M\"},"
        "\"TransactionStatus\":\"RELEASED\",\"RelatedIdentifiers\":[7,"
        "{\"RelatedIdentifierName\":\"SHIPMENT_ID\",\"RelatedIdentifierValue\":\"1\"},"
        "{\"RelatedIdentifierName\":\"ORDER_ID\",\"RelatedIdentifierValue\":\"408-1\"},"
        "{\"RelatedIdentifierName\":\"ORDER_ID\",\"RelatedIdentifierValue\":\"408-2\"}]}}}");
    assert_string_equal(n.seller_id, "S");
    assert_string_equal(n.marketplace_id, "M");
    assert_string_equal(n.status, "RELEASED");
    assert_string_equal(n.order_id, "408-1");
}

/* An account where there is no seller; the id alone goes into the body. */
static void an_account_is_a_seller_in_one_form(void **state)
{
    (void)state;
    AUTONOTE struct notification n =
        parse("{\"NotificationType\":\"FEED_PROCESSING_FINISHED\",\"Payload\":{"
              "\"accountId\":\"amzn1.merchant.o.A2LONGERTHANMOSTIDS0001\",\"processingStatus\":"
              "\"DONE\"}}");
    assert_string_equal(n.seller_id, "A2LONGERTHANMOSTIDS0001");
    assert_raw(n.raw.seller_id, "\"A2LONGERTHANMOSTIDS0001\"");
    assert_string_equal(n.status, "DONE");
    AUTONOTE struct notification vendor =
        parse("{\"NotificationType\":\"FEED_PROCESSING_FINISHED\",\"Payload\":{"
              "\"accountId\":\"amzn1.vg.1\"}}");
    assert_null(vendor.seller_id);
    assert_false(vendor.names_seller);
}

static bool asks_to_cancel(const char *members)
{
    AUTOFREE char *json = memory_format("{\"NotificationType\":\"ORDER_CHANGE\",\"Payload\":{"
                                        "\"OrderChangeNotification\":{%s}}}",
                                        members);
    AUTONOTE struct notification n = parse(json);
    return n.cancel_requested;
}

static void the_buyer_asks_to_cancel(void **state)
{
    (void)state;
    assert_false(asks_to_cancel("\"OrderChangeType\":\"OrderStatusChange\""));
    assert_true(asks_to_cancel("\"OrderChangeType\":\"BuyerRequestedChange\""));
    assert_true(asks_to_cancel("\"Summary\":{\"OrderItems\":[{\"IsBuyerRequestedCancel\":false},"
                               "{\"IsBuyerRequestedCancel\":true}]}"));
    assert_false(asks_to_cancel("\"Summary\":{\"OrderItems\":[{\"IsBuyerRequestedCancel\":null},{"
                                "\"IsBuyerRequestedCancel\":{}}]}"));
}

static void odd_programs_are_none(void **state)
{
    (void)state;
    AUTONOTE struct notification n =
        parse("{\"NotificationType\":\"ORDER_CHANGE\",\"Payload\":{\"OrderChangeNotification\":{"
              "\"NotificationLevel\":{},\"Summary\":{\"OrderPrograms\":[\"Prime\",1],"
              "\"LatestShipDate\":\"2025-06-02\"}}}}");
    assert_null(n.raw.programs.bytes);
    assert_null(n.raw.level.bytes);
    assert_raw(n.raw.ship_by, "\"2025-06-02\"");
}

static void assert_tracking(const char *identifier, const char *text, const char *raw)
{
    AUTOFREE char *json =
        memory_format("{\"NotificationType\":\"SHIPMENT_TRACKING_MILESTONE_CHANGED\",\"Payload\":{"
                      "\"shipmentTrackingMilestoneChangedNotification\":{\"trackingDetail\":{"
                      "\"identifier\":%s}}}}",
                      identifier);
    AUTONOTE struct notification n = parse(json);
    if (text)
        assert_string_equal(n.order_id, text);
    else
        assert_null(n.order_id);
    if (!raw) {
        assert_null(n.raw.order_id.bytes);
        return;
    }
    assert_int_equal(n.raw.order_id.size, strlen(raw));
    assert_memory_equal(n.raw.order_id.bytes, raw, strlen(raw));
}

static void a_tracking_identifier_counts_whatever_its_name(void **state)
{
    (void)state;
    assert_tracking("{\"aftn\":\"AFTN1\"}", "AFTN1", "\"AFTN1\"");
    assert_tracking("{ \"aftn\" : 17 }", "17", "17");
    assert_tracking("{\"\\u0061\":\"\\\"\"}", "\"", "\"\\\"\"");
    assert_tracking("{\"first\":\"1\",\"second\":\"2\"}", "1", "\"1\"");
    assert_tracking("{}", NULL, NULL);
    assert_tracking("{\"aftn\":\"\"}", NULL, "\"\"");
    assert_tracking("{\"aftn\":null}", NULL, NULL);
    assert_tracking("{\"aftn\":{\"x\":\"y\"}}", NULL, NULL);
    assert_tracking("\"AFTN1\"", NULL, NULL);
    assert_tracking("null", NULL, NULL);
}

static bool tells_state(const char *type, const char *payload)
{
    AUTOFREE char *json =
        memory_format("{\"NotificationType\":\"%s\",\"Payload\":{%s}}", type, payload);
    AUTONOTE struct notification n = parse(json);
    return n.is_state;
}

/* Only what is known to tell the state of the whole order. */
static void what_tells_a_state(void **state)
{
    (void)state;
#define ORDER "\"AmazonOrderId\":\"1\","
    static const char order[] = "ORDER_CHANGE", status[] = ORDER "\"OrderChangeType\":"
                                                                 "\"OrderStatusChange\"";
    assert_true(tells_state(order, status));
    assert_true(tells_state(order, ORDER "\"notificationLevel\":\"OrderLevel\",\"orderChangeType\":"
                                         "\"OrderStatusChange\""));
    assert_false(tells_state(order,
                             ORDER "\"NotificationLevel\":\"OrderItemLevel\",\"OrderChangeType\":"
                                   "\"OrderStatusChange\""));
    assert_false(tells_state(order, ORDER "\"OrderChangeType\":\"BuyerRequestedChange\""));
    assert_false(tells_state(order, ORDER "\"OrderChangeType\":\"ChangeOfTomorrow\""));
    assert_false(tells_state(order, ORDER "\"OrderChangeType\":null"));
    assert_false(tells_state(order, "\"OrderChangeType\":\"OrderStatusChange\""));
    assert_false(tells_state("ORDER_STATUS_CHANGE", status));
    assert_false(tells_state("FBA_OUTBOUND_SHIPMENT_STATUS", ORDER "\"ShipmentStatus\":\"S\""));
    assert_false(tells_state("TYPE_OF_TOMORROW", status));
    assert_true(tells_state("EXTERNAL_FULFILLMENT_SHIPMENT_STATUS_CHANGE",
                            "\"shipmentId\":\"1\",\"shipmentStatus\":\"SHIPPED\""));
    assert_true(tells_state("FULFILLMENT_ORDER_STATUS",
                            "\"SellerFulfillmentOrderId\":\"1\",\"EventType\":\"Order\""));
    assert_false(tells_state("FULFILLMENT_ORDER_STATUS",
                             "\"SellerFulfillmentOrderId\":\"1\",\"EventType\":\"Shipment\""));
}

static void lists_a_thousand_items(void **state)
{
    (void)state;
    AUTOTEXT struct text json = {0};
    text_append_string(&json, "{\"NotificationType\":\"ORDER_CHANGE\",\"Payload\":{"
                              "\"OrderChangeNotification\":{\"Summary\":{\"OrderItems\":[");
    for (int i = 0; i < NOTIFICATION_ITEMS_MAX + 5; i++)
        text_appendf(&json, "%s{\"Quantity\": %d}", i ? " ,\n" : "", i);
    text_append_string(&json, "]}}}}");
    AUTONOTE struct notification n = parse(json.data);
    assert_int_equal(n.n_items, NOTIFICATION_ITEMS_MAX);
    assert_memory_equal(n.items[999].quantity.bytes, "999}", 4);
    assert_int_equal(n.items[999].quantity.size, 3);
    assert_null(n.items[999].id.bytes);
}

static void hashes_the_payload_only(void **state)
{
    (void)state;
    unsigned char sum[SHA256_SIZE];
    AUTONOTE struct notification with = parse("{\"payload\": {\"a\": [1]} ,\"EventTime\":\"x\"}");
    digest_sha256(sum, "{\"a\": [1]}", 10);
    assert_memory_equal(with.payload_sha256, sum, sizeof(sum));
    AUTONOTE struct notification without = parse(" {\"a\":1} ");
    digest_sha256(sum, "{\"a\":1}", 7);
    assert_memory_equal(without.payload_sha256, sum, sizeof(sum));
    AUTONOTE struct notification broken = parse("{\"payload\":");
    digest_sha256(sum, "{\"payload\":", 11);
    assert_memory_equal(broken.payload_sha256, sum, sizeof(sum));
}

static void knows_a_client_secret(void **state)
{
    (void)state;
    static const char *const secrets[] = {
        "{\"notificationType\":\"APPLICATION_OAUTH_CLIENT_NEW_SECRET\"}",
        "{\"NotificationType\":\"application_oauth_client_new_secret\"}",
        "{\"notificationType\":\"APPLICATION_OAUTH_CLIENT_NEW\\u005fSECRET\"}",
        "\"{\\\"notificationType\\\":\\\"APPLICATION_OAUTH_CLIENT_NEW_SECRET\\\"}\"",
        ("{\"Type\":\"Notification\",\"Message\":"
         "\"{\\\"notificationType\\\":\\\"APPLICATION_OAUTH_CLIENT_NEW_SECRET\\\"}\"}"),
        /* under another type, or none */
        "{\"notificationType\":\"CLIENT_SECRET_V2\",\"payload\":{\"newClientSecret\":\"s\"}}",
        "{\"payload\":{\"new\\u0043lientSecret\":\"s\"}}",
        "[{\"newClientSecret\":\"s\"}]",
        /* that do not parse */
        "{\"notificationType\":\"APPLICATION_OAUTH_CLIENT_NEW_SECRET\"",
        "newClientSecret",
        "{\"a\":01,\"NewClientSecret\":\"s\"}",
        "\"{\\\"new\\u0043lientSecret\\\"\"",
        "\"\\\"{\\\\\\\"new\\\\\\\\u0043lientSecret\\\\\\\"\\\"\"",
        "\"\\u006e\\u0065\\u0077ClientSecret\"",
        "\"{\\\"new\\u005cu0043lientSecret\\\"\"",
    };
    for (size_t i = 0; i < ELEMENTS(secrets); i++) {
        AUTONOTE struct notification n = parse(secrets[i]);
        if (!n.client_secret)
            fail_msg("%s", secrets[i]);
    }
    struct notification utf16;
    notification_parse(&utf16, "n\0e\0w\0C\0l\0i\0e\0n\0t\0S\0e\0c\0r\0e\0t\0", 30);
    assert_true(utf16.client_secret);
    notification_clear(&utf16);

    static const char *const others[] = {
        "{\"notificationType\":\"APPLICATION_OAUTH_CLIENT_SECRET_EXPIRY\"}",
        "{\"notificationType\":\"ORDER_CHANGE\",\"payload\":{\"SellerSKU\":\"newClientSecret\"}}",
        "{\"broken\":\"client_secret\\u12\"",
        "\\u006",
    };
    for (size_t i = 0; i < ELEMENTS(others); i++) {
        AUTONOTE struct notification n = parse(others[i]);
        if (n.client_secret)
            fail_msg("%s", others[i]);
    }
}

/* A rule of EventBridge can send its events to SQS; the notification is their `detail`. */
static void takes_off_an_eventbridge_envelope(void **state)
{
    (void)state;
    AUTOFREE char *inner = order_change("{}", "\"o-1\"", "null", "null");
    AUTOFREE char *outer = memory_format("{\"version\":\"0\",\"detail-type\":\"ORDER_CHANGE\","
                                         "\"source\":\"aws.partner/x\",\"detail\": %s }",
                                         inner);
    AUTONOTE struct notification n = parse(outer);
    assert_int_equal(n.problem, NOTIFICATION_FINE);
    assert_string_equal(n.id, "n-1");
    assert_string_equal(n.order_id, "o-1");
    assert_int_equal(n.size, strlen(inner));
    assert_memory_equal(n.bytes, inner, n.size);
    assert_true(n.unwrapped);
}

/* Members of that name in Amazon's own envelope, or without the others, are no envelope. */
static void other_details_are_left_alone(void **state)
{
    (void)state;
    static const char *const plain[] = {
        "{\"NotificationType\":\"T\",\"source\":\"s\",\"detail-type\":\"T\",\"detail\":{}}",
        "{\"Payload\":{},\"source\":\"s\",\"detail-type\":\"T\",\"detail\":{}}",
        "{\"detail\":{\"NotificationType\":\"T\"}}",
        "{\"source\":\"s\",\"detail-type\":\"T\",\"detail\":[{}]}",
    };
    for (size_t i = 0; i < ELEMENTS(plain); i++) {
        AUTONOTE struct notification n = parse(plain[i]);
        assert_false(n.unwrapped);
        assert_int_equal(n.size, strlen(plain[i]));
    }
    AUTONOTE struct notification n =
        parse("{\"source\":\"s\",\"detail-type\":\"T\",\"detail\":\"{\"}");
    assert_int_equal(n.problem, NOTIFICATION_NOT_JSON);
}

static void a_time_without_a_zone_is_utc(void **state)
{
    (void)state;
    AUTOFREE char *json = order_change("{\"TimeOfOrderChange\":\"2025-06-02T08:15:30\"}", "\"o-1\"",
                                       "\"2025-06-02T08:15:31.000\"", "\"2025-06-02T08:15:32\"");
    AUTONOTE struct notification n = parse(json);
    assert_int_equal(n.event_usec, T30);
    assert_int_equal(n.published_usec, T32);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_off_an_eventbridge_envelope),
        cmocka_unit_test(other_details_are_left_alone),
        cmocka_unit_test(a_time_without_a_zone_is_utc),
        cmocka_unit_test(bytes_that_are_no_json),
        cmocka_unit_test(an_empty_object_is_fine),
        cmocka_unit_test(takes_off_four_layers),
        cmocka_unit_test(only_an_sns_notification_is_an_envelope),
        cmocka_unit_test(absurd_ids_count_as_absent),
        cmocka_unit_test(texts_that_cannot_be_kept),
        cmocka_unit_test(event_time_falls_back),
        cmocka_unit_test(fields_are_found_without_their_object),
        cmocka_unit_test(types_whose_payload_has_the_fields_itself),
        cmocka_unit_test(a_transaction_names_its_order),
        cmocka_unit_test(an_account_is_a_seller_in_one_form),
        cmocka_unit_test(the_buyer_asks_to_cancel),
        cmocka_unit_test(odd_programs_are_none),
        cmocka_unit_test(a_tracking_identifier_counts_whatever_its_name),
        cmocka_unit_test(what_tells_a_state),
        cmocka_unit_test(lists_a_thousand_items),
        cmocka_unit_test(hashes_the_payload_only),
        cmocka_unit_test(knows_a_client_secret),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
