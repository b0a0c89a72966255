/* SPDX-License-Identifier: MIT */
/* What a seller subscribes to, before Amazon is asked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/memory.h"
#include "configuring.h"

#define REGISTERED                                                                                 \
    "[application]\nclient_id = c\nclient_secret = env:S\n"                                        \
    "[seller b]\nseller_id = B\nqueue = q\nregion = eu\nrefresh_token = env:R\n"

static void what_amazon_would_refuse_is_refused_first(void **state)
{
    (void)state;
    expect_webhook(REGISTERED
                   "subscribe = ORDER_CHANGE, EXTERNAL_FULFILLMENT_SHIPMENT_STATUS_CHANGE, "
                   "SHIPMENT_TRACKING_MILESTONE_CHANGED\n"
                   "order_change_types = OrderStatusChange",
                   "");
    expect_webhook(
        REGISTERED "subscribe = ORDER_CHANGE, LISTINGS_ITEM_STATUS_CHANGE,\\\n"
                   "  BRANDED_ITEM_CONTENT_CHANGE",
        "dockbell.conf:17: [seller b] subscribe: Amazon delivers "
        "LISTINGS_ITEM_STATUS_CHANGE by EventBridge only, never to an SQS queue: take it "
        "out\n"
        "dockbell.conf:17: [seller b] subscribe: Amazon delivers "
        "BRANDED_ITEM_CONTENT_CHANGE by EventBridge only, never to an SQS queue: take it "
        "out\n");
    expect_webhook(REGISTERED "subscribe = PRICING_HEALTH\norder_change_types = OrderStatusChange",
                   "dockbell.conf:18: [seller b] order_change_types: only ORDER_CHANGE takes it, "
                   "and that is not in subscribe\n");
    expect_webhook("[seller b]\nseller_id = B\nqueue = q\norder_change_types = OrderStatusChange",
                   "dockbell.conf:12: [seller b] order_change_types: only ORDER_CHANGE takes it, "
                   "and that is not in subscribe\n");
}

#define EXPRESSION "filter_expression = "

static void filters_for_types_that_take_them(void **state)
{
    (void)state;
    expect_webhook(REGISTERED "subscribe = ORDER_CHANGE, ANY_OFFER_CHANGED, PRICING_HEALTH\n"
                              "marketplaces = A1PA6795UKMFR9, A13V1IB3VIYZZH\n"
                              "aggregation = 10m\n" EXPRESSION
                              "ORDER_CHANGE: a.b == 'MFN' && c in ['x', 'y']\n" EXPRESSION
                              "PRICING_HEALTH:has(a)",
                   "");
    expect_webhook(REGISTERED "subscribe = ORDER_CHANGE\nmarketplaces = A1PA6795UKMFR9\n"
                              "aggregation = 5m",
                   "dockbell.conf:18: [seller b] marketplaces: no type in subscribe takes it: for "
                   "ORDER_CHANGE say it in filter_expression\n"
                   "dockbell.conf:19: [seller b] aggregation: no type in subscribe takes it\n");
    expect_webhook(REGISTERED
                   "subscribe = ORDER_CHANGE\norder_change_types = OrderStatusChange\n" EXPRESSION
                   "ORDER_CHANGE: a",
                   "dockbell.conf:19: [seller b] filter_expression: ORDER_CHANGE has "
                   "order_change_types as well, and Amazon takes only one of them for a type: say "
                   "it in the expression\n");
    expect_webhook(REGISTERED "subscribe = ORDER_CHANGE\n" EXPRESSION "PRICING_HEALTH: a",
                   "dockbell.conf:18: [seller b] filter_expression: PRICING_HEALTH is not in "
                   "subscribe\n");
}

static void filters_that_are_none(void **state)
{
    (void)state;
    expect_webhook(REGISTERED "subscribe = ORDER_CHANGE\n" EXPRESSION "ORDER_CHANGE: a\n" EXPRESSION
                              "ORDER_CHANGE: b",
                   "dockbell.conf:19: [seller b] filter_expression: ORDER_CHANGE has a filter "
                   "expression already\n");
    expect_webhook(
        REGISTERED "subscribe = ORDER_CHANGE\n" EXPRESSION "ORDER_CHANGE:",
        "dockbell.conf:18: [seller b] filter_expression: the expression for ORDER_CHANGE "
        "has 0 bytes: Amazon takes 1 to 256\n");
    expect_webhook(REGISTERED "subscribe = ANY_OFFER_CHANGED\naggregation = 7m\n"
                              "marketplaces = not-one",
                   "dockbell.conf:18: [seller b] aggregation: \"7m\" is neither 5m nor 10m\n"
                   "dockbell.conf:19: [seller b] marketplaces: \"not-one\" is not a marketplace id "
                   "such as A1PA6795UKMFR9\n");
}

static void types_amazon_may_not_know_are_noticed(void **state)
{
    (void)state;
    expect_webhook(REGISTERED "subscribe = ORDER_CHANGES",
                   "dockbell.conf:17: warning: [seller b] subscribe: ORDER_CHANGES is not a type "
                   "known here (is ORDER_CHANGE meant?): it is registered with payload version 1.0 "
                   "and passed on as it comes\n");
    expect_webhook(
        REGISTERED "subscribe = TYPE_OF_TOMORROW",
        "dockbell.conf:17: warning: [seller b] subscribe: TYPE_OF_TOMORROW is not a type "
        "known here: it is registered with payload version 1.0 and passed on as it "
        "comes\n");
    expect_webhook(REGISTERED "subscribe = ORDER_STATUS_CHANGE",
                   "dockbell.conf:17: warning: [seller b] subscribe: Amazon has removed "
                   "ORDER_STATUS_CHANGE: subscribe to ORDER_CHANGE in its place\n");
    expect_webhook(REGISTERED "subscribe = APPLICATION_OAUTH_CLIENT_NEW_SECRET",
                   "dockbell.conf:17: warning: [seller b] subscribe: "
                   "APPLICATION_OAUTH_CLIENT_NEW_SECRET is set up in the Developer Console "
                   "(Notification Preferences), not by subscribing: name this queue there and take "
                   "it out here\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(what_amazon_would_refuse_is_refused_first),
        IN_DIRECTORY(filters_for_types_that_take_them),
        IN_DIRECTORY(filters_that_are_none),
        IN_DIRECTORY(types_amazon_may_not_know_are_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
