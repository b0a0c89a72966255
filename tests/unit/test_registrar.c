/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/memory.h"
#include "registering.h"

static char *status_changes[] = {"OrderStatusChange", NULL};

/* ---- what is made ---- */

static void makes_everything_where_there_is_nothing(void **state)
{
    struct registering *w = *state;
    registering_give_tokens(w);
    w->sellers[0].order_change_types = status_changes;
    scripted_rule(w->http, .expect = DESTINATIONS, .body = NO_DESTINATIONS);
    scripted_rule(w->http, .expect = CREATE, .body = "{\"payload\":" DESTINATION("d1", ARN) "}");
    scripted_rule(w->http, .expect = LOOK, .body = NONE_LISTED);
    scripted_rule(w->http, .expect = SUBSCRIBE, .body = SUBSCRIPTION(""));
    registering_run(w);
    registering_reported(w, "acme: created - d1: destination d1 for " ARN "\n"
                            "acme: created ORDER_CHANGE s1: subscription s1\n");
    registering_called(w,
                       "GET destinations as grantless\n"
                       "POST destinations as grantless\n"
                       "GET subscriptions?notificationTypes=ORDER_CHANGE&pageSize=100 as of-acme\n"
                       "POST subscriptions/ORDER_CHANGE as of-acme\n");
    assert_part(registering_request(w, CREATE), "{\"name\":\"amazon-orders\"");
    const char *body = registering_request(w, SUBSCRIBE);
    assert_part(body, "\"destinationId\":\"d1\"");
    assert_part(body, "\"orderChangeTypes\":[\"OrderStatusChange\"]");
    assert_int_equal(w->failures + w->differences, 0);
}

static void keeps_what_is_as_it_should_be(void **state)
{
    struct registering *w = *state;
    registering_give_tokens(w);
    scripted_rule(
        w->http, .expect = DESTINATIONS,
        .body = "{\"payload\":[" DESTINATION(
            "d0", "arn:aws:sqs:eu-west-1:1:other") ","
                                                   "{\"destinationId\":\"d9\",\"resource\":{}}"
                                                   "," DESTINATION("d1", ARN) "]}");
    scripted_rule(w->http, .expect = LOOK, .body = LISTED(AS_WANTED));
    registering_run(w);
    registering_reported(w, "acme: found - d1: destination d1 for " ARN "\n"
                            "acme: kept ORDER_CHANGE s1: subscription s1\n");
    assert_int_equal(w->failures + w->differences, 0);
}

static void every_type_in_its_own_version(void **state)
{
    struct registering *w = *state;
    registering_give_tokens(w);
    w->sellers[0].types = registering_two_types;
    scripted_rule(w->http, .expect = DESTINATIONS, .body = ONE_DESTINATION);
    scripted_rule(w->http, .expect = LOOK, .body = LISTED(AS_WANTED));
    scripted_rule(w->http, .expect = LISTS("FEED_PROCESSING_FINISHED"), .body = NONE_LISTED);
    scripted_rule(w->http, .expect = "POST " API "subscriptions/FEED_PROCESSING_FINISHED\n",
                  .body = "{\"payload\":{\"subscriptionId\":\"s2\"}}");
    registering_run(w);
    registering_reported(w, "acme: found - d1: destination d1 for " ARN "\n"
                            "acme: kept ORDER_CHANGE s1: subscription s1\n"
                            "acme: created FEED_PROCESSING_FINISHED s2: subscription s2\n");
}

static void sellers_without_types_get_a_destination(void **state)
{
    struct registering *w = *state;
    registering_give_tokens(w);
    w->options.n_sellers = 2;
    w->sellers[0].types = NULL;
    scripted_rule(w->http, .expect = DESTINATIONS, .body = ONE_DESTINATION);
    scripted_rule(w->http, .expect = LOOK, .body = LISTED(AS_WANTED));
    registering_run(w);
    registering_reported(w, "acme: found - d1: destination d1 for " ARN "\n"
                            "other: found - d1: destination d1 for " ARN "\n"
                            "other: kept ORDER_CHANGE s1: subscription s1\n");
}

static void nobody_to_register_is_done_at_once(void **state)
{
    struct registering *w = *state;
    w->options.n_sellers = 0;
    registering_run(w);
    registering_reported(w, "");
    assert_int_equal(scripted_request_count(w->http), 0);
}

/* ---- what differs ---- */

static void assert_difference(struct registering *w, const char *subscription, char **types,
                              const char *difference)
{
    AUTOFREE char *expected =
        memory_format("acme: found - d1: destination d1 for " ARN "\n"
                      "acme: different ORDER_CHANGE s1: subscription s1: %s\n",
                      difference);
    text_reset(&w->report);
    w->finished = false;
    w->sellers[0].order_change_types = types;
    scripted_rule(w->http, .expect = DESTINATIONS, .body = ONE_DESTINATION);
    scripted_rule(w->http, .expect = LOOK, .body = subscription);
    registering_run(w);
    registering_reported(w, expected);
    assert_int_equal(w->differences, 1);
    assert_int_equal(w->failures, 0);
}

#define FILTER(types) ",\"processingDirective\":{\"eventFilter\":{\"orderChangeTypes\":" types "}}"

static void says_what_differs_and_leaves_it_alone(void **state)
{
    struct registering *w = *state;
    registering_give_tokens(w);
    assert_difference(w, LISTED(",\"payloadVersion\":\"1.0\",\"destinationId\":\"d7\""), NULL,
                      "it goes to destination d7 instead of d1");
    assert_difference(w, LISTED(",\"payloadVersion\":\"0.9\",\"destinationId\":\"d1\""), NULL,
                      "payload version 0.9 instead of 1.0");
    assert_difference(w, LISTED(AS_WANTED FILTER("[\"BuyerRequestedChange\"]")), status_changes,
                      "order change types: BuyerRequestedChange instead of OrderStatusChange");
    assert_difference(w, LISTED(AS_WANTED), status_changes,
                      "order change types: all instead of OrderStatusChange");
    assert_difference(w, LISTED(AS_WANTED FILTER("[\"OrderStatusChange\",\"X\"]")), status_changes,
                      "order change types: OrderStatusChange, X instead of OrderStatusChange");
    assert_difference(
        w, LISTED(AS_WANTED ",\"processingDirective\":{\"filterExpression\":\"price > 1\"}"), NULL,
        "filter expression price > 1 instead of none");
    assert_difference(w, LISTED(",\"payloadVersion\":\"0.9\",\"destinationId\":\"d7\""), NULL,
                      "it goes to destination d7 instead of d1; payload version 0.9 instead of "
                      "1.0");
}

/* Some of Amazon's hosts have no list, or refuse it: sandboxes, and before August 2026 all. */
static void looks_for_one_where_the_list_is_refused(void **state)
{
    struct registering *w = *state;
    registering_give_tokens(w);
    scripted_rule(w->http, .expect = DESTINATIONS, .body = ONE_DESTINATION);
    scripted_rule(w->http, .expect = LOOK, .status = 400, .body = REFUSAL("InvalidInput", ""));
    scripted_rule(w->http, .expect = LOOK_SINGLE, .body = SUBSCRIPTION(AS_WANTED));
    registering_run(w);
    registering_reported(w, "acme: found - d1: destination d1 for " ARN "\n"
                            "acme: kept ORDER_CHANGE s1: subscription s1\n");
    registering_called(w,
                       "GET destinations as grantless\n"
                       "GET subscriptions?notificationTypes=ORDER_CHANGE&pageSize=100 as of-acme\n"
                       "GET subscriptions/ORDER_CHANGE?payloadVersion=1.0 as of-acme\n");
}

/* With filter expressions a type can have several. */
static void of_several_the_one_that_comes_here_counts(void **state)
{
    struct registering *w = *state;
    static char *expressions[] = {"FEED_PROCESSING_FINISHED: x", "ORDER_CHANGE:  a == 'b'", NULL};
    registering_give_tokens(w);
    w->sellers[0].expressions = expressions;
    scripted_rule(w->http, .expect = DESTINATIONS, .body = ONE_DESTINATION);
    scripted_rule(w->http, .expect = LOOK,
                  .body = "{\"payload\":{\"subscriptions\":[{\"subscriptionId\":\"s0\","
                          "\"payloadVersion\":\"1.0\",\"destinationId\":\"d7\"},{"
                          "\"subscriptionId\":\"s1\"" AS_WANTED ",\"processingDirective\":{"
                          "\"filterExpression\":\"a == 'b'\"}}]}}");
    registering_run(w);
    registering_reported(w, "acme: found - d1: destination d1 for " ARN "\n"
                            "acme: kept ORDER_CHANGE s1: subscription s1\n");
}

#define LISTED_WITH(id, destination, next)                                                         \
    "{\"payload\":{\"subscriptions\":[{\"subscriptionId\":\"" id "\",\"payloadVersion\":\"1.0\","  \
    "\"destinationId\":\"" destination "\"}]" next "}}"

static void on_subscription(const char *seller, const char *type, const char *id,
                            enum subscription_event event, void *userdata)
{
    struct registering *w = userdata;
    (void)event;
    text_appendf(&w->report, "%s: %s %s is there\n", seller, type, id);
}

static void reads_the_list_to_its_end(void **state)
{
    struct registering *w = *state;
    registering_give_tokens(w);
    w->options.subscription = on_subscription;
    scripted_rule(w->http, .expect = DESTINATIONS, .body = ONE_DESTINATION);
    scripted_rule(w->http, .expect = LOOK,
                  .body = LISTED_WITH("s1", "d7", ",\"nextToken\":\"two\""));
    scripted_rule(w->http, .expect = "nextToken=two", .times = 2,
                  .body = LISTED_WITH("s2", "d1", ",\"nextToken\":\"three\""));
    scripted_rule(w->http, .expect = "nextToken=three", .body = LISTED_WITH("s3", "d8", ""));
    registering_run(w);
    registering_reported(w, "acme: found - d1: destination d1 for " ARN "\n"
                            "acme: ORDER_CHANGE s1 is there\n"
                            "acme: ORDER_CHANGE s2 is there\n"
                            "acme: ORDER_CHANGE s3 is there\n"
                            "acme: ORDER_CHANGE s2 is there\n"
                            "acme: kept ORDER_CHANGE s2: subscription s2\n");
}

static void ends_a_list_that_has_no_end(void **state)
{
    struct registering *w = *state;
    registering_give_tokens(w);
    scripted_rule(w->http, .expect = DESTINATIONS, .body = ONE_DESTINATION);
    scripted_rule(w->http, .expect = LOOK, .times = -1,
                  .body = LISTED_WITH("s1", "d1", ",\"nextToken\":\"again\""));
    registering_run(w);
    registering_reported(w, "acme: found - d1: destination d1 for " ARN "\n"
                            "acme: kept ORDER_CHANGE s1: subscription s1\n");
}

static void filters_are_asked_for(void **state)
{
    struct registering *w = *state;
    static char *types[] = {"ANY_OFFER_CHANGED", "FEED_PROCESSING_FINISHED", NULL};
    static char *places[] = {"M1", NULL};
    static char *expressions[] = {"FEED_PROCESSING_FINISHED: has(x)", NULL};
    registering_give_tokens(w);
    w->sellers[0].types = types;
    w->sellers[0].marketplaces = places;
    w->sellers[0].aggregation = "TenMinutes";
    w->sellers[0].expressions = expressions;
    scripted_rule(w->http, .expect = DESTINATIONS, .body = ONE_DESTINATION);
    scripted_rule(w->http, .expect = "GET ", .times = 4, .status = 404);
    scripted_rule(w->http, .expect = "POST ", .times = 2, .body = SUBSCRIPTION(""));
    registering_run(w);
    const char *offers = registering_request(w, "POST " API "subscriptions/ANY_OFFER_CHANGED\n");
    assert_part(offers, "\"marketplaceIds\":[\"M1\"]");
    assert_part(offers, "\"aggregationTimePeriod\":\"TenMinutes\"");
    assert_part(registering_request(w, "POST " API "subscriptions/FEED_PROCESSING_FINISHED\n"),
                "{\"filterExpression\":\"has(x)\"}");
    assert_int_equal(w->failures, 0);
}

/* ---- taking away ---- */

static void unregisters(void **state)
{
    struct registering *w = *state;
    registering_give_tokens(w);
    w->options.task = REGISTRAR_UNREGISTER;
    w->sellers[0].types = registering_two_types;
    scripted_rule(w->http, .expect = DESTINATIONS, .body = ONE_DESTINATION);
    scripted_rule(w->http, .expect = LOOK, .body = LISTED(AS_WANTED));
    scripted_rule(w->http, .expect = LISTS("FEED_PROCESSING_FINISHED"),
                  .body = LISTED(",\"destinationId\":\"d7\""));
    scripted_rule(w->http, .expect = DELETE, .body = "{}");
    scripted_rule(w->http, .expect = "DELETE " API "destinations/d1\n", .body = "{}");
    registering_run(w);
    registering_reported(w,
                         "acme: found - d1: destination d1 for " ARN "\n"
                         "acme: deleted ORDER_CHANGE s1: subscription s1\n"
                         "acme: absent FEED_PROCESSING_FINISHED -: no subscription to this queue\n"
                         "acme: deleted - d1: destination d1 for " ARN "\n");
    assert_int_equal(scripted_unused(w->http), 0);
}

static void a_destination_in_use_is_kept(void **state)
{
    struct registering *w = *state;
    registering_give_tokens(w);
    w->options.task = REGISTRAR_UNREGISTER;
    scripted_rule(w->http, .expect = DESTINATIONS, .body = ONE_DESTINATION);
    scripted_rule(w->http, .expect = LOOK, .body = NONE_LISTED);
    scripted_rule(w->http, .expect = "DELETE " API "destinations/d1\n", .status = 403,
                  .body = REFUSAL("Unauthorized", "Destination has subscriptions"));
    registering_run(w);
    registering_reported(w, "acme: found - d1: destination d1 for " ARN "\n"
                            "acme: absent ORDER_CHANGE -: no subscription to this queue\n"
                            "acme: kept - d1: destination d1: it still has subscriptions\n");
    assert_int_equal(w->failures, 0);
}

/* To ask for the destination's end would be wrong while one of our own still uses it. */
static void a_subscription_that_stays_keeps_the_destination(void **state)
{
    struct registering *w = *state;
    registering_give_tokens(w);
    w->options.task = REGISTRAR_UNREGISTER;
    scripted_rule(w->http, .expect = DESTINATIONS, .body = ONE_DESTINATION);
    scripted_rule(w->http, .expect = LOOK, .body = LISTED(AS_WANTED));
    scripted_rule(w->http, .expect = DELETE, .status = 400, .body = REFUSAL("InvalidInput", "no"));
    registering_run(w);
    registering_reported(w, "acme: found - d1: destination d1 for " ARN "\n"
                            "acme: failed ORDER_CHANGE -: deleteSubscriptionById ORDER_CHANGE: "
                            "InvalidInput: no\n"
                            "acme: kept - d1: destination d1: not every subscription could be "
                            "deleted; run the command again\n");
    assert_int_equal(w->failures, 1);
}

static void who_shares_the_destination_does_not_delete_it(void **state)
{
    struct registering *w = *state;
    registering_give_tokens(w);
    w->options.task = REGISTRAR_UNREGISTER;
    w->sellers[0].keeps_destination = true;
    scripted_rule(w->http, .expect = DESTINATIONS, .body = ONE_DESTINATION);
    scripted_rule(w->http, .expect = LOOK, .body = NONE_LISTED);
    registering_run(w);
    assert_no_part(w->report.data, "deleted");
    assert_int_equal(w->failures, 0);
}

static void a_dry_run_takes_nothing_away(void **state)
{
    struct registering *w = *state;
    registering_give_tokens(w);
    w->options.task = REGISTRAR_UNREGISTER;
    w->options.dry_run = true;
    scripted_rule(w->http, .expect = DESTINATIONS, .body = ONE_DESTINATION);
    scripted_rule(w->http, .expect = LOOK, .body = LISTED(AS_WANTED));
    registering_run(w);
    registering_reported(w, "acme: found - d1: destination d1 for " ARN "\n"
                            "acme: would delete ORDER_CHANGE s1: subscription s1\n"
                            "acme: would delete - d1: destination d1 for " ARN "\n");
}

static void the_same_change_types_in_another_order(void **state)
{
    struct registering *w = *state;
    static char *types[] = {"OrderStatusChange", "BuyerRequestedChange", NULL};
    registering_give_tokens(w);
    w->sellers[0].order_change_types = types;
    scripted_rule(w->http, .expect = DESTINATIONS, .body = ONE_DESTINATION);
    scripted_rule(w->http, .expect = LOOK,
                  .body = LISTED(AS_WANTED FILTER("[\"BuyerRequestedChange\","
                                                  "\"OrderStatusChange\"]")));
    registering_run(w);
    assert_int_equal(w->differences, 0);
}

static void recreate_deletes_and_creates(void **state)
{
    struct registering *w = *state;
    registering_give_tokens(w);
    w->options.recreate = true;
    scripted_rule(w->http, .expect = DESTINATIONS, .body = ONE_DESTINATION);
    scripted_rule(w->http, .expect = LOOK,
                  .body = LISTED(",\"payloadVersion\":\"0.9\",\"destinationId\":\"d1\""));
    scripted_rule(w->http, .expect = DELETE, .body = "{}");
    scripted_rule(w->http, .expect = SUBSCRIBE,
                  .body = "{\"payload\":{\"subscriptionId\":"
                          "\"s2\"}}");
    registering_run(w);
    registering_reported(w, "acme: found - d1: destination d1 for " ARN "\n"
                            "acme: deleted ORDER_CHANGE s1: subscription s1\n"
                            "acme: created ORDER_CHANGE s2: subscription s2\n");
    registering_called(w,
                       "GET destinations as grantless\n"
                       "GET subscriptions?notificationTypes=ORDER_CHANGE&pageSize=100 as of-acme\n"
                       "DELETE subscriptions/ORDER_CHANGE/s1 as grantless\n"
                       "POST subscriptions/ORDER_CHANGE as of-acme\n");
}

/* Amazon takes the grantless token for some types, the seller's for others. */
static void deletes_as_the_seller_where_it_must(void **state)
{
    struct registering *w = *state;
    registering_give_tokens(w);
    w->options.recreate = true;
    w->sellers[0].types = registering_two_types;
    scripted_rule(w->http, .expect = DESTINATIONS, .body = ONE_DESTINATION);
    scripted_rule(w->http, .expect = LOOK, .body = LISTED(AS_WANTED));
    scripted_rule(w->http, .expect = DELETE, .status = 403, .body = REFUSAL("Unauthorized", ""));
    scripted_rule(w->http, .expect = DELETE, .status = 404, .body = REFUSAL("NotFound", ""));
    scripted_rule(w->http, .expect = SUBSCRIBE, .body = SUBSCRIPTION(""));
    scripted_rule(w->http, .expect = LISTS("FEED_PROCESSING_FINISHED"), .body = LISTED(AS_WANTED));
    scripted_rule(w->http, .expect = "FEED_PROCESSING_FINISHED", .times = 2,
                  .body = SUBSCRIPTION(AS_WANTED));
    registering_run(w);
    registering_called(
        w, "GET destinations as grantless\n"
           "GET subscriptions?notificationTypes=ORDER_CHANGE&pageSize=100 as of-acme\n"
           "DELETE subscriptions/ORDER_CHANGE/s1 as grantless\n"
           "DELETE subscriptions/ORDER_CHANGE/s1 as of-acme\n"
           "POST subscriptions/ORDER_CHANGE as of-acme\n"
           "GET subscriptions?notificationTypes=FEED_PROCESSING_FINISHED&pageSize=100 as of-acme\n"
           "DELETE subscriptions/FEED_PROCESSING_FINISHED/s1 as grantless\n"
           "POST subscriptions/FEED_PROCESSING_FINISHED as of-acme\n");
    assert_int_equal(w->failures, 0);
}

static void who_may_not_delete_at_all_is_told(void **state)
{
    struct registering *w = *state;
    registering_give_tokens(w);
    w->options.recreate = true;
    scripted_rule(w->http, .expect = DESTINATIONS, .body = ONE_DESTINATION);
    scripted_rule(w->http, .expect = LOOK, .body = LISTED(AS_WANTED));
    scripted_rule(w->http, .expect = DELETE, .times = 2, .status = 403,
                  .body = REFUSAL("Unauthorized", "no role"));
    registering_run(w);
    assert_part(w->report.data, "acme: failed ORDER_CHANGE -: deleteSubscription");
    assert_int_equal(w->failures, 1);
    assert_int_equal(scripted_unused(w->http), 0);
}

static void a_dry_run_only_reads(void **state)
{
    struct registering *w = *state;
    registering_give_tokens(w);
    w->options.dry_run = w->options.recreate = true;
    w->sellers[0].types = registering_two_types;
    scripted_rule(w->http, .expect = DESTINATIONS, .body = NO_DESTINATIONS);
    scripted_rule(w->http, .expect = LOOK, .body = NONE_LISTED);
    scripted_rule(w->http, .expect = LISTS("FEED_PROCESSING_FINISHED"),
                  .body = LISTED(",\"payloadVersion\":\"2020-09-04\",\"destinationId\":"
                                 "\"d7\""));
    registering_run(w);
    registering_reported(
        w, "acme: would create - -: a destination for " ARN "\n"
           "acme: would create ORDER_CHANGE -: a subscription\n"
           "acme: would replace FEED_PROCESSING_FINISHED s1: subscription s1: it goes to "
           "another destination\n");
    registering_called(
        w,
        "GET destinations as grantless\n"
        "GET subscriptions?notificationTypes=ORDER_CHANGE&pageSize=100 as of-acme\n"
        "GET subscriptions?notificationTypes=FEED_PROCESSING_FINISHED&pageSize=100 as of-acme\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_REGISTERING(makes_everything_where_there_is_nothing),
        IN_REGISTERING(keeps_what_is_as_it_should_be),
        IN_REGISTERING(every_type_in_its_own_version),
        IN_REGISTERING(sellers_without_types_get_a_destination),
        IN_REGISTERING(nobody_to_register_is_done_at_once),
        IN_REGISTERING(says_what_differs_and_leaves_it_alone),
        IN_REGISTERING(looks_for_one_where_the_list_is_refused),
        IN_REGISTERING(of_several_the_one_that_comes_here_counts),
        IN_REGISTERING(reads_the_list_to_its_end),
        IN_REGISTERING(ends_a_list_that_has_no_end),
        IN_REGISTERING(filters_are_asked_for),
        IN_REGISTERING(unregisters),
        IN_REGISTERING(a_destination_in_use_is_kept),
        IN_REGISTERING(a_subscription_that_stays_keeps_the_destination),
        IN_REGISTERING(who_shares_the_destination_does_not_delete_it),
        IN_REGISTERING(a_dry_run_takes_nothing_away),
        IN_REGISTERING(the_same_change_types_in_another_order),
        IN_REGISTERING(recreate_deletes_and_creates),
        IN_REGISTERING(deletes_as_the_seller_where_it_must),
        IN_REGISTERING(who_may_not_delete_at_all_is_told),
        IN_REGISTERING(a_dry_run_only_reads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
