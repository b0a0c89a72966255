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

#define SUBSCRIBED                                                                                 \
    "[application]\nclient_id = c\nclient_secret = s\n"                                            \
    "[queue q]\narn = arn:aws:sqs:eu-west-1:444455556666:q\n"                                      \
    "[seller acme]\nseller_id = A1\nregion = eu\nrefresh_token = t\nqueue = q\n"                   \
    "subscribe = ORDER_CHANGE\n[webhook wms]\nurl = https://wms/\nsecret = s\n"

/* Values of types that nobody subscribes to are of no use. */
static void only_types_that_can_come_count(void **state)
{
    (void)state;
    expect(SUBSCRIBED "statuses = Unshipped, CANCELLED\n",
           "dockbell.conf:15: warning: [webhook wms] statuses: CANCELLED is not among the values "
           "that Amazon documents for its types: Pending, Unshipped, PartiallyShipped, Shipped, "
           "Canceled, Unfulfillable, InvoiceUnconfirmed, PendingAvailability\n");
    expect(SUBSCRIBED "statuses = Unshipped, Canceled\n", "");
}

static void marketplaces_are_known_and_of_the_region(void **state)
{
    (void)state;
    expect(
        SUBSCRIBED "marketplaces = DE\n",
        "dockbell.conf:15: warning: [webhook wms] marketplaces: DE is not a marketplace id known "
        "here (is A1PA6795UKMFR9 of DE meant?): nothing matches it\n");
    expect(SUBSCRIBED "marketplaces = A1PA6795UKMFR8\n",
           "dockbell.conf:15: warning: [webhook wms] marketplaces: A1PA6795UKMFR8 is not a "
           "marketplace id known here (is A1PA6795UKMFR9 of DE meant?): nothing matches it\n");
    expect(SUBSCRIBED "marketplaces = ATVPDKIKX0DER\n",
           "dockbell.conf:15: warning: [webhook wms] marketplaces: nothing of ATVPDKIKX0DER (US) "
           "will come: it is of the region na, and none of the webhook's sellers is\n");
    expect(SUBSCRIBED "marketplaces = A1PA6795UKMFR9\n", "");
}

static void forms_of_something_else_are_warnings(void **state)
{
    (void)state;
    expect("[application]\nclient_id = amzn1.sp.solution.1234\nclient_secret = s\n"
           "[queue q]\narn = arn:aws:sqs:eu-west-1:4444555566:q\n"
           "[seller acme]\nseller_id = A1PA6795UKMFR9\nqueue = q\n"
           "[webhook wms]\nurl = https://wms/\nsecret = s\n"
           "[webhook twin]\nurl = https://wms/\nsecret = s\n",
           "dockbell.conf:2: warning: [application] client_id: this is the id of a solution: the "
           "LWA client id is needed, amzn1.application-oa2-client...\n"
           "dockbell.conf:5: warning: [queue q] arn: the account 4444555566 has 10 digits: an AWS "
           "account has 12\n"
           "dockbell.conf:7: warning: [seller acme] seller_id: A1PA6795UKMFR9 is the id of the "
           "marketplace DE: the seller's own (merchant token) is needed\n"
           "dockbell.conf:13: warning: [webhook twin] url: is the url of [webhook wms] at "
           "dockbell.conf:9 too: each order that both take is sent there twice\n");
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
    "[seller b]\nseller_id = B\nqueue = r\nregion = eu\nrefresh_token = env:R\n"

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
        "dockbell.conf:21: warning: [seller b] subscribe: no webhook takes ORDER_CHANGE of "
        "this seller: it is received and goes nowhere\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(capitals_count),
        IN_DIRECTORY(only_types_that_can_come_count),
        IN_DIRECTORY(marketplaces_are_known_and_of_the_region),
        IN_DIRECTORY(forms_of_something_else_are_warnings),
        IN_DIRECTORY(what_amazon_adds_is_fine),
        IN_DIRECTORY(a_value_of_another_type),
        IN_DIRECTORY(types_that_never_come),
        IN_DIRECTORY(changes_that_are_not_subscribed_to),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
