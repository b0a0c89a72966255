/* SPDX-License-Identifier: MIT */
/* Whose a notification is, and what becomes of one from an unknown sender. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/memory.h"
#include "receiving.h"

#define ENVELOPE(type, id, subscription, payload)                                                  \
    "{\"NotificationType\":\"" type "\",\"Payload\":" payload                                      \
    ",\"NotificationMetadata\":{\"NotificationId\":\"" id "\",\"SubscriptionId\":\"" subscription  \
    "\",\"PublishTime\":\"2015-08-30T12:00:00Z\"}}"
#define ORDER(id, seller)                                                                          \
    ENVELOPE("ORDER_CHANGE", id, "sub-1",                                                          \
             "{\"OrderChangeNotification\":{" seller "\"AmazonOrderId\":\"408-1\"}}")
#define MILESTONE(id, subscription)                                                                \
    ENVELOPE("SHIPMENT_TRACKING_MILESTONE_CHANGED", id, subscription, "{}")

#define ASK "ChangeMessageVisibility"

static struct accept_limits no_room;

/* What registration knows, and what it was asked for. */
static struct {
    const char *known, *stored; /* ids of subscriptions of acme: in memory, in the store */
    bool any;                   /* it knows some of the queue */
    char asked[64], learnt[64];
} registration;

static const char *seller_of(const char *id, void *userdata)
{
    (void)userdata;
    return registration.known && strcmp(id, registration.known) == 0 ? "acme" : NULL;
}

static const char *look_up(const char *id, void *userdata)
{
    (void)userdata;
    return registration.stored && strcmp(id, registration.stored) == 0 ? "acme" : NULL;
}

static bool knows_subscriptions(const char *queue, void *userdata)
{
    (void)queue, (void)userdata;
    return registration.any;
}

static const char *learnt_id(const char *seller, void *userdata)
{
    (void)seller, (void)userdata;
    return *registration.learnt ? registration.learnt : NULL;
}

static void learn(const char *seller, const char *seller_id, void *userdata)
{
    (void)seller, (void)userdata;
    text_copy(registration.learnt, sizeof(registration.learnt), seller_id);
}

static void unknown_subscription(const char *type, void *userdata)
{
    (void)userdata;
    text_copy(registration.asked, sizeof(registration.asked), type);
}

static struct receiving *start(void **state)
{
    struct receiving *r = *state;
    struct receiver_hooks *hooks = &r->options.hooks;
    memset(&registration, 0, sizeof(registration));
    hooks->seller_of = seller_of;
    hooks->look_up = look_up;
    hooks->knows_subscriptions = knows_subscriptions;
    hooks->learnt_id = learnt_id;
    hooks->learn = learn;
    hooks->unknown_subscription = unknown_subscription;
    receiving_start(r);
    return r;
}

static void assert_unknown(struct receiving *r, int64_t first, int64_t last)
{
    for (int64_t i = first; i <= last; i++) {
        struct list_row row = workshop_row(&r->shop, i);
        assert_int_equal(row.state, DELIVERY_HELD);
        assert_null(row.seller);
    }
}

static void assert_acme(struct receiving *r, int64_t delivery)
{
    assert_int_equal(workshop_row(&r->shop, delivery).state, DELIVERY_READY);
    assert_string_equal(workshop_row(&r->shop, delivery).seller, "acme");
}

static void an_id_that_is_missing_or_unfit_is_nobodys(void **state)
{
    struct receiving *r = start(state);
    AUTOFREE char *x = memory_resize(NULL, 301, 1);
    memset(x, 'X', 300);
    x[300] = '\0';
    AUTOFREE char *lengthy = memory_format(ORDER("n-3", "\"SellerId\":\"%s\","), x);
    receiving_bring(r, ORDER("n-1", ""));
    receiving_bring(r, ORDER("n-2", "\"SellerId\":{},"));
    receiving_bring(r, lengthy);
    receiving_bring(r, ORDER("n-4", "\"SellerId\":\"A\\u0000B\","));
    receiving_bring(r, ORDER("n-5", "\"SellerId\":null,"));
    receiving_bring(r, ORDER("n-6", "\"SellerId\":\"\","));
    receiving_bring(r, ENVELOPE("FEED_X", "n-7", "sub-1", "{\"sellerId\":[]}"));
    assert_unknown(r, 1, 7);
    receiving_bring(r, ORDER("n-8", "\"SellerId\":\"" ACME_ID "\","));
    assert_acme(r, 8);
}

static void every_spelling_of_a_seller_is_read(void **state)
{
    static const char *const names[] = {"SellerId",   "sellerId",         "merchantId",
                                        "MerchantId", "sellingPartnerId", "SellingPartnerId"};
    struct receiving *r = start(state);
    for (size_t i = 0; i < ELEMENTS(names); i++)
        for (int foreign = 0; foreign < 2; foreign++) {
            AUTOFREE char *body = memory_format(
                "{\"NotificationType\":\"X\",\"NotificationMetadata\":{\"NotificationId\":\"%zu%d\""
                "},\"Payload\":{\"x\":{\"%s\":\"%s\"}}}",
                i, foreign, names[i], foreign ? "STRANGER" : ACME_ID);
            receiving_bring(r, body);
        }
    for (int64_t i = 1; i <= 2 * (int64_t)ELEMENTS(names); i += 2) {
        assert_acme(r, i);
        assert_unknown(r, i + 1, i + 1);
    }
}

static void an_account_names_a_seller_in_one_form_only(void **state)
{
    struct receiving *r = start(state);
    receiving_bring(r,
                    ENVELOPE("X", "n-1", "s", "{\"accountId\":\"amzn1.merchant.o." ACME_ID "\"}"));
    receiving_bring(r, ENVELOPE("X", "n-2", "s", "{\"accountId\":\"amzn1.merchant.o.STRANGER\"}"));
    receiving_bring(r, ENVELOPE("X", "n-3", "s", "{\"accountId\":\"amzn1.vg.123\"}"));
    receiving_bring(r, ENVELOPE("X", "n-4", "s", "{\"accountId\":{}}"));
    receiving_bring(
        r, ENVELOPE("X", "n-5", "s",
                    "{\"accountId\":\"amzn1.merchant.o.STRANGER\",\"sellerId\":\"" ACME_ID "\"}"));
    assert_acme(r, 1);
    assert_string_equal(workshop_row(&r->shop, 1).seller_id, ACME_ID);
    assert_unknown(r, 2, 2);
    assert_acme(r, 3); /* names none: the queue's only seller, as no subscription is known */
    assert_unknown(r, 4, 4);
    assert_acme(r, 5);
}

static void a_subscription_that_nobody_knows_is_a_strangers(void **state)
{
    struct receiving *r = start(state);
    receiving_bring(r, MILESTONE("n-1", "sub-9"));
    assert_acme(r, 1);
    registration.any = true;
    registration.known = "sub-1";
    receiving_bring(r, MILESTONE("n-2", "sub-9"));
    assert_unknown(r, 2, 2);
    assert_string_equal(registration.asked, "SHIPMENT_TRACKING_MILESTONE_CHANGED");
    receiving_bring(r, MILESTONE("n-3", "sub-1"));
    assert_acme(r, 3);
    registration.stored = "sub-2"; /* another process has registered it */
    receiving_bring(r, MILESTONE("n-4", "sub-2"));
    assert_acme(r, 4);
}

static void silence_is_broken_by_our_sellers_only(void **state)
{
    struct receiving *r = start(state);
    struct receiver_view view;
    receiving_bring(r, ORDER("n-1", "\"SellerId\":\"STRANGER\","));
    receiver_look(r->receiver, &view);
    assert_int_equal(view.message_usec, 0);
    receiving_bring(r, ORDER("n-2", "\"SellerId\":\"" ACME_ID "\","));
    receiver_look(r->receiver, &view);
    assert_int_not_equal(view.message_usec, 0);
}

static void beyond_the_limit_they_are_counted_or_left(void **state)
{
    struct receiving *r = *state;
    r->options.unknown_limits = no_room;
    start(state);
    ear_open();
    receiving_bring(r, ORDER("n-1", "\"SellerId\":\"STRANGER\","), ORDER("n-2", ""), "not JSON");
    receiving_bring(r, ORDER("n-3", "\"SellerId\":\"" ACME_ID "\","));
    receiving_run(r, USEC_PER_SEC);
    AUTOFREE char *said = ear_heard();
    assert_int_equal(count_parts(said, "no more notifications from unknown senders are kept"), 1);
    assert_int_equal(receiving_calls(r, ASK), 2);
    assert_part(receiving_call(r, ASK), "\"VisibilityTimeout\":43140");
    assert_int_equal(workshop_counter(&r->shop, "over_limit"), 1);
    assert_int_equal(workshop_counter(&r->shop, "received"), 2);
    const char *deleted = receiving_call(r, "DeleteMessageBatch");
    assert_part(deleted, "receipt-0.");
    assert_null(strstr(deleted, "receipt-1."));
    assert_part(deleted, "receipt-3.");
    assert_acme(r, 1);
}

static void drop_counts_and_deletes_all(void **state)
{
    struct receiving *r = *state;
    r->options.unknown_seller = UNKNOWN_DROP;
    start(state);
    ear_open();
    receiving_bring(r, ORDER("n-1", "\"SellerId\":\"STRANGER\","), ORDER("n-2", ""), "not JSON");
    receiving_run(r, USEC_PER_SEC);
    AUTOFREE char *said = ear_heard();
    assert_part(said, "counted and dropped, as unknown_seller says");
    assert_int_equal(receiving_calls(r, ASK), 0);
    assert_int_equal(workshop_counter(&r->shop, "over_limit"), 2);
    assert_int_equal(workshop_row(&r->shop, 1).cause, DEAD_UNREADABLE);
    assert_int_equal(count_parts(receiving_call(r, "DeleteMessageBatch"), "ReceiptHandle\":"), 3);
}

static void a_missing_id_is_learnt_from_a_known_subscription(void **state)
{
    struct receiving *r = *state;
    r->sellers[0].seller_id = NULL;
    r->sellers[0].subscribes = true;
    start(state);
    registration.any = true;
    registration.known = "sub-2";
    receiving_bring(r, ORDER("n-1", "\"SellerId\":\"STRANGER\","));
    assert_unknown(r, 1, 1);
    assert_string_equal(registration.learnt, "");
    receiving_bring(r, ENVELOPE("X", "n-2", "sub-2", "{\"sellerId\":\"" ACME_ID "\"}"));
    assert_acme(r, 2);
    assert_string_equal(registration.learnt, ACME_ID);
    receiving_bring(r, ORDER("n-3", "\"SellerId\":\"" ACME_ID "\","));
    assert_acme(r, 3);
    receiving_bring(r, ORDER("n-4", "\"SellerId\":\"STRANGER\","));
    assert_unknown(r, 4, 4);
}

static void what_is_held_is_released_once_it_is_known(void **state)
{
    struct receiving *r = start(state);
    registration.any = true;
    registration.known = "sub-1";
    receiving_bring(r, MILESTONE("n-1", "sub-7"), ORDER("n-2", "\"SellerId\":\"STRANGER\","),
                    MILESTONE("n-3", "sub-7"));
    assert_unknown(r, 1, 3);
    ear_open();
    registration.known = "sub-7";
    receiver_release(r->receiver);
    receiving_run(r, USEC_PER_SEC);
    AUTOFREE char *said = ear_heard();
    assert_part(said, "2 notifications were held as an unknown sender's and released");
    assert_unknown(r, 2, 2);
    assert_acme(r, 4);
    assert_acme(r, 5);
    assert_int_equal(workshop_counter(&r->shop, "accepted"), 3);
    receiving_bring(r, MILESTONE("n-1", "sub-7"));
    assert_int_equal(workshop_counter(&r->shop, "duplicates"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_RECEIVING(an_id_that_is_missing_or_unfit_is_nobodys),
        IN_RECEIVING(every_spelling_of_a_seller_is_read),
        IN_RECEIVING(an_account_names_a_seller_in_one_form_only),
        IN_RECEIVING(a_subscription_that_nobody_knows_is_a_strangers),
        IN_RECEIVING(silence_is_broken_by_our_sellers_only),
        IN_RECEIVING(beyond_the_limit_they_are_counted_or_left),
        IN_RECEIVING(drop_counts_and_deletes_all),
        IN_RECEIVING(a_missing_id_is_learnt_from_a_known_subscription),
        IN_RECEIVING(what_is_held_is_released_once_it_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
