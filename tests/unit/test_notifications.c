/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "scripted_http.h"
#include "spapi/notifications.h"

#define ARN "arn:aws:sqs:eu-west-1:444455556666:amazon-orders"

/* What a callback saw, as text: what it points to is gone afterwards. */
struct world {
    sd_event *event;
    struct http *http;
    struct notifications *api;
    unsigned done;
    struct error error;
    struct text seen;
    double rate;
};

static int setup(void **state)
{
    struct world *world = NEW(struct world);
    if (sd_event_new(&world->event) < 0 || http_new(&world->http, world->event) < 0 ||
        notifications_new(&world->api, world->http, "https://sp.example/") < 0)
        return -1;
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    notifications_free(world->api);
    http_free(world->http);
    sd_event_unref(world->event);
    text_clear(&world->seen);
    free(world);
    return 0;
}

static const char *or_none(const char *string)
{
    return string ? string : "-";
}

static void on_answer(const struct notifications_answer *answer, void *userdata)
{
    struct world *world = userdata;
    const struct notifications_subscription *s = answer->subscription;
    world->error = answer->error;
    world->done++;
    text_reset(&world->seen);
    for (size_t i = 0; i < answer->destination_count; i++)
        text_appendf(&world->seen, "%s %s %s;", answer->destinations[i].id,
                     or_none(answer->destinations[i].name), or_none(answer->destinations[i].arn));
    for (size_t i = 0; i < answer->subscription_count; i++)
        text_appendf(&world->seen, "%s;", answer->subscriptions[i].id);
    if (answer->next_token)
        text_appendf(&world->seen, "next %s", answer->next_token);
    if (answer->in_use)
        text_append_string(&world->seen, "in use");
    world->rate = answer->rate;
    if (!s)
        return;
    text_appendf(&world->seen, "%s %s %s %s %s", s->id, or_none(s->payload_version),
                 or_none(s->destination_id), or_none(s->event_filter_type),
                 or_none(s->filter.expression));
    for (char *const *type = s->filter.order_change_types; type && *type; type++)
        text_appendf(&world->seen, " %s", *type);
    for (char *const *place = s->filter.marketplaces; place && *place; place++)
        text_appendf(&world->seen, " %s", *place);
    if (s->filter.aggregation)
        text_appendf(&world->seen, " %s", s->filter.aggregation);
}

static void turn(struct world *world, int started)
{
    unsigned before = world->done;
    assert_int_equal(started, 0);
    text_reset(&world->seen);
    while (sd_event_run(world->event, 0) > 0)
        continue;
    assert_int_equal(world->done, before + 1);
}

static void get_destinations(struct world *world)
{
    turn(world, notifications_get_destinations(world->api, "Atza|1", on_answer, world, NULL));
}

static void get_subscription(struct world *world)
{
    turn(world, notifications_get_subscription(world->api, "Atza|1", "ORDER_CHANGE", "1.0",
                                               on_answer, world, NULL));
}

static void assert_says(struct world *world, enum error_kind kind, const char *part)
{
    assert_string_equal(error_kind_name(world->error.kind), error_kind_name(kind));
    if (!strstr(world->error.text, part))
        fail_msg("\"%s\" is not in \"%s\"", part, world->error.text);
}

static void assert_seen(struct world *world, const char *expected)
{
    if (world->error.kind != ERROR_NONE)
        fail_msg("%s", world->error.text);
    assert_string_equal(world->seen.data ? world->seen.data : "", expected);
}

static void knows_the_regions(void **state)
{
    (void)state;
    assert_string_equal(notifications_endpoint("na"), "https://sellingpartnerapi-na.amazon.com");
    assert_string_equal(notifications_endpoint("eu"), "https://sellingpartnerapi-eu.amazon.com");
    assert_string_equal(notifications_endpoint("fe"), "https://sellingpartnerapi-fe.amazon.com");
    assert_null(notifications_endpoint("cn"));
    assert_null(notifications_endpoint(NULL));
}

static void lists_destinations(void **state)
{
    struct world *world = *state;
    scripted_rule(world->http,
                  .body = "{\"payload\":[{\"destinationId\":\"d1\",\"name\":\"n\",\"resource\":"
                          "{\"sqs\":{\"arn\":\"" ARN "\"},\"eventBridge\":null,\"privateSqs\":null,"
                          "\"webhook\":null}},{\"destinationId\":\"d2\",\"name\":null,\"resource\":"
                          "{\"sqs\":null,\"eventBridge\":{\"region\":\"x\"}}},"
                          "{\"destinationId\":null},{},7,{\"destinationId\":\"d3\"}],\"x\":1}");
    get_destinations(world);
    assert_seen(world, "d1 n " ARN ";d2 - -;d3 - -;");
    assert_string_equal(scripted_request(world->http, 0),
                        "GET https://sp.example/notifications/v1/destinations\n"
                        "x-amz-access-token: Atza|1\n"
                        "User-Agent: dockbell/" DOCKBELL_VERSION
                        " (Language=C/17; Platform=Linux)\n"
                        "Accept: application/json\nContent-Type: application/json\n\n");
    scripted_rule(world->http, .body = "{\"payload\":[]}");
    get_destinations(world);
    assert_seen(world, "");
}

static void creates_a_destination(void **state)
{
    struct world *world = *state;
    scripted_rule(world->http, .body = "{\"payload\":{\"destinationId\":\"d1\",\"name\":\"n\","
                                       "\"resource\":{\"sqs\":{\"arn\":\"" ARN "\"}}}}");
    turn(world, notifications_create_destination(world->api, "Atza|1", "na\"me", ARN, on_answer,
                                                 world, NULL));
    assert_seen(world, "d1 n " ARN ";");
    assert_non_null(strstr(scripted_request(world->http, 0),
                           "POST https://sp.example/notifications/v1/destinations\n"));
    assert_non_null(strstr(scripted_request(world->http, 0),
                           "\n\n{\"name\":\"na\\\"me\",\"resourceSpecification\":{\"sqs\":"
                           "{\"arn\":\"" ARN "\"}}}"));
    scripted_rule(world->http, .body = "{\"payload\":{}}");
    turn(world,
         notifications_create_destination(world->api, "Atza|1", "n", ARN, on_answer, world, NULL));
    assert_says(world, ERROR_PROTOCOL, "createDestination: the answer is not one of SP-API");
}

static void reads_a_subscription(void **state)
{
    struct world *world = *state;
    scripted_rule(world->http,
                  .body = "{\"payload\":{\"subscriptionId\":\"s1\",\"payloadVersion\":\"1.0\","
                          "\"destinationId\":\"d1\",\"processingDirective\":{\"eventFilter\":{"
                          "\"eventFilterType\":\"ORDER_CHANGE\",\"marketplaceIds\":null,"
                          "\"orderChangeTypes\":[\"OrderStatusChange\",7,"
                          "\"BuyerRequestedChange\"]}}},\"errors\":null}");
    get_subscription(world);
    assert_seen(world, "s1 1.0 d1 ORDER_CHANGE - OrderStatusChange BuyerRequestedChange");
    assert_non_null(strstr(scripted_request(world->http, 0),
                           "GET https://sp.example/notifications/v1/subscriptions/"
                           "ORDER_CHANGE?payloadVersion=1.0\n"));
    scripted_rule(world->http,
                  .body = "{\"payload\":{\"subscriptionId\":\"s1\",\"payloadVersion\":null,"
                          "\"processingDirective\":{\"filterExpression\":\"x == 1\"}}}");
    get_subscription(world);
    assert_seen(world, "s1 - - - x == 1");
    scripted_rule(world->http, .body = "{\"payload\":null}");
    get_subscription(world);
    assert_says(world, ERROR_PROTOCOL, "getSubscription ORDER_CHANGE: the answer is not one");
}

/* As a number it means the same. */
static void reads_a_version_that_is_a_number(void **state)
{
    static const struct {
        const char *json, *seen;
    } versions[] = {{"1.0", "s1 1.0 - - -"}, {"1", "s1 1.0 - - -"}, {"1.5", "s1 1.5 - - -"}};
    struct world *world = *state;
    for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
        AUTOFREE char *body = memory_format(
            "{\"payload\":{\"subscriptionId\":\"s1\",\"payloadVersion\":%s}}", versions[i].json);
        scripted_rule(world->http, .body = body);
        get_subscription(world);
        assert_seen(world, versions[i].seen);
    }
}

/* What stands before SP-API has no list of errors. */
static void a_bare_message_is_shown(void **state)
{
    struct world *world = *state;
    scripted_rule(world->http, .status = 403, .body = "{\"message\":\"Forbidden\"}");
    get_destinations(world);
    assert_says(world, ERROR_REFUSED, "getDestinations: status 403: Forbidden");
}

static void no_subscription_is_an_answer(void **state)
{
    struct world *world = *state;
    static const char body[] = "{\"errors\":[{\"code\":\"NotFound\",\"message\":\"none\"}]}";
    scripted_rule(world->http, .times = 2, .status = 404, .body = body);
    get_subscription(world);
    assert_seen(world, "");
    get_destinations(world);
    assert_says(world, ERROR_REFUSED, "getDestinations: NotFound: none");
}

static void subscribes(void **state)
{
    struct world *world = *state;
    char *types[] = {"OrderStatusChange", "BuyerRequestedChange", NULL};
    struct notifications_subscribe subscribe = {.type = "ORDER_CHANGE",
                                                .payload_version = "1.0",
                                                .destination_id = "d1",
                                                .filter.order_change_types = types};
    scripted_rule(world->http, .times = -1, .body = "{\"payload\":{\"subscriptionId\":\"s1\"}}");
    turn(world, notifications_create_subscription(world->api, "Atza|1", &subscribe, on_answer,
                                                  world, NULL));
    assert_seen(world, "s1 - - - -");
    assert_non_null(
        strstr(scripted_request(world->http, 0),
               "POST https://sp.example/notifications/v1/subscriptions/ORDER_CHANGE\n"));
    assert_non_null(strstr(scripted_request(world->http, 0),
                           "\n\n{\"payloadVersion\":\"1.0\",\"destinationId\":\"d1\","
                           "\"processingDirective\":{\"eventFilter\":{\"eventFilterType\":"
                           "\"ORDER_CHANGE\",\"orderChangeTypes\":[\"OrderStatusChange\","
                           "\"BuyerRequestedChange\"]}}}"));
    subscribe.filter.order_change_types = NULL;
    turn(world, notifications_create_subscription(world->api, "Atza|1", &subscribe, on_answer,
                                                  world, NULL));
    assert_non_null(strstr(scripted_request(world->http, 1),
                           "{\"eventFilter\":{\"eventFilterType\":\"ORDER_CHANGE\"}}}"));
    subscribe.type = "FBA/X";
    turn(world, notifications_create_subscription(world->api, "Atza|1", &subscribe, on_answer,
                                                  world, NULL));
    assert_non_null(strstr(scripted_request(world->http, 2), "/subscriptions/FBA%2FX\n"));
    assert_null(strstr(scripted_request(world->http, 2), "processingDirective"));
}

static void subscribes_with(struct world *world, const struct notifications_subscribe *subscribe,
                            const char *directive)
{
    size_t n = scripted_request_count(world->http);
    scripted_rule(world->http, .body = "{\"payload\":{\"subscriptionId\":\"s1\"}}");
    turn(world, notifications_create_subscription(world->api, "Atza|1", subscribe, on_answer, world,
                                                  NULL));
    AUTOFREE char *body =
        memory_format("\n\n{\"payloadVersion\":\"1.0\",\"destinationId\":\"d1\"%s}", directive);
    if (!strstr(scripted_request(world->http, n), body))
        fail_msg("%s is not in %s", body, scripted_request(world->http, n));
}

static void subscribes_with_filters(void **state)
{
    char *places[] = {"ATVPDKIKX0DER", NULL};
    struct notifications_subscribe offers = {"ANY_OFFER_CHANGED", "1.0", "d1", {0}};
    struct notifications_subscribe orders = {"ORDER_CHANGE", "1.0", "d1", {0}};
    subscribes_with(*state, &offers,
                    ",\"processingDirective\":{\"eventFilter\":{\"eventFilterType\":"
                    "\"ANY_OFFER_CHANGED\"}}");
    offers.filter.marketplaces = places;
    offers.filter.aggregation = "FiveMinutes";
    subscribes_with(*state, &offers,
                    ",\"processingDirective\":{\"eventFilter\":{\"eventFilterType\":"
                    "\"ANY_OFFER_CHANGED\",\"marketplaceIds\":[\"ATVPDKIKX0DER\"],"
                    "\"aggregationSettings\":{\"aggregationTimePeriod\":\"FiveMinutes\"}}}");
    orders.filter.expression = "has(OrderChangeNotification)";
    subscribes_with(*state, &orders,
                    ",\"processingDirective\":{\"filterExpression\":"
                    "\"has(OrderChangeNotification)\"}");
}

static void reads_all_of_a_filter(void **state)
{
    struct world *world = *state;
    scripted_rule(world->http,
                  .body = "{\"payload\":{\"subscriptionId\":\"s1\",\"processingDirective\":{"
                          "\"filterExpression\":null,\"eventFilter\":{\"eventFilterType\":"
                          "\"ANY_OFFER_CHANGED\",\"marketplaceIds\":[\"M1\",\"M2\"],"
                          "\"aggregationSettings\":{\"aggregationTimePeriod\":\"TenMinutes\"}}}}}");
    get_subscription(world);
    assert_seen(world, "s1 - - ANY_OFFER_CHANGED - M1 M2 TenMinutes");
}

static void lists_subscriptions_by_pages(void **state)
{
    struct world *world = *state;
    scripted_rule(world->http, .rate_limit = "2.5",
                  .body = "{\"payload\":{\"nextToken\":\"a/b\",\"subscriptions\":[{"
                          "\"subscriptionId\":\"s1\"},{\"destinationId\":\"d\"},{"
                          "\"subscriptionId\":\"s2\"}]}}");
    scripted_rule(world->http, .status = 404, .body = "{}");
    scripted_rule(world->http, .body = "{\"payload\":[]}");
    turn(world, notifications_get_subscriptions(world->api, "Atza|1", "ORDER_CHANGE", NULL, NULL,
                                                on_answer, world, NULL));
    assert_seen(world, "s1;s2;next a/b");
    assert_true(world->rate == 2.5);
    assert_non_null(strstr(scripted_request(world->http, 0),
                           "/subscriptions?notificationTypes=ORDER_CHANGE&pageSize=100\n"));
    turn(world, notifications_get_subscriptions(world->api, "Atza|1", "ORDER_CHANGE", "1.0", "a/b",
                                                on_answer, world, NULL));
    assert_seen(world, "");
    assert_non_null(strstr(scripted_request(world->http, 1),
                           "&payloadVersion=1.0&pageSize=100&nextToken=a%2Fb\n"));
    turn(world, notifications_get_subscriptions(world->api, "Atza|1", "ORDER_CHANGE", NULL, NULL,
                                                on_answer, world, NULL));
    assert_says(world, ERROR_PROTOCOL, "getSubscriptions ORDER_CHANGE");
}

static void finds_and_deletes_by_id(void **state)
{
    struct world *world = *state;
    scripted_rule(world->http, .body = "{\"payload\":{\"destinationId\":\"d1\"}}");
    turn(world, notifications_get_destination(world->api, "Atza|1", "d/1", on_answer, world, NULL));
    assert_seen(world, "d1 - -;");
    assert_non_null(strstr(scripted_request(world->http, 0), "/destinations/d%2F1\n"));
    scripted_rule(world->http, .body = "{\"payload\":{\"subscriptionId\":\"s1\"}}");
    turn(world, notifications_get_subscription_by_id(world->api, "Atza|1", "ORDER_CHANGE", "s1",
                                                     on_answer, world, NULL));
    assert_seen(world, "s1 - - - -");
    assert_non_null(strstr(scripted_request(world->http, 1), "/subscriptions/ORDER_CHANGE/s1\n"));
    scripted_rule(world->http, .body = "{}");
    turn(world,
         notifications_delete_destination(world->api, "Atza|1", "d1", on_answer, world, NULL));
    assert_seen(world, "");
    assert_non_null(strstr(scripted_request(world->http, 2), "DELETE https://sp.example/"));
}

static void tests_only_where_that_is_possible(void **state)
{
    struct world *world = *state;
    assert_true(notifications_is_sandbox("https://sandbox.sellingpartnerapi-eu.amazon.com"));
    assert_true(notifications_is_sandbox("http://127.0.0.1:8080"));
    assert_false(notifications_is_sandbox("https://sellingpartnerapi-eu.amazon.com"));
    assert_int_equal(notifications_send_test(world->api, "Atza|1", "ORDER_CHANGE", "d1", "1.0",
                                             NULL, on_answer, world, NULL),
                     -EOPNOTSUPP);
    notifications_free(world->api);
    assert_int_equal(notifications_new(&world->api, world->http, "https://sandbox.sp.example"), 0);
    scripted_rule(world->http, .body = "{}");
    turn(world, notifications_send_test(world->api, "Atza|1", "ORDER_CHANGE", "d1", "1.0", "x",
                                        on_answer, world, NULL));
    assert_seen(world, "");
    assert_non_null(
        strstr(scripted_request(world->http, 0), "/subscriptions/ORDER_CHANGE/testNotification\n"));
    assert_non_null(strstr(scripted_request(world->http, 0),
                           "{\"destinationId\":\"d1\",\"testNotification\":{"
                           "\"payloadVersion\":\"1.0\",\"testScenario\":\"x\"}}"));
}

static void unsubscribes(void **state)
{
    struct world *world = *state;
    scripted_rule(world->http, .body = "{}");
    turn(world, notifications_delete_subscription(world->api, "Atza|1", "ORDER_CHANGE", "s/1",
                                                  on_answer, world, NULL));
    assert_seen(world, "");
    assert_non_null(strstr(scripted_request(world->http, 0),
                           "DELETE https://sp.example/notifications/v1/subscriptions/ORDER_CHANGE/"
                           "s%2F1\n"));
}

#define ERRORS(code, message, details)                                                             \
    "{\"errors\":[{\"code\":\"" code "\",\"message\":\"" message "\",\"details\":\"" details "\"}" \
    "]}"

static void tells_refusals_apart(void **state)
{
    struct world *world = *state;
    static const struct {
        int status;
        const char *body;
        enum error_kind kind;
        const char *code, *text;
    } cases[] = {
        {403,
         ERRORS("Unauthorized", "Access to requested resource is denied.",
                "The access token you provided has expired."),
         ERROR_CREDENTIALS, "Unauthorized",
         "Unauthorized: The access token you provided has expired. [request r1]"},
        {403,
         ERRORS("Unauthorized", "Access to requested resource is denied.",
                "The access token you provided is revoked, malformed or invalid."),
         ERROR_CREDENTIALS, "Unauthorized", "revoked, malformed or invalid"},
        {403, ERRORS("Unauthorized", "Access to requested resource is denied.", ""), ERROR_REFUSED,
         "Unauthorized", "denied. (has the application the role for it"},
        {403,
         ERRORS("Unauthorized", "The requested action is forbidden.",
                "Destination has subscriptions"),
         ERROR_REFUSED, "Unauthorized", "Destination has subscriptions [request r1]"},
        {403, ERRORS("Unauthorized", "x", "The LWA secret token you provided has expired."),
         ERROR_CREDENTIALS, "Unauthorized", "client secret has expired"},
        {409, ERRORS("Conflict", "x", "A destination with arn X already exists"), ERROR_REFUSED,
         "Conflict", "Conflict: A destination with arn X already exists"},
        {400, ERRORS("InvalidInput", "bad\\nthing", ""), ERROR_REFUSED, "InvalidInput",
         "InvalidInput: bad\\nthing"},
        {500, ERRORS("InternalFailure", "x", ""), ERROR_STATUS, "InternalFailure",
         "InternalFailure"},
        {503, "<html>", ERROR_STATUS, "", "status 503"},
        {401, "", ERROR_CREDENTIALS, "", "status 401"},
        {302, "", ERROR_REFUSED, "", "status 302"},
        {204, "", ERROR_PROTOCOL, "", "status 204"},
        {400, "{\"errors\":[]}", ERROR_REFUSED, "", "status 400"},
        {400, "{\"errors\":[7]}", ERROR_REFUSED, "", "status 400"},
    };
    for (size_t i = 0; i < ELEMENTS(cases); i++) {
        scripted_rule(world->http, .status = cases[i].status, .body = cases[i].body,
                      .request_id = "r1");
        get_destinations(world);
        assert_says(world, cases[i].kind, cases[i].text);
        assert_says(world, cases[i].kind, "getDestinations: ");
        assert_string_equal(world->error.code, cases[i].code);
        assert_int_equal(world->error.status, cases[i].status);
    }
}

static void waits_for_the_quota(void **state)
{
    struct world *world = *state;
    static const char body[] = ERRORS("QuotaExceeded", "You exceeded your quota", "");
    scripted_rule(world->http, .status = 429, .body = body);
    get_destinations(world);
    assert_int_equal(world->error.kind, ERROR_THROTTLED);
    assert_int_equal(world->error.retry_after_usec, 0);
    scripted_rule(world->http, .status = 429, .body = body, .rate_limit = "0.5");
    get_destinations(world);
    assert_int_equal(world->error.retry_after_usec, 2 * USEC_PER_SEC);
    scripted_rule(world->http, .status = 429, .body = body, .retry_after = "9",
                  .rate_limit = "nonsense");
    get_destinations(world);
    assert_int_equal(world->error.retry_after_usec, 9 * USEC_PER_SEC);
}

static void a_transport_failure_names_the_operation(void **state)
{
    struct world *world = *state;
    scripted_rule(world->http, .fail = ERROR_TLS);
    get_subscription(world);
    assert_says(world, ERROR_TLS, "getSubscription ORDER_CHANGE: scripted tls");
}

static void on_answer_end(const struct notifications_answer *answer, void *userdata)
{
    struct world *world = userdata;
    notifications_free(TAKE(world->api));
    on_answer(answer, world); /* still there */
}

static void ends_cancels_and_lets_callbacks_end_it(void **state)
{
    struct world *world = *state;
    struct notifications_call *call;
    notifications_cancel(NULL);
    assert_int_equal(notifications_get_destinations(world->api, "t", on_answer, world, &call), 0);
    notifications_cancel(call);
    assert_int_equal(http_in_flight(world->http), 0);
    scripted_rule(world->http, .body = "{\"payload\":[{\"destinationId\":\"d1\"}]}");
    assert_int_equal(notifications_get_destinations(world->api, "t", on_answer_end, world, NULL),
                     0);
    turn(world, notifications_get_destinations(world->api, "t", on_answer, world, NULL));
    assert_seen(world, "d1 - -;");
    assert_int_equal(http_in_flight(world->http), 0);
    notifications_free(NULL);
    assert_int_equal(notifications_new(&world->api, world->http, "sp.example"), -EINVAL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_the_regions),
        TEST(lists_destinations),
        TEST(creates_a_destination),
        TEST(reads_a_subscription),
        TEST(reads_a_version_that_is_a_number),
        TEST(a_bare_message_is_shown),
        TEST(no_subscription_is_an_answer),
        TEST(subscribes),
        TEST(subscribes_with_filters),
        TEST(reads_all_of_a_filter),
        TEST(lists_subscriptions_by_pages),
        TEST(finds_and_deletes_by_id),
        TEST(tests_only_where_that_is_possible),
        TEST(unsubscribes),
        TEST(tells_refusals_apart),
        TEST(waits_for_the_quota),
        TEST(a_transport_failure_names_the_operation),
        TEST(ends_cancels_and_lets_callbacks_end_it),
    };
    return cmocka_run_group_tests_name("notifications", tests, NULL, NULL);
}
