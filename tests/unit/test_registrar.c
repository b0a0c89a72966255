/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "amazon/lwa.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "fake_clock.h"
#include "fake_loop.h"
#include "relay/registrar.h"
#include "scripted_http.h"

#define ARN "arn:aws:sqs:eu-west-1:444455556666:amazon-orders"
#define API "https://sp.example/notifications/v1/"

/* Requests, as far as rules have to tell them apart. */
#define GRANTLESS    "client_credentials"
#define SELLER       "grant_type=refresh_token"
#define DESTINATIONS "GET " API "destinations\n"
#define CREATE       "POST " API "destinations\n"
#define LOOK         "GET " API "subscriptions/ORDER_CHANGE?"
#define SUBSCRIBE    "POST " API "subscriptions/ORDER_CHANGE\n"
#define DELETE       "DELETE " API "subscriptions/ORDER_CHANGE/s1\n"

/* Answers. */
#define DESTINATION(id, arn)                                                                       \
    "{\"destinationId\":\"" id "\",\"name\":\"n\",\"resource\":{\"sqs\":{\"arn\":\"" arn "\"}}}"
#define NO_DESTINATIONS  "{\"payload\":[]}"
#define ONE_DESTINATION  "{\"payload\":[" DESTINATION("d1", ARN) "]}"
#define SUBSCRIPTION(as) "{\"payload\":{\"subscriptionId\":\"s1\"" as "}}"
#define AS_WANTED        ",\"payloadVersion\":\"1.0\",\"destinationId\":\"d1\""
#define REFUSAL(code, details)                                                                     \
    "{\"errors\":[{\"code\":\"" code "\",\"message\":\"m\",\"details\":\"" details "\"}]}"

static char *order_change[] = {"ORDER_CHANGE", NULL};
static char *two_types[] = {"ORDER_CHANGE", "FEED_PROCESSING_FINISHED", NULL};
static char *status_changes[] = {"OrderStatusChange", NULL};

struct world {
    sd_event *event;
    struct http *http;
    struct lwa *lwa;
    struct secret refresh[2];
    struct registrar_seller sellers[2];
    struct registrar_options options;
    struct registrar *registrar;
    struct text report; /* a line for each */
    bool finished;
    unsigned failures, differences;
};

static void on_report(const struct registration *registration, void *userdata)
{
    struct world *w = userdata;
    text_appendf(&w->report, "%s: %s %s %s: %s\n", registration->seller,
                 registration_result_name(registration->result),
                 registration->type ? registration->type : "-",
                 registration->id ? registration->id : "-", registration->text);
    assert_true((registration->error != NULL) == (registration->result == REGISTRATION_FAILED));
}

static void on_finished(unsigned failures, unsigned differences, void *userdata)
{
    struct world *w = userdata;
    assert_false(w->finished);
    w->finished = true;
    w->failures = failures;
    w->differences = differences;
    /* As the header allows. */
    registrar_free(TAKE(w->registrar));
}

static int setup(void **state)
{
    struct world *w = NEW(struct world);
    struct secret client_secret = {0};
    assert_int_equal(sd_event_new(&w->event), 0);
    assert_int_equal(http_new(&w->http, w->event, "test"), 0);
    secret_set(&client_secret, "secret", 6);
    secret_set(&w->refresh[0], "Atzr|acme", 9);
    secret_set(&w->refresh[1], "Atzr|other", 10);
    assert_int_equal(lwa_new(&w->lwa, &(struct lwa_options){.event = w->event,
                                                            .http = w->http,
                                                            .client_id = "client",
                                                            .client_secret = &client_secret}),
                     0);
    secret_clear(&client_secret);
    w->sellers[0] =
        (struct registrar_seller){"acme", "eu", ARN, &w->refresh[0], order_change, NULL};
    w->sellers[1] =
        (struct registrar_seller){"other", "eu", ARN, &w->refresh[1], order_change, NULL};
    w->options = (struct registrar_options){.event = w->event,
                                            .http = w->http,
                                            .lwa = w->lwa,
                                            .endpoint = "https://sp.example",
                                            .sellers = w->sellers,
                                            .n_sellers = 1,
                                            .report = on_report,
                                            .finished = on_finished,
                                            .userdata = w};
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;
    registrar_free(w->registrar);
    lwa_free(w->lwa);
    http_free(w->http);
    sd_event_unref(w->event);
    secret_clear(&w->refresh[0]);
    secret_clear(&w->refresh[1]);
    text_clear(&w->report);
    free(w);
    return 0;
}

/* Tokens for as long as it takes: "grantless", and each seller's own. */
static void give_tokens(struct world *w)
{
    scripted_rule(w->http, .expect = GRANTLESS, .times = -1,
                  .body = "{\"access_token\":\"grantless\",\"expires_in\":3600}");
    scripted_rule(w->http, .expect = "Atzr%7Cacme", .times = -1,
                  .body = "{\"access_token\":\"of-acme\",\"expires_in\":3600}");
    scripted_rule(w->http, .expect = "Atzr%7Cother", .times = -1,
                  .body = "{\"access_token\":\"of-other\",\"expires_in\":3600}");
}

static bool is_finished(void *userdata)
{
    return ((struct world *)userdata)->finished;
}

static void run(struct world *w)
{
    assert_int_equal(registrar_new(&w->registrar, &w->options), 0);
    registrar_start(w->registrar);
    if (!fake_loop_until(w->event, is_finished, w, USEC_PER_HOUR))
        fail_msg("it does not end:\n%s", w->report.data ? w->report.data : "");
    fake_loop_rest(w->event);
}

static void assert_report(const struct world *w, const char *expected)
{
    assert_string_equal(w->report.data ? w->report.data : "", expected);
}

/* Every call to the API (not to LWA) in a line: what is asked, by whose token. */
static void assert_calls(const struct world *w, const char *expected)
{
    AUTOTEXT struct text calls = {0};
    const char *request;
    for (size_t i = 0; (request = scripted_request(w->http, i)); i++) {
        const char *url = strstr(request, API), *end = strchr(request, '\n');
        if (!url || url > end)
            continue;
        const char *token = strstr(request, "x-amz-access-token: ") + 20;
        text_append(&calls, request, (size_t)(url - request));
        text_append(&calls, url + strlen(API), (size_t)(end - url) - strlen(API));
        text_append_string(&calls, " as ");
        text_append(&calls, token, strcspn(token, "\n"));
        text_append_char(&calls, '\n');
    }
    assert_string_equal(calls.data, expected);
}

/* The first request that has `part` in it. */
static const char *find_request(const struct world *w, const char *part)
{
    const char *request;
    for (size_t i = 0; (request = scripted_request(w->http, i)); i++)
        if (strstr(request, part))
            return request;
    fail_msg("no request with \"%s\"", part);
    return NULL;
}

/* ---- what is made ---- */

static void makes_everything_where_there_is_nothing(void **state)
{
    struct world *w = *state;
    give_tokens(w);
    w->sellers[0].order_change_types = status_changes;
    scripted_rule(w->http, .expect = DESTINATIONS, .body = NO_DESTINATIONS);
    scripted_rule(w->http, .expect = CREATE, .body = "{\"payload\":" DESTINATION("d1", ARN) "}");
    scripted_rule(w->http, .expect = LOOK, .status = 404, .body = REFUSAL("NotFound", ""));
    scripted_rule(w->http, .expect = SUBSCRIBE, .body = SUBSCRIPTION(""));
    run(w);
    assert_report(w, "acme: created - d1: destination d1 for " ARN "\n"
                     "acme: created ORDER_CHANGE s1: subscription s1\n");
    assert_calls(w, "GET destinations as grantless\n"
                    "POST destinations as grantless\n"
                    "GET subscriptions/ORDER_CHANGE?payloadVersion=1.0 as of-acme\n"
                    "POST subscriptions/ORDER_CHANGE as of-acme\n");
    assert_non_null(strstr(find_request(w, CREATE), "{\"name\":\"amazon-orders\""));
    const char *body = find_request(w, SUBSCRIBE);
    assert_non_null(strstr(body, "\"destinationId\":\"d1\""));
    assert_non_null(strstr(body, "\"orderChangeTypes\":[\"OrderStatusChange\"]"));
    assert_int_equal(w->failures + w->differences, 0);
}

static void keeps_what_is_as_it_should_be(void **state)
{
    struct world *w = *state;
    give_tokens(w);
    scripted_rule(
        w->http, .expect = DESTINATIONS,
        .body = "{\"payload\":[" DESTINATION(
            "d0", "arn:aws:sqs:eu-west-1:1:other") ","
                                                   "{\"destinationId\":\"d9\",\"resource\":{}}"
                                                   "," DESTINATION("d1", ARN) "]}");
    scripted_rule(w->http, .expect = LOOK, .body = SUBSCRIPTION(AS_WANTED));
    run(w);
    assert_report(w, "acme: found - d1: destination d1 for " ARN "\n"
                     "acme: kept ORDER_CHANGE s1: subscription s1\n");
    assert_int_equal(w->failures + w->differences, 0);
}

static void every_type_in_its_own_version(void **state)
{
    struct world *w = *state;
    give_tokens(w);
    w->sellers[0].types = two_types;
    scripted_rule(w->http, .expect = DESTINATIONS, .body = ONE_DESTINATION);
    scripted_rule(w->http, .expect = LOOK, .body = SUBSCRIPTION(AS_WANTED));
    scripted_rule(w->http, .expect = "FEED_PROCESSING_FINISHED?payloadVersion=2020-09-04",
                  .status = 404);
    scripted_rule(w->http, .expect = "POST " API "subscriptions/FEED_PROCESSING_FINISHED\n",
                  .body = "{\"payload\":{\"subscriptionId\":\"s2\"}}");
    run(w);
    assert_report(w, "acme: found - d1: destination d1 for " ARN "\n"
                     "acme: kept ORDER_CHANGE s1: subscription s1\n"
                     "acme: created FEED_PROCESSING_FINISHED s2: subscription s2\n");
}

static void sellers_without_types_get_a_destination(void **state)
{
    struct world *w = *state;
    give_tokens(w);
    w->options.n_sellers = 2;
    w->sellers[0].types = NULL;
    scripted_rule(w->http, .expect = DESTINATIONS, .times = 2, .body = ONE_DESTINATION);
    scripted_rule(w->http, .expect = LOOK, .body = SUBSCRIPTION(AS_WANTED));
    run(w);
    assert_report(w, "acme: found - d1: destination d1 for " ARN "\n"
                     "other: found - d1: destination d1 for " ARN "\n"
                     "other: kept ORDER_CHANGE s1: subscription s1\n");
}

static void nobody_to_register_is_done_at_once(void **state)
{
    struct world *w = *state;
    w->options.n_sellers = 0;
    run(w);
    assert_report(w, "");
    assert_int_equal(scripted_request_count(w->http), 0);
}

/* ---- what differs ---- */

static void assert_difference(struct world *w, const char *subscription, char **types,
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
    run(w);
    assert_report(w, expected);
    assert_int_equal(w->differences, 1);
    assert_int_equal(w->failures, 0);
}

#define FILTER(types) ",\"processingDirective\":{\"eventFilter\":{\"orderChangeTypes\":" types "}}"

static void says_what_differs_and_leaves_it_alone(void **state)
{
    struct world *w = *state;
    give_tokens(w);
    assert_difference(w, SUBSCRIPTION(",\"payloadVersion\":\"1.0\",\"destinationId\":\"d7\""), NULL,
                      "it goes to destination d7 instead of d1");
    assert_difference(w, SUBSCRIPTION(",\"payloadVersion\":\"0.9\",\"destinationId\":\"d1\""), NULL,
                      "payload version 0.9 instead of 1.0");
    assert_difference(w, SUBSCRIPTION(AS_WANTED FILTER("[\"BuyerRequestedChange\"]")),
                      status_changes,
                      "order change types: BuyerRequestedChange instead of OrderStatusChange");
    assert_difference(w, SUBSCRIPTION(AS_WANTED), status_changes,
                      "order change types: all instead of OrderStatusChange");
    assert_difference(w, SUBSCRIPTION(AS_WANTED FILTER("[\"OrderStatusChange\",\"X\"]")),
                      status_changes,
                      "order change types: OrderStatusChange, X instead of OrderStatusChange");
    assert_difference(
        w, SUBSCRIPTION(AS_WANTED ",\"processingDirective\":{\"filterExpression\":\"price > 1\"}"),
        NULL, "it has the filter expression price > 1");
    assert_difference(w, SUBSCRIPTION(",\"payloadVersion\":\"0.9\",\"destinationId\":\"d7\""), NULL,
                      "it goes to destination d7 instead of d1; payload version 0.9 instead of "
                      "1.0");
}

static void the_same_change_types_in_another_order(void **state)
{
    struct world *w = *state;
    static char *types[] = {"OrderStatusChange", "BuyerRequestedChange", NULL};
    give_tokens(w);
    w->sellers[0].order_change_types = types;
    scripted_rule(w->http, .expect = DESTINATIONS, .body = ONE_DESTINATION);
    scripted_rule(w->http, .expect = LOOK,
                  .body = SUBSCRIPTION(AS_WANTED FILTER("[\"BuyerRequestedChange\","
                                                        "\"OrderStatusChange\"]")));
    run(w);
    assert_int_equal(w->differences, 0);
}

static void recreate_deletes_and_creates(void **state)
{
    struct world *w = *state;
    give_tokens(w);
    w->options.recreate = true;
    scripted_rule(w->http, .expect = DESTINATIONS, .body = ONE_DESTINATION);
    scripted_rule(w->http, .expect = LOOK,
                  .body = SUBSCRIPTION(",\"payloadVersion\":\"0.9\",\"destinationId\":\"d1\""));
    scripted_rule(w->http, .expect = DELETE, .body = "{}");
    scripted_rule(w->http, .expect = SUBSCRIBE,
                  .body = "{\"payload\":{\"subscriptionId\":"
                          "\"s2\"}}");
    run(w);
    assert_report(w, "acme: found - d1: destination d1 for " ARN "\n"
                     "acme: deleted ORDER_CHANGE s1: subscription s1\n"
                     "acme: created ORDER_CHANGE s2: subscription s2\n");
    assert_calls(w, "GET destinations as grantless\n"
                    "GET subscriptions/ORDER_CHANGE?payloadVersion=1.0 as of-acme\n"
                    "DELETE subscriptions/ORDER_CHANGE/s1 as grantless\n"
                    "POST subscriptions/ORDER_CHANGE as of-acme\n");
}

/* Amazon takes the grantless token for some types, the seller's for others. */
static void deletes_as_the_seller_where_it_must(void **state)
{
    struct world *w = *state;
    give_tokens(w);
    w->options.recreate = true;
    scripted_rule(w->http, .expect = DESTINATIONS, .body = ONE_DESTINATION);
    scripted_rule(w->http, .expect = LOOK, .body = SUBSCRIPTION(AS_WANTED));
    scripted_rule(w->http, .expect = DELETE, .status = 403, .body = REFUSAL("Unauthorized", ""));
    scripted_rule(w->http, .expect = DELETE, .status = 404, .body = REFUSAL("NotFound", ""));
    scripted_rule(w->http, .expect = SUBSCRIBE, .body = SUBSCRIPTION(""));
    run(w);
    assert_calls(w, "GET destinations as grantless\n"
                    "GET subscriptions/ORDER_CHANGE?payloadVersion=1.0 as of-acme\n"
                    "DELETE subscriptions/ORDER_CHANGE/s1 as grantless\n"
                    "DELETE subscriptions/ORDER_CHANGE/s1 as of-acme\n"
                    "POST subscriptions/ORDER_CHANGE as of-acme\n");
    assert_int_equal(w->failures, 0);
}

static void who_may_not_delete_at_all_is_told(void **state)
{
    struct world *w = *state;
    give_tokens(w);
    w->options.recreate = true;
    scripted_rule(w->http, .expect = DESTINATIONS, .body = ONE_DESTINATION);
    scripted_rule(w->http, .expect = LOOK, .body = SUBSCRIPTION(AS_WANTED));
    scripted_rule(w->http, .expect = DELETE, .times = 2, .status = 403,
                  .body = REFUSAL("Unauthorized", "no role"));
    run(w);
    assert_non_null(strstr(w->report.data, "acme: failed ORDER_CHANGE -: deleteSubscription"));
    assert_int_equal(w->failures, 1);
    assert_int_equal(scripted_unused(w->http), 0);
}

static void a_dry_run_only_reads(void **state)
{
    struct world *w = *state;
    give_tokens(w);
    w->options.dry_run = w->options.recreate = true;
    w->sellers[0].types = two_types;
    scripted_rule(w->http, .expect = DESTINATIONS, .body = NO_DESTINATIONS);
    scripted_rule(w->http, .expect = LOOK, .status = 404);
    scripted_rule(w->http, .expect = "GET " API "subscriptions/FEED",
                  .body = SUBSCRIPTION(",\"payloadVersion\":\"2020-09-04\",\"destinationId\":"
                                       "\"d7\""));
    run(w);
    assert_report(w, "acme: would create - -: a destination for " ARN "\n"
                     "acme: would create ORDER_CHANGE -: a subscription\n"
                     "acme: would replace FEED_PROCESSING_FINISHED s1: subscription s1: it goes to "
                     "another destination\n");
    assert_calls(w, "GET destinations as grantless\n"
                    "GET subscriptions/ORDER_CHANGE?payloadVersion=1.0 as of-acme\n"
                    "GET subscriptions/FEED_PROCESSING_FINISHED?payloadVersion=2020-09-04 as "
                    "of-acme\n");
}

/* ---- conflicts ---- */

/* A destination that somebody made meanwhile, and that Amazon's list shows late. */
static void looks_again_after_a_conflict(void **state)
{
    struct world *w = *state;
    give_tokens(w);
    scripted_rule(w->http, .expect = DESTINATIONS, .times = 3, .body = NO_DESTINATIONS);
    scripted_rule(w->http, .expect = DESTINATIONS, .body = ONE_DESTINATION);
    scripted_rule(w->http, .expect = CREATE, .times = 3, .status = 409,
                  .body = REFUSAL("Conflict", ""));
    /* The looks of the destination leave those of the first type untouched. */
    scripted_rule(w->http, .expect = LOOK, .status = 404);
    scripted_rule(w->http, .expect = SUBSCRIBE, .status = 409,
                  .body = REFUSAL("StateConflict", ""));
    scripted_rule(w->http, .expect = LOOK, .body = SUBSCRIPTION(AS_WANTED));
    uint64_t before = fake_boot_usec;
    run(w);
    assert_report(w, "acme: found - d1: destination d1 for " ARN "\n"
                     "acme: kept ORDER_CHANGE s1: subscription s1\n");
    assert_int_equal(scripted_unused(w->http), 0);
    assert_in_range(fake_boot_usec - before, 7 * USEC_PER_SEC, 8 * USEC_PER_SEC);
}

static void a_conflict_that_stays_is_a_failure(void **state)
{
    struct world *w = *state;
    give_tokens(w);
    scripted_rule(w->http, .expect = DESTINATIONS, .times = -1, .body = NO_DESTINATIONS);
    scripted_rule(w->http, .expect = CREATE, .times = 4, .status = 409,
                  .body = REFUSAL("Conflict", "it exists"));
    run(w);
    assert_report(w, "acme: failed - -: createDestination: Conflict: it exists\n");
    assert_int_equal(scripted_unused(w->http), 0);
}

static void a_subscription_that_stays_invisible_is_a_failure(void **state)
{
    struct world *w = *state;
    give_tokens(w);
    scripted_rule(w->http, .expect = DESTINATIONS, .body = ONE_DESTINATION);
    scripted_rule(w->http, .expect = LOOK, .times = -1, .status = 404);
    scripted_rule(w->http, .expect = SUBSCRIBE, .times = 4, .status = 409,
                  .body = REFUSAL("StateConflict", "it exists"));
    run(w);
    assert_non_null(strstr(w->report.data, "acme: failed ORDER_CHANGE -: createSubscription "
                                           "ORDER_CHANGE: StateConflict: it exists\n"));
    assert_int_equal(scripted_unused(w->http), 0);
}

/* ---- failures ---- */

static void an_expired_token_is_renewed_once(void **state)
{
    struct world *w = *state;
    scripted_rule(w->http, .expect = GRANTLESS,
                  .body = "{\"access_token\":\"old\",\"expires_in\":3600}");
    scripted_rule(w->http, .expect = GRANTLESS,
                  .body = "{\"access_token\":\"new\",\"expires_in\":3600}");
    scripted_rule(w->http, .expect = DESTINATIONS, .times = 2, .status = 403,
                  .body = REFUSAL("Unauthorized", "The access token you provided has expired."));
    run(w);
    assert_calls(w, "GET destinations as old\nGET destinations as new\n");
    assert_report(w, "acme: failed - -: getDestinations: Unauthorized: The access token you "
                     "provided has expired.\n");
    assert_int_equal(w->failures, 1);
}

/* Not to be taken for the refusal that asks for the seller's token. */
static void an_expired_token_while_deleting(void **state)
{
    struct world *w = *state;
    w->options.recreate = true;
    scripted_rule(w->http, .expect = GRANTLESS,
                  .body = "{\"access_token\":\"old\",\"expires_in\":3600}");
    give_tokens(w);
    scripted_rule(w->http, .expect = DESTINATIONS, .body = ONE_DESTINATION);
    scripted_rule(w->http, .expect = LOOK, .body = SUBSCRIPTION(AS_WANTED));
    scripted_rule(w->http, .expect = DELETE, .status = 403,
                  .body = REFUSAL("Unauthorized", "The access token you provided has expired."));
    scripted_rule(w->http, .expect = DELETE, .body = "{}");
    scripted_rule(w->http, .expect = SUBSCRIBE, .body = SUBSCRIPTION(""));
    run(w);
    assert_calls(w, "GET destinations as old\n"
                    "GET subscriptions/ORDER_CHANGE?payloadVersion=1.0 as of-acme\n"
                    "DELETE subscriptions/ORDER_CHANGE/s1 as old\n"
                    "DELETE subscriptions/ORDER_CHANGE/s1 as grantless\n"
                    "POST subscriptions/ORDER_CHANGE as of-acme\n");
}

static void waits_out_what_may_pass(void **state)
{
    struct world *w = *state;
    give_tokens(w);
    scripted_rule(w->http, .expect = DESTINATIONS, .status = 500);
    scripted_rule(w->http, .expect = DESTINATIONS, .fail = ERROR_RESET);
    scripted_rule(w->http, .expect = DESTINATIONS, .status = 429, .retry_after = "60",
                  .body = REFUSAL("QuotaExceeded", ""));
    scripted_rule(w->http, .expect = DESTINATIONS, .body = ONE_DESTINATION);
    scripted_rule(w->http, .expect = LOOK, .body = SUBSCRIPTION(AS_WANTED));
    uint64_t before = fake_boot_usec;
    run(w);
    assert_int_equal(w->failures, 0);
    assert_in_range(fake_boot_usec - before, 63 * USEC_PER_SEC, 64 * USEC_PER_SEC);
}

static void gives_up_after_so_many_tries(void **state)
{
    struct world *w = *state;
    give_tokens(w);
    w->options.n_sellers = 2;
    scripted_rule(w->http, .expect = DESTINATIONS, .times = REGISTRAR_TRIES_MAX, .status = 503);
    scripted_rule(w->http, .expect = DESTINATIONS, .body = ONE_DESTINATION);
    scripted_rule(w->http, .expect = LOOK, .body = SUBSCRIPTION(AS_WANTED));
    uint64_t before = fake_boot_usec;
    run(w);
    assert_report(w, "acme: failed - -: getDestinations: status 503\n"
                     "other: found - d1: destination d1 for " ARN "\n"
                     "other: kept ORDER_CHANGE s1: subscription s1\n");
    /* 1, 2, 4, 8 seconds, and a tenth at most */
    assert_in_range(fake_boot_usec - before, 15 * USEC_PER_SEC, 17 * USEC_PER_SEC);
}

static void a_refusal_is_not_tried_again(void **state)
{
    struct world *w = *state;
    give_tokens(w);
    w->sellers[0].types = two_types;
    scripted_rule(w->http, .expect = DESTINATIONS, .body = ONE_DESTINATION);
    scripted_rule(w->http, .expect = LOOK, .status = 400, .body = REFUSAL("InvalidInput", "bad"));
    scripted_rule(w->http, .expect = "GET " API "subscriptions/FEED",
                  .body = SUBSCRIPTION(",\"payloadVersion\":\"2020-09-04\",\"destinationId\":"
                                       "\"d1\""));
    run(w);
    assert_report(w, "acme: found - d1: destination d1 for " ARN "\n"
                     "acme: failed ORDER_CHANGE -: getSubscription ORDER_CHANGE: InvalidInput: "
                     "bad\n"
                     "acme: kept FEED_PROCESSING_FINISHED s1: subscription s1\n");
    assert_int_equal(w->failures, 1);
}

/* One word about the seller, not one for each of his types; and the next one gets his turn. */
static void a_revoked_authorisation_ends_its_seller_only(void **state)
{
    struct world *w = *state;
    w->options.n_sellers = 2;
    w->sellers[0].types = two_types;
    scripted_rule(w->http, .expect = "Atzr%7Cacme", .times = -1, .status = 400,
                  .body = "{\"error\":\"invalid_grant\"}");
    give_tokens(w);
    scripted_rule(w->http, .expect = DESTINATIONS, .times = 2, .body = ONE_DESTINATION);
    scripted_rule(w->http, .expect = LOOK, .body = SUBSCRIPTION(AS_WANTED));
    run(w);
    static const char first[] = "acme: found - d1: destination d1 for " ARN "\n"
                                "acme: failed - -: Login with Amazon refuses seller acme: "
                                "invalid_grant: the refresh token is wrong";
    static const char second[] = "\nother: found - d1: destination d1 for " ARN "\n"
                                 "other: kept ORDER_CHANGE s1: subscription s1\n";
    assert_memory_equal(w->report.data, first, strlen(first));
    assert_string_equal(strchr(w->report.data + strlen(first), '\n'), second);
    assert_int_equal(w->failures, 1);
    assert_null(strstr(w->report.data, "Atzr"));
}

static void what_amazon_makes_without_an_id_is_a_failure(void **state)
{
    struct world *w = *state;
    give_tokens(w);
    w->options.n_sellers = 2;
    scripted_rule(w->http, .expect = DESTINATIONS, .body = NO_DESTINATIONS);
    scripted_rule(w->http, .expect = DESTINATIONS, .body = ONE_DESTINATION);
    scripted_rule(w->http, .expect = CREATE, .body = "{\"payload\":{}}");
    scripted_rule(w->http, .expect = LOOK, .status = 404);
    scripted_rule(w->http, .expect = SUBSCRIBE, .body = "{\"payload\":{}}");
    run(w);
    assert_non_null(strstr(w->report.data, "acme: failed - -: createDestination: "));
    assert_non_null(strstr(w->report.data, "other: failed ORDER_CHANGE -: createSubscription"));
    assert_int_equal(w->failures, 2);
}

static void a_call_that_cannot_start_is_a_failure(void **state)
{
    struct world *w = *state;
    give_tokens(w);
    w->options.n_sellers = 2;
    w->sellers[0].arn = "no arn";
    scripted_rule(w->http, .expect = DESTINATIONS, .times = -1, .body = NO_DESTINATIONS);
    scripted_rule(w->http, .expect = CREATE, .body = "{\"payload\":" DESTINATION("d1", ARN) "}");
    scripted_rule(w->http, .expect = LOOK, .body = SUBSCRIPTION(AS_WANTED));
    run(w);
    assert_report(w, "acme: failed - -: the call could not be started: Invalid argument\n"
                     "other: created - d1: destination d1 for " ARN "\n"
                     "other: kept ORDER_CHANGE s1: subscription s1\n");
}

static void a_region_that_nobody_knows(void **state)
{
    struct world *w = *state;
    give_tokens(w);
    w->options.endpoint = NULL;
    w->sellers[0].region = "moon";
    run(w);
    assert_report(w, "acme: failed - -: the call could not be started: Invalid argument\n");
}

static void asks_in_the_sellers_region(void **state)
{
    struct world *w = *state;
    give_tokens(w);
    w->options.endpoint = NULL;
    w->options.n_sellers = 2;
    w->sellers[1].region = "fe";
    scripted_rule(w->http, .expect = "/destinations", .times = 2, .status = 400);
    run(w);
    find_request(w, "GET https://sellingpartnerapi-eu.amazon.com/notifications/v1/destinations\n");
    find_request(w, "GET https://sellingpartnerapi-fe.amazon.com/notifications/v1/destinations\n");
}

static void ends_in_the_middle_of_a_call(void **state)
{
    struct world *w = *state;
    assert_int_equal(registrar_new(&w->registrar, &w->options), 0);
    registrar_start(w->registrar);
    fake_loop_rest(w->event);
    assert_int_equal(http_in_flight(w->http), 1);
    registrar_free(TAKE(w->registrar));
    give_tokens(w);
    assert_int_equal(registrar_new(&w->registrar, &w->options), 0);
    registrar_start(w->registrar);
    scripted_answer(w->http, &(struct scripted_rule){
                                 .body = "{\"access_token\":\"late\",\"expires_in\":3600}"});
    fake_loop_rest(w->event);
    assert_calls(w, "GET destinations as late\n");
    registrar_free(TAKE(w->registrar));
    assert_int_equal(http_in_flight(w->http), 0);
    fake_loop_rest(w->event);
    assert_false(w->finished);
}

#define IN_WORLD(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_WORLD(makes_everything_where_there_is_nothing),
        IN_WORLD(keeps_what_is_as_it_should_be),
        IN_WORLD(every_type_in_its_own_version),
        IN_WORLD(sellers_without_types_get_a_destination),
        IN_WORLD(nobody_to_register_is_done_at_once),
        IN_WORLD(says_what_differs_and_leaves_it_alone),
        IN_WORLD(the_same_change_types_in_another_order),
        IN_WORLD(recreate_deletes_and_creates),
        IN_WORLD(deletes_as_the_seller_where_it_must),
        IN_WORLD(who_may_not_delete_at_all_is_told),
        IN_WORLD(a_dry_run_only_reads),
        IN_WORLD(looks_again_after_a_conflict),
        IN_WORLD(a_conflict_that_stays_is_a_failure),
        IN_WORLD(a_subscription_that_stays_invisible_is_a_failure),
        IN_WORLD(an_expired_token_is_renewed_once),
        IN_WORLD(an_expired_token_while_deleting),
        IN_WORLD(waits_out_what_may_pass),
        IN_WORLD(gives_up_after_so_many_tries),
        IN_WORLD(a_refusal_is_not_tried_again),
        IN_WORLD(a_revoked_authorisation_ends_its_seller_only),
        IN_WORLD(what_amazon_makes_without_an_id_is_a_failure),
        IN_WORLD(a_call_that_cannot_start_is_a_failure),
        IN_WORLD(a_region_that_nobody_knows),
        IN_WORLD(asks_in_the_sellers_region),
        IN_WORLD(ends_in_the_middle_of_a_call),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
