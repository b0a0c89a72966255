/* SPDX-License-Identifier: MIT */
/* What becomes of a message: whose it is, who gets it, what is kept and what is deleted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/memory.h"
#include "receiving.h"

/* A notification that names no seller. */
#define NO_SELLER                                                                                  \
    "{\"NotificationType\":\"SHIPMENT_TRACKING_MILESTONE_CHANGED\",\"NotificationMetadata\":{"     \
    "\"NotificationId\":\"n-1\",\"SubscriptionId\":\"sub-1\"},\"Payload\":{}}"

static void bring_order(struct receiving *r, const char *id, const char *seller, const char *order)
{
    AUTOFREE char *body = receiving_order(id, seller, order);
    receiving_bring(r, body);
}

/* All receipts of the messages so far have been deleted. */
static void assert_deleted(struct receiving *r)
{
    receiving_run(r, USEC_PER_SEC);
    AUTOFREE char *last = memory_format("receipt-%u.", r->messages - 1);
    assert_part(receiving_call(r, "DeleteMessageBatch"), last);
}

/* What is shown of a delivery. */
struct kept {
    char *body, *raw;
    enum webhook_format format;
};

static void keep(const struct delivery_details *details, void *userdata)
{
    struct kept *kept = userdata;
    kept->format = details->format;
    kept->body = details->body ? memory_copy(details->body, details->body_size) : NULL;
    kept->raw = details->raw ? memory_copy(details->raw, details->raw_size) : NULL;
}

static void no_attempt(const struct attempt_row *attempt, void *userdata)
{
    (void)attempt;
    (void)userdata;
    fail_msg("there is an attempt");
}

static struct kept show(struct receiving *r, int64_t delivery)
{
    struct kept kept = {0};
    workshop_begin(&r->shop);
    assert_int_equal(store_show(r->shop.store, delivery, keep, no_attempt, &kept), 0);
    workshop_commit(&r->shop);
    return kept;
}

static void clear(struct kept *kept)
{
    free(kept->body);
    free(kept->raw);
}

static void stores_what_amazon_sends(void **state)
{
    struct receiving *r = *state;
    receiving_start(r);
    bring_order(r, "n-1", ACME_ID, "408-1");
    struct list_row row = workshop_row(&r->shop, 1);
    assert_int_equal(row.state, DELIVERY_READY);
    assert_string_equal(row.notification_id, "n-1");
    assert_string_equal(row.webhook, "wms");
    assert_string_equal(row.seller, "acme");
    assert_string_equal(row.seller_id, ACME_ID);
    assert_string_equal(row.type, "ORDER_CHANGE");
    assert_string_equal(row.order_id, "408-1");
    assert_string_equal(row.queue, "orders-eu");
    assert_int_equal(row.event_usec, 1440936000500000);
    assert_int_equal(row.received_usec, fake_now_usec);
    assert_deleted(r);
}

static void copies_are_deleted_and_change_nothing(void **state)
{
    struct receiving *r = *state;
    receiving_start(r);
    ear_open();
    AUTOFREE char *body = receiving_order("n-1", ACME_ID, "408-1");
    receiving_bring(r, body, body);
    receiving_bring(r, body);
    AUTOFREE char *said = ear_heard();
    assert_int_equal(count_parts(said, "\n"), 1);
    assert_part(said, "queue orders-eu: accepted ORDER_CHANGE n-1, order 408-1");
    assert_deleted(r);
    assert_int_equal(workshop_counter(&r->shop, "received"), 3);
    assert_int_equal(workshop_counter(&r->shop, "accepted"), 1);
    assert_int_equal(workshop_counter(&r->shop, "duplicates"), 2);
    assert_int_equal(workshop_count(&r->shop, DELIVERY_READY), 1);
    assert_int_equal(count_parts(receiving_call(r, "DeleteMessageBatch"), "ReceiptHandle\":"), 3);
}

static void the_same_id_with_other_contents_is_a_dead_letter(void **state)
{
    struct receiving *r = *state;
    receiving_start(r);
    ear_open();
    bring_order(r, "n-1", ACME_ID, "408-1");
    bring_order(r, "n-1", ACME_ID, "408-2");
    AUTOFREE char *said = ear_heard();
    assert_int_equal(count_parts(said, "notification n-1 came before with other contents"), 1);
    assert_int_equal(workshop_row(&r->shop, 1).state, DELIVERY_READY);
    assert_int_equal(workshop_row(&r->shop, 2).state, DELIVERY_DEAD);
    assert_int_equal(workshop_row(&r->shop, 2).cause, DEAD_ID_CONFLICT);
    assert_int_equal(workshop_counter(&r->shop, "rejected"), 1);
    assert_deleted(r);
}

/* Amazon's repetition is how sellers ask for one more try. */
static void a_copy_revives_what_died_of_its_outcome(void **state)
{
    struct receiving *r = *state;
    struct claim claim;
    size_t count;
    receiving_start(r);
    bring_order(r, "n-1", ACME_ID, "408-1");
    struct claim_query query = {
        .webhook = r->shop.webhook, .now_usec = fake_now_usec, .first = 1, .bytes = 1000000};
    workshop_begin(&r->shop);
    assert_int_equal(store_claim(r->shop.store, &query, &claim, &count), 0);
    struct settle settle = {.delivery = claim.delivery,
                            .attempt = claim.attempt,
                            .to = DELIVERY_DEAD,
                            .cause = DEAD_REFUSED};
    assert_int_equal(store_settle(r->shop.store, &settle, fake_now_usec), 0);
    workshop_commit(&r->shop);
    claim_clear(&claim);
    ear_open();
    bring_order(r, "n-1", ACME_ID, "408-1");
    AUTOFREE char *said = ear_heard();
    assert_part(said, "came again from Amazon: 1 dead letter of it lives again");
    assert_int_equal(workshop_row(&r->shop, 1).state, DELIVERY_READY);
    assert_deleted(r);
}

/* ---- ids and times that are missing ---- */

static void without_an_id_the_messages_own_is_the_key(void **state)
{
    struct receiving *r = *state;
    receiving_start(r);
    bring_order(r, NULL, ACME_ID, "408-1");
    bring_order(r, NULL, ACME_ID, "408-1");
    assert_string_equal(workshop_row(&r->shop, 1).notification_id, "sqs-m0");
    assert_string_equal(workshop_row(&r->shop, 2).notification_id, "sqs-m1");
}

#define LONG "0123456789012345678901234567890123456789012345678901234567890123456789"

static void bring_named(struct receiving *r, const char *message_id)
{
    AUTOFREE char *answer = memory_format("{\"Messages\":[{\"MessageId\":\"%s\",\"ReceiptHandle\":"
                                          "\"r\",\"Body\":\"{}\"}]}",
                                          message_id);
    receiving_fail(r, .body = answer);
}

static void long_ids_of_messages_are_told_apart(void **state)
{
    struct receiving *r = *state;
    receiving_start(r);
    bring_named(r, LONG "a");
    bring_named(r, LONG "b");
    bring_named(r, LONG "a");
    AUTOFREE char *first = memory_string(workshop_row(&r->shop, 1).notification_id);
    assert_int_equal(strlen(first), 20);
    assert_memory_equal(first, "sqs-", 4);
    assert_string_not_equal(workshop_row(&r->shop, 2).notification_id, first);
    assert_int_equal(workshop_counter(&r->shop, "duplicates"), 1);
}

static void without_a_time_sqs_tells_it(void **state)
{
    struct receiving *r = *state;
    receiving_start(r);
    receiving_bring(r, "{\"NotificationType\":\"X\"}");
    assert_int_equal(workshop_row(&r->shop, 1).event_usec, 1440938000123000);
    bring_named(r, "without-attributes");
    assert_int_equal(workshop_row(&r->shop, 2).event_usec, fake_now_usec);
}

/* A clock of Amazon's that is wrong must not outdate all that comes after. */
static void a_time_far_behind_the_message_is_not_believed(void **state)
{
    struct receiving *r = *state;
    receiving_start(r);
    receiving_bring(r, "{\"NotificationType\":\"X\",\"EventTime\":\"2099-01-01T00:00:00Z\"}");
    assert_int_equal(workshop_row(&r->shop, 1).event_usec, 1440938000123000);
    receiving_bring(r, "{\"NotificationType\":\"X\",\"EventTime\":\"2015-08-30T12:42:00Z\"}");
    assert_int_equal(workshop_row(&r->shop, 2).event_usec, 1440938520000000);
}

/* ---- whose it is ---- */

static void an_unknown_seller_is_held(void **state)
{
    struct receiving *r = *state;
    receiving_start(r);
    ear_open();
    bring_order(r, "n-1", "STRANGER1", "408-1");
    bring_order(r, "n-2", "STRANGER1", "408-2");
    bring_order(r, "n-3", "STRANGER2", "408-3");
    bring_order(r, "n-4", NULL, "408-4"); /* each of its type names one: this is nobody's */
    AUTOFREE char *said = ear_heard();
    assert_int_equal(count_parts(said, "is of seller STRANGER1"), 1);
    assert_int_equal(count_parts(said, "is of seller STRANGER2"), 1);
    assert_int_equal(count_parts(said, "names no seller"), 1);
    assert_int_equal(count_parts(said, ": accepted "), 4);
    assert_int_equal(count_parts(said, "\n"), 7);
    assert_part(said, "held. If the seller is yours, add it to the configuration");
    assert_null(strstr(said, "release ALL"));
    for (int i = 1; i <= 4; i++) {
        struct list_row row = workshop_row(&r->shop, i);
        assert_int_equal(row.state, DELIVERY_HELD);
        assert_null(row.seller);
        assert_string_equal(row.last_error, "unknown seller");
        assert_string_equal(row.webhook, "wms");
    }
    assert_deleted(r);
}

static void an_unknown_seller_may_be_forwarded(void **state)
{
    struct receiving *r = *state;
    r->options.unknown_seller = UNKNOWN_FORWARD;
    receiving_start(r);
    ear_open();
    bring_order(r, "n-1", "STRANGER1", "408-1");
    AUTOFREE char *said = ear_heard();
    assert_part(said, "forwarded and signed, as unknown_seller says");
    assert_int_equal(workshop_row(&r->shop, 1).state, DELIVERY_READY);
}

static void the_only_seller_without_an_id_takes_everything(void **state)
{
    struct receiving *r = *state;
    r->sellers[0].seller_id = NULL;
    receiving_start(r);
    bring_order(r, "n-1", "STRANGER1", "408-1");
    bring_order(r, "n-2", NULL, "408-2");
    assert_string_equal(workshop_row(&r->shop, 1).seller, "acme");
    assert_string_equal(workshop_row(&r->shop, 2).seller, "acme");
    assert_int_equal(workshop_count(&r->shop, DELIVERY_READY), 2);
}

static const char *seller_of_subscription(const char *subscription_id, void *userdata)
{
    (void)userdata;
    return strcmp(subscription_id, "sub-1") == 0 ? "beta" : "nobody";
}

static void two_sellers(struct receiving *r)
{
    r->sellers[1] = (struct receiver_seller){.name = "beta", .seller_id = "B2"};
    r->options.n_sellers = 2;
}

static void the_subscription_tells_the_seller(void **state)
{
    struct receiving *r = *state;
    two_sellers(r);
    r->options.hooks.seller_of = seller_of_subscription;
    receiving_start(r);
    receiving_bring(r, NO_SELLER);
    bring_order(r, "n-2", ACME_ID, "408-2"); /* what it says itself counts more */
    bring_order(r, "n-3", "B2", "408-3");
    receiving_bring(r, "{\"NotificationType\":\"X\",\"NotificationMetadata\":{\"NotificationId\":"
                       "\"n-4\",\"SubscriptionId\":\"sub-9\"}}");
    assert_string_equal(workshop_row(&r->shop, 1).seller, "beta");
    assert_string_equal(workshop_row(&r->shop, 2).seller, "acme");
    assert_string_equal(workshop_row(&r->shop, 3).seller, "beta");
    assert_int_equal(workshop_row(&r->shop, 4).state, DELIVERY_HELD);
}

static void who_cannot_be_told_is_unknown_and_told_once(void **state)
{
    struct receiving *r = *state;
    two_sellers(r);
    receiving_start(r);
    ear_open();
    receiving_bring(r, NO_SELLER);
    bring_order(r, "n-2", NULL, "408-2");
    AUTOFREE char *said = ear_heard();
    assert_int_equal(workshop_count(&r->shop, DELIVERY_HELD), 2);
    assert_int_equal(count_parts(said, "names no seller"), 1);
}

/* ---- who wants it ---- */

static void add_webhook(struct receiving *r)
{
    int64_t ids[2];
    workshop_begin(&r->shop);
    assert_int_equal(store_set_webhooks(r->shop.store, (const char *[]){"wms", "erp"}, 2, ids), 0);
    workshop_commit(&r->shop);
    r->webhooks[0].id = ids[0];
    r->webhooks[1].id = ids[1];
    r->options.n_webhooks = 2;
}

static void every_webhook_gets_its_delivery(void **state)
{
    struct receiving *r = *state;
    add_webhook(r);
    receiving_start(r);
    bring_order(r, "n-1", ACME_ID, "408-1");
    assert_string_equal(workshop_row(&r->shop, 1).webhook, "wms");
    assert_string_equal(workshop_row(&r->shop, 2).webhook, "erp");
    assert_int_equal(workshop_count(&r->shop, DELIVERY_READY), 2);
}

static void assert_format(struct receiving *r, int64_t delivery, enum webhook_format format)
{
    struct kept kept = show(r, delivery);
    assert_int_equal(kept.format, format);
    clear(&kept);
}

static void each_delivery_has_its_webhooks_format(void **state)
{
    struct receiving *r = *state;
    add_webhook(r);
    r->webhooks[0].format = WEBHOOK_CLOUDEVENTS;
    r->webhooks[1].format = WEBHOOK_RAW;
    receiving_start(r);
    bring_order(r, "n-1", ACME_ID, "408-1");
    assert_format(r, 1, WEBHOOK_CLOUDEVENTS);
    assert_format(r, 2, WEBHOOK_RAW);
    r->webhooks[0].format = WEBHOOK_STANDARD;
    bring_order(r, "n-2", "A0STRANGER", "408-2"); /* held, and so is its format */
    assert_format(r, 3, WEBHOOK_STANDARD);
    assert_format(r, 4, WEBHOOK_RAW);
    assert_format(r, 1, WEBHOOK_CLOUDEVENTS);
}

static void filters_choose(void **state)
{
    struct receiving *r = *state;
    static char *acme[] = {"acme", NULL}, *beta[] = {"beta", "gamma", NULL};
    static char *orders[] = {"X", "ORDER_CHANGE", NULL}, *reports[] = {"REPORT", NULL};
    add_webhook(r);
    two_sellers(r);
    r->webhooks[0].sellers = acme;
    r->webhooks[0].types = orders;
    r->webhooks[1].sellers = beta;
    receiving_start(r);
    bring_order(r, "n-1", ACME_ID, "408-1");
    bring_order(r, "n-2", "B2", "408-2");
    assert_string_equal(workshop_row(&r->shop, 1).webhook, "wms");
    assert_string_equal(workshop_row(&r->shop, 2).webhook, "erp");
    assert_int_equal(workshop_row(&r->shop, 3).id, 0);
    r->webhooks[0].types = reports;
    bring_order(r, "n-3", ACME_ID, "408-3");
    struct list_row row = workshop_row(&r->shop, 3);
    assert_int_equal(row.state, DELIVERY_FILTERED);
    assert_null(row.webhook);
    assert_string_equal(row.last_error, "no webhook wants it");
    assert_deleted(r);
}

/* What the notification of an order says of itself; and a type without any of it. */
#define AN_ORDER(id)                                                                               \
    "{\"NotificationType\":\"ORDER_CHANGE\",\"NotificationMetadata\":{\"NotificationId\":\"" id    \
    "\"},\"Payload\":{\"OrderChangeNotification\":{\"SellerId\":\"" ACME_ID                        \
    "\",\"AmazonOrderId\":\"" id "\",\"OrderChangeType\":\"OrderStatusChange\",\"Summary\":{"      \
    "\"MarketplaceId\":\"A1\",\"OrderStatus\":\"Unshipped\",\"FulfillmentType\":\"MFN\"}}}}"
#define A_REPORT                                                                                   \
    "{\"NotificationType\":\"REPORT\",\"NotificationMetadata\":{\"NotificationId\":\"r-1\"},"      \
    "\"Payload\":{\"SellerId\":\"" ACME_ID "\"}}"

static void filters_look_into_the_event(void **state)
{
    struct receiving *r = *state;
    static char *good[][3] = {
        {"A2", "A1"}, {"MFN"}, {"Shipped", "Unshipped"}, {"OrderStatusChange"}};
    static char *bad[][2] = {{"A2"}, {"AFN"}, {"unshipped"}, {"DeliveryTipChange"}};
    struct receiver_webhook *wms = &r->webhooks[0];
    char *const **keys[] = {&wms->marketplaces, &wms->fulfillments, &wms->statuses, &wms->changes};
    for (size_t i = 0; i < ELEMENTS(keys); i++)
        *keys[i] = good[i];
    receiving_start(r);
    receiving_bring(r, AN_ORDER("n-0"));
    assert_int_equal(workshop_row(&r->shop, 1).state, DELIVERY_READY);
    const char *orders[] = {AN_ORDER("n-1"), AN_ORDER("n-2"), AN_ORDER("n-3"), AN_ORDER("n-4")};
    for (size_t i = 0; i < ELEMENTS(keys); i++) {
        *keys[i] = bad[i];
        receiving_bring(r, orders[i]);
        assert_int_equal(workshop_row(&r->shop, (int64_t)i + 2).state, DELIVERY_FILTERED);
        *keys[i] = good[i];
    }
    for (size_t i = 0; i < ELEMENTS(keys); i++)
        *keys[i] = bad[i];
    receiving_bring(r, A_REPORT);
    assert_int_equal(workshop_row(&r->shop, 6).state, DELIVERY_READY);
    assert_deleted(r);
}

/* Only what the filter has looked at, once, and of somebody who is configured. */
static void what_a_filter_blocks_is_counted(void **state)
{
    struct receiving *r = *state;
    static char *shipped[] = {"Shipped", NULL}, *reports[] = {"REPORT", NULL};
    uint64_t count = 0;
    struct filter_watch *watch = filter_watch_new();
    r->webhooks[0].statuses = shipped;
    r->webhooks[0].filter = filter_add(
        watch, &(struct filter_options){.webhook = "wms", .keys = "statuses", .count = &count});
    receiving_start(r);
    receiving_bring(r, AN_ORDER("n-1"));
    receiving_bring(r, AN_ORDER("n-1"));
    assert_int_equal(count, 1);
    receiving_bring(r, A_REPORT);
    bring_order(r, "n-2", "ASTRANGER1", "408-1");
    assert_int_equal(count, 1);
    r->webhooks[0].types = reports;
    receiving_bring(r, AN_ORDER("n-3"));
    assert_int_equal(count, 1);
    receiver_free(r->receiver);
    r->receiver = NULL;
    filter_watch_free(watch);
}

/* Nobody's event passes a filter by seller; it is held where nobody wants it, too. */
static void filters_and_unknown_sellers(void **state)
{
    struct receiving *r = *state;
    static char *acme[] = {"acme", NULL};
    add_webhook(r);
    r->webhooks[0].sellers = acme;
    receiving_start(r);
    bring_order(r, "n-1", "STRANGER1", "408-1");
    assert_string_equal(workshop_row(&r->shop, 1).webhook, "erp");
    assert_int_equal(workshop_row(&r->shop, 1).state, DELIVERY_HELD);
    r->webhooks[1].sellers = acme;
    bring_order(r, "n-2", "STRANGER1", "408-2");
    assert_null(workshop_row(&r->shop, 2).webhook);
    assert_int_equal(workshop_row(&r->shop, 2).state, DELIVERY_HELD);
}

/* ---- what cannot or must not be stored ---- */

static void what_cannot_be_read_is_kept_as_it_came(void **state)
{
    struct receiving *r = *state;
    receiving_start(r);
    ear_open();
    receiving_bring(r, "{\"NotificationType\":", "[1,2]");
    AUTOFREE char *said = ear_heard();
    assert_int_equal(count_parts(said, "could not be understood"), 2);
    assert_int_equal(workshop_counter(&r->shop, "rejected"), 2);
    for (int i = 1; i <= 2; i++) {
        struct list_row row = workshop_row(&r->shop, i);
        assert_int_equal(row.state, DELIVERY_DEAD);
        assert_int_equal(row.cause, DEAD_UNREADABLE);
        assert_null(row.webhook);
        assert_true(row.last_error && *row.last_error);
    }
    struct kept kept = show(r, 1);
    assert_null(kept.body);
    assert_string_equal(kept.raw, "{\"NotificationType\":");
    clear(&kept);
    assert_deleted(r);
}

static void amazons_bytes_are_forwarded_and_the_wrapping_kept(void **state)
{
    struct receiving *r = *state;
    static const char inner[] = "{\"NotificationType\": \"X\", \"NotificationMetadata\":{}}";
    AUTOTEXT struct text wrapped = {0};
    text_append_string(&wrapped, "{\"Type\":\"Notification\",\"TopicArn\":\"arn:aws:sns:x\","
                                 "\"MessageId\":\"s\",\"Message\":\"");
    for (const char *c = inner; *c; c++)
        text_appendf(&wrapped, "%s%c", *c == '"' ? "\\" : "", *c);
    text_append_string(&wrapped, "\"}");
    receiving_start(r);
    receiving_bring(r, wrapped.data);
    struct kept kept = show(r, 1);
    assert_part(kept.body, "{\"type\":\"amazon.x\",");
    assert_part(kept.body, inner);
    assert_string_equal(kept.raw, wrapped.data);
    clear(&kept);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_RECEIVING(stores_what_amazon_sends),
        IN_RECEIVING(copies_are_deleted_and_change_nothing),
        IN_RECEIVING(the_same_id_with_other_contents_is_a_dead_letter),
        IN_RECEIVING(a_copy_revives_what_died_of_its_outcome),
        IN_RECEIVING(without_an_id_the_messages_own_is_the_key),
        IN_RECEIVING(long_ids_of_messages_are_told_apart),
        IN_RECEIVING(without_a_time_sqs_tells_it),
        IN_RECEIVING(a_time_far_behind_the_message_is_not_believed),
        IN_RECEIVING(an_unknown_seller_is_held),
        IN_RECEIVING(an_unknown_seller_may_be_forwarded),
        IN_RECEIVING(the_only_seller_without_an_id_takes_everything),
        IN_RECEIVING(the_subscription_tells_the_seller),
        IN_RECEIVING(who_cannot_be_told_is_unknown_and_told_once),
        IN_RECEIVING(every_webhook_gets_its_delivery),
        IN_RECEIVING(each_delivery_has_its_webhooks_format),
        IN_RECEIVING(filters_choose),
        IN_RECEIVING(filters_look_into_the_event),
        IN_RECEIVING(what_a_filter_blocks_is_counted),
        IN_RECEIVING(filters_and_unknown_sellers),
        IN_RECEIVING(what_cannot_be_read_is_kept_as_it_came),
        IN_RECEIVING(amazons_bytes_are_forwarded_and_the_wrapping_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
