/* SPDX-License-Identifier: MIT */
/* Filters of a webhook that let nothing through, or something else than was meant. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "configuring.h"

#define AT "dockbell.conf:9: warning: [webhook wms] "

static void capitals_count(void **state)
{
    (void)state;
    expect_webhook("statuses = unshipped",
                   AT "statuses: unshipped is not a value known here (is Unshipped meant?): it is "
                      "compared letter by letter\n");
    expect_webhook("fulfillments = mfn, AFN",
                   AT "fulfillments: mfn is not a value known here (is MFN meant?): it is compared "
                      "letter by letter\n");
    expect_webhook("changes = BuyerRequestdChange",
                   AT "changes: BuyerRequestdChange is not a value known here (is "
                      "BuyerRequestedChange meant?): it is compared letter by letter\n");
    expect_webhook("statuses = SHIPPED, Shipped", ""); /* of two types */
}

static void what_amazon_adds_is_fine(void **state)
{
    (void)state;
    expect_webhook("statuses = StatusOfTomorrow\nfulfillments = MFN", "");
    expect_webhook(
        "types = ORDER_CHANGE\nstatuses = StatusOfTomorrow, Pending",
        "dockbell.conf:10: warning: [webhook wms] statuses: StatusOfTomorrow is not among "
        "the values that Amazon documents for its types: Pending, Unshipped, "
        "PartiallyShipped, Shipped, Canceled, Unfulfillable, InvoiceUnconfirmed, "
        "PendingAvailability\n");
    expect_webhook("types = ORDER_CHANGE, FULFILLMENT_ORDER_STATUS\nstatuses = COMPLETE", "");
}

static void a_value_of_another_type(void **state)
{
    (void)state;
    expect_webhook(
        "types = EXTERNAL_FULFILLMENT_SHIPMENT_STATUS_CHANGE\nstatuses = Shipped",
        "dockbell.conf:10: warning: [webhook wms] statuses: Shipped is not a value known "
        "here (is SHIPPED meant?): it is compared letter by letter\n");
    expect_webhook(
        "types = PRICING_HEALTH\nstatuses = Shipped\n",
        "dockbell.conf:10: warning: [webhook wms] statuses: filters nothing: none of its "
        "types says such a thing, and what does not passes\n");
}

static void types_that_never_come(void **state)
{
    (void)state;
    expect_webhook("types = ORDER_CHNAGE, TYPE_OF_TOMORROW",
                   AT "types: ORDER_CHNAGE is not a type known here (is ORDER_CHANGE meant?): "
                      "nothing of another type is sent\n");
    expect_webhook("types = ORDER_CHANGE, LISTINGS_ITEM_STATUS_CHANGE",
                   AT "types: nothing of LISTINGS_ITEM_STATUS_CHANGE will come: Amazon delivers it "
                      "by EventBridge only, never to an SQS queue\n");
}

#define SELLER                                                                                     \
    "[application]\nclient_id = c\nclient_secret = env:S\n"                                        \
    "[queue r]\narn = arn:aws:sqs:eu-west-1:444455556666:r\n"                                      \
    "[seller b]\nqueue = r\nregion = eu\nrefresh_token = env:R\n"

static void changes_that_are_not_subscribed_to(void **state)
{
    (void)state;
    expect_webhook("sellers = b\nchanges = BuyerRequestedChange, OrderStatusChange\n" SELLER
                   "subscribe = ORDER_CHANGE\norder_change_types = OrderStatusChange",
                   "");
    expect_webhook(
        "sellers = b\nchanges = BuyerRequestedChange\n" SELLER
        "subscribe = ORDER_CHANGE\norder_change_types = OrderStatusChange",
        "dockbell.conf:10: warning: [webhook wms] changes: nothing will come: none of its "
        "sellers subscribes to one of its types and changes\n"
        "dockbell.conf:20: warning: [seller b] subscribe: no webhook takes ORDER_CHANGE of "
        "this seller: it is received and goes nowhere\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(capitals_count),
        IN_DIRECTORY(what_amazon_adds_is_fine),
        IN_DIRECTORY(a_value_of_another_type),
        IN_DIRECTORY(types_that_never_come),
        IN_DIRECTORY(changes_that_are_not_subscribed_to),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
