/* SPDX-License-Identifier: MIT */
/* What the registrar does when Amazon says no. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/memory.h"
#include "registering.h"

/* ---- conflicts ---- */

/* A destination that somebody made meanwhile, and that Amazon's list shows late. */
static void looks_again_after_a_conflict(void **state)
{
    struct registering *w = *state;
    registering_give_tokens(w);
    scripted_rule(w->http, .expect = DESTINATIONS, .times = 3, .body = NO_DESTINATIONS);
    scripted_rule(w->http, .expect = DESTINATIONS, .body = ONE_DESTINATION);
    scripted_rule(w->http, .expect = CREATE, .times = 3, .status = 409,
                  .body = REFUSAL("Conflict", ""));
    /* The looks of the destination leave those of the first type untouched. */
    scripted_rule(w->http, .expect = LOOK, .body = NONE_LISTED);
    scripted_rule(w->http, .expect = SUBSCRIBE, .status = 409,
                  .body = REFUSAL("StateConflict", ""));
    scripted_rule(w->http, .expect = LOOK, .body = LISTED(AS_WANTED));
    uint64_t before = fake_boot_usec;
    registering_run(w);
    registering_reported(w, "acme: found - d1: destination d1 for " ARN "\n"
                            "acme: kept ORDER_CHANGE s1: subscription s1\n");
    assert_int_equal(scripted_unused(w->http), 0);
    assert_in_range(fake_boot_usec - before, 7 * USEC_PER_SEC, 8 * USEC_PER_SEC);
}

static void a_conflict_that_stays_is_a_failure(void **state)
{
    struct registering *w = *state;
    registering_give_tokens(w);
    scripted_rule(w->http, .expect = DESTINATIONS, .times = -1, .body = NO_DESTINATIONS);
    scripted_rule(w->http, .expect = CREATE, .times = 4, .status = 409,
                  .body = REFUSAL("Conflict", "it exists"));
    registering_run(w);
    registering_reported(w, "acme: failed - -: createDestination: Conflict: it exists\n");
    assert_int_equal(scripted_unused(w->http), 0);
}

static void a_subscription_that_stays_invisible_is_a_failure(void **state)
{
    struct registering *w = *state;
    registering_give_tokens(w);
    scripted_rule(w->http, .expect = DESTINATIONS, .body = ONE_DESTINATION);
    scripted_rule(w->http, .expect = LOOK, .times = -1, .status = 404);
    scripted_rule(w->http, .expect = LOOK_SINGLE, .times = 4, .status = 404);
    scripted_rule(w->http, .expect = SUBSCRIBE, .times = 4, .status = 409,
                  .body = REFUSAL("StateConflict", "it exists"));
    registering_run(w);
    assert_part(w->report.data, "acme: failed ORDER_CHANGE -: createSubscription "
                                "ORDER_CHANGE: StateConflict: it exists\n");
    assert_true(w->passes);
    assert_int_equal(scripted_unused(w->http), 0);
}

/* ---- lists that do not show it ---- */

static void without_a_list_the_single_subscription_is_asked_for(void **state)
{
    struct registering *w = *state;
    registering_give_tokens(w);
    scripted_rule(w->http, .expect = DESTINATIONS, .body = ONE_DESTINATION);
    scripted_rule(w->http, .expect = LOOK, .status = 404);
    scripted_rule(w->http, .expect = LOOK_SINGLE, .body = SUBSCRIPTION(AS_WANTED));
    registering_run(w);
    registering_reported(w, "acme: found - d1: destination d1 for " ARN "\n"
                            "acme: kept ORDER_CHANGE s1: subscription s1\n");
}

static void a_conflict_that_the_list_does_not_show_is_looked_up_singly(void **state)
{
    struct registering *w = *state;
    registering_give_tokens(w);
    scripted_rule(w->http, .expect = DESTINATIONS, .body = ONE_DESTINATION);
    scripted_rule(w->http, .expect = LOOK, .times = 2, .body = NONE_LISTED);
    scripted_rule(w->http, .expect = SUBSCRIBE, .status = 409,
                  .body = REFUSAL("StateConflict", "it exists"));
    scripted_rule(w->http, .expect = LOOK_SINGLE, .body = SUBSCRIPTION(AS_WANTED));
    registering_run(w);
    assert_int_equal(w->failures, 0);
    assert_part(w->report.data, "acme: kept ORDER_CHANGE s1");
}

/* ---- answers that are lost ---- */

/* Amazon made it; the answer was lost, or was a page of some proxy. */
static void what_amazon_made_unseen_is_not_made_twice(void **state)
{
    static const struct scripted_rule lost[] = {
        {.body = "<html>Bad Gateway</html>"},
        {.body = ""},
        {.fail = ERROR_TIMEOUT},
        {.fail = ERROR_RESET},
        {.body = "{\"payload\":{}}"},
    };
    struct registering *w = *state;
    registering_give_tokens(w);
    for (size_t i = 0; i < sizeof(lost) / sizeof(lost[0]); i++) {
        w->finished = false;
        w->report.size = 0;
        scripted_rule(w->http, .expect = DESTINATIONS, .body = NO_DESTINATIONS);
        scripted_rule(w->http, .expect = CREATE, .body = lost[i].body, .fail = lost[i].fail);
        scripted_rule(w->http, .expect = DESTINATIONS, .body = ONE_DESTINATION);
        scripted_rule(w->http, .expect = LOOK, .body = NONE_LISTED);
        scripted_rule(w->http, .expect = SUBSCRIBE, .body = lost[i].body, .fail = lost[i].fail);
        scripted_rule(w->http, .expect = LOOK, .body = LISTED(AS_WANTED));
        registering_run(w);
        registering_reported(w, "acme: created - d1: destination d1 for " ARN "\n"
                                "acme: created ORDER_CHANGE s1: subscription s1\n");
        assert_int_equal(w->failures, 0);
        assert_int_equal(scripted_unused(w->http), 0);
    }
}

static void what_was_not_made_after_all_is_made(void **state)
{
    struct registering *w = *state;
    registering_give_tokens(w);
    scripted_rule(w->http, .expect = DESTINATIONS, .times = 2, .body = NO_DESTINATIONS);
    scripted_rule(w->http, .expect = CREATE, .fail = ERROR_RESET);
    scripted_rule(w->http, .expect = CREATE, .body = "{\"payload\":" DESTINATION("d1", ARN) "}");
    scripted_rule(w->http, .expect = LOOK, .times = 2, .body = NONE_LISTED);
    scripted_rule(w->http, .expect = SUBSCRIBE, .fail = ERROR_RESET);
    scripted_rule(w->http, .expect = LOOK_SINGLE, .status = 404);
    scripted_rule(w->http, .expect = SUBSCRIBE, .body = SUBSCRIPTION(""));
    registering_run(w);
    assert_int_equal(w->failures, 0);
    assert_int_equal(scripted_unused(w->http), 0);
}

/* With `recreate` as well: what the lost call made is not deleted and made once more. */
static void an_unseen_replacement_is_kept(void **state)
{
    struct registering *w = *state;
    w->options.recreate = true;
    registering_give_tokens(w);
    scripted_rule(w->http, .expect = DESTINATIONS, .body = ONE_DESTINATION);
    scripted_rule(w->http, .expect = LOOK, .times = 2, .body = LISTED(AS_WANTED));
    scripted_rule(w->http, .expect = DELETE, .body = "{}");
    scripted_rule(w->http, .expect = SUBSCRIBE, .fail = ERROR_TIMEOUT);
    registering_run(w);
    assert_int_equal(w->failures, 0);
    assert_part(w->report.data, "acme: created ORDER_CHANGE s1: subscription s1\n");
}

static void an_answer_that_nobody_can_read_is_asked_for_again(void **state)
{
    struct registering *w = *state;
    registering_give_tokens(w);
    scripted_rule(w->http, .expect = DESTINATIONS, .body = "<html></html>");
    scripted_rule(w->http, .expect = DESTINATIONS, .body = "");
    scripted_rule(w->http, .expect = DESTINATIONS, .body = ONE_DESTINATION);
    scripted_rule(w->http, .expect = LOOK, .body = "");
    scripted_rule(w->http, .expect = LOOK, .body = LISTED(AS_WANTED));
    registering_run(w);
    assert_int_equal(w->failures, 0);
}

/* createDestination has answered, and the part of Amazon that subscribes does not know it yet. */
static void a_destination_that_is_too_new_is_waited_for(void **state)
{
    struct registering *w = *state;
    registering_give_tokens(w);
    scripted_rule(w->http, .expect = DESTINATIONS, .body = NO_DESTINATIONS);
    scripted_rule(w->http, .expect = CREATE, .body = "{\"payload\":" DESTINATION("d1", ARN) "}");
    scripted_rule(w->http, .expect = LOOK, .body = NONE_LISTED);
    scripted_rule(w->http, .expect = SUBSCRIBE, .times = 3, .status = 400,
                  .body = REFUSAL("InvalidInput", "No destination with id d1 for applicationId a"));
    scripted_rule(w->http, .expect = SUBSCRIBE, .body = SUBSCRIPTION(""));
    registering_run(w);
    assert_int_equal(w->failures, 0);
}

/* ---- failures ---- */

static void an_expired_token_is_renewed_once(void **state)
{
    struct registering *w = *state;
    scripted_rule(w->http, .expect = GRANTLESS,
                  .body = "{\"access_token\":\"old\",\"expires_in\":3600}");
    scripted_rule(w->http, .expect = GRANTLESS,
                  .body = "{\"access_token\":\"new\",\"expires_in\":3600}");
    scripted_rule(w->http, .expect = DESTINATIONS, .times = 2, .status = 403,
                  .body = REFUSAL("Unauthorized", "The access token you provided has expired."));
    registering_run(w);
    registering_called(w, "GET destinations as old\nGET destinations as new\n");
    registering_reported(w, "acme: failed - -: getDestinations: Unauthorized: The access token you "
                            "provided has expired.\n");
    assert_int_equal(w->failures, 1);
}

/* Not to be taken for the refusal that asks for the seller's token. */
static void an_expired_token_while_deleting(void **state)
{
    struct registering *w = *state;
    w->options.recreate = true;
    scripted_rule(w->http, .expect = GRANTLESS,
                  .body = "{\"access_token\":\"old\",\"expires_in\":3600}");
    registering_give_tokens(w);
    scripted_rule(w->http, .expect = DESTINATIONS, .body = ONE_DESTINATION);
    scripted_rule(w->http, .expect = LOOK, .body = LISTED(AS_WANTED));
    scripted_rule(w->http, .expect = DELETE, .status = 403,
                  .body = REFUSAL("Unauthorized", "The access token you provided has expired."));
    scripted_rule(w->http, .expect = DELETE, .body = "{}");
    scripted_rule(w->http, .expect = SUBSCRIBE, .body = SUBSCRIPTION(""));
    registering_run(w);
    registering_called(w,
                       "GET destinations as old\n"
                       "GET subscriptions?notificationTypes=ORDER_CHANGE&pageSize=100 as of-acme\n"
                       "DELETE subscriptions/ORDER_CHANGE/s1 as old\n"
                       "DELETE subscriptions/ORDER_CHANGE/s1 as grantless\n"
                       "POST subscriptions/ORDER_CHANGE as of-acme\n");
}

static void waits_out_what_may_pass(void **state)
{
    struct registering *w = *state;
    registering_give_tokens(w);
    scripted_rule(w->http, .expect = DESTINATIONS, .status = 500);
    scripted_rule(w->http, .expect = DESTINATIONS, .fail = ERROR_RESET);
    scripted_rule(w->http, .expect = DESTINATIONS, .status = 429, .retry_after = "60",
                  .body = REFUSAL("QuotaExceeded", ""));
    scripted_rule(w->http, .expect = DESTINATIONS, .body = ONE_DESTINATION);
    scripted_rule(w->http, .expect = LOOK, .body = LISTED(AS_WANTED));
    uint64_t before = fake_boot_usec;
    registering_run(w);
    assert_int_equal(w->failures, 0);
    assert_in_range(fake_boot_usec - before, 63 * USEC_PER_SEC, 64 * USEC_PER_SEC);
}

static void gives_up_after_so_many_tries(void **state)
{
    struct registering *w = *state;
    registering_give_tokens(w);
    w->options.n_sellers = 2;
    scripted_rule(w->http, .expect = DESTINATIONS, .times = OPERATION_TRIES_MAX, .status = 503);
    uint64_t before = fake_boot_usec;
    registering_run(w);
    registering_reported(w, "acme: failed - -: getDestinations: status 503\n"
                            "other: failed - -: getDestinations: status 503\n");
    assert_true(w->passes);
    assert_int_equal(scripted_unused(w->http), 0);
    /* 1, 2, 4, 8 seconds, and a tenth at most */
    assert_in_range(fake_boot_usec - before, 15 * USEC_PER_SEC, 17 * USEC_PER_SEC);
}

static void a_refusal_is_not_tried_again(void **state)
{
    struct registering *w = *state;
    registering_give_tokens(w);
    w->sellers[0].types = registering_two_types;
    scripted_rule(w->http, .expect = DESTINATIONS, .body = ONE_DESTINATION);
    scripted_rule(w->http, .expect = LOOK, .status = 403, .body = REFUSAL("Unauthorized", ""));
    scripted_rule(w->http, .expect = LOOK_SINGLE, .status = 400,
                  .body = REFUSAL("InvalidInput", "bad"));
    scripted_rule(w->http, .expect = LISTS("FEED_PROCESSING_FINISHED"),
                  .body = LISTED(",\"payloadVersion\":\"2020-09-04\",\"destinationId\":"
                                 "\"d1\""));
    registering_run(w);
    registering_reported(w,
                         "acme: found - d1: destination d1 for " ARN "\n"
                         "acme: failed ORDER_CHANGE -: getSubscription ORDER_CHANGE: InvalidInput: "
                         "bad\n"
                         "acme: kept FEED_PROCESSING_FINISHED s1: subscription s1\n");
    assert_int_equal(w->failures, 1);
}

/* One word about the seller, not one for each of his types; and the next one gets his turn. */
static void a_revoked_authorisation_ends_its_seller_only(void **state)
{
    struct registering *w = *state;
    w->options.n_sellers = 2;
    w->sellers[0].types = registering_two_types;
    scripted_rule(w->http, .expect = "Atzr%7Cacme", .times = -1, .status = 400,
                  .body = "{\"error\":\"invalid_grant\"}");
    registering_give_tokens(w);
    scripted_rule(w->http, .expect = DESTINATIONS, .body = ONE_DESTINATION);
    scripted_rule(w->http, .expect = LOOK, .body = LISTED(AS_WANTED));
    registering_run(w);
    static const char first[] = "acme: found - d1: destination d1 for " ARN "\n"
                                "other: found - d1: destination d1 for " ARN "\n"
                                "acme: failed - -: Login with Amazon refuses seller acme: "
                                "invalid_grant: the refresh token is wrong";
    static const char second[] = "\nother: kept ORDER_CHANGE s1: subscription s1\n";
    assert_memory_equal(w->report.data, first, strlen(first));
    assert_string_equal(strchr(w->report.data + strlen(first), '\n'), second);
    assert_int_equal(w->failures, 1);
    assert_false(w->passes);
    assert_no_part(w->report.data, "Atzr");
}

static void what_amazon_makes_without_an_id_is_a_failure(void **state)
{
    struct registering *w = *state;
    registering_give_tokens(w);
    scripted_rule(w->http, .expect = DESTINATIONS, .body = NO_DESTINATIONS);
    scripted_rule(w->http, .expect = DESTINATIONS, .times = 3, .body = NO_DESTINATIONS);
    scripted_rule(w->http, .expect = CREATE, .times = 4, .body = "{\"payload\":{}}");
    registering_run(w);
    assert_part(w->report.data, "acme: failed - -: createDestination: ");
    w->finished = false;
    scripted_rule(w->http, .expect = DESTINATIONS, .body = ONE_DESTINATION);
    scripted_rule(w->http, .expect = LOOK, .times = 4, .body = NONE_LISTED);
    scripted_rule(w->http, .expect = LOOK_SINGLE, .times = 3, .status = 404);
    scripted_rule(w->http, .expect = SUBSCRIBE, .times = 4, .body = "{\"payload\":{}}");
    registering_run(w);
    assert_true(w->passes);
    assert_part(w->report.data, "acme: failed ORDER_CHANGE -: createSubscription");
}

/* What the config says of a seller cannot be used: a secret that is not there. */
static void a_broken_seller_is_told_and_delays_nobody(void **state)
{
    struct registering *w = *state;
    struct error broken;
    registering_give_tokens(w);
    w->options.n_sellers = 2;
    error_set(&broken, ERROR_CONFIG, "the secret cannot be read");
    w->sellers[0].broken = &broken;
    w->sellers[0].refresh_token = NULL;
    scripted_rule(w->http, .expect = DESTINATIONS, .body = ONE_DESTINATION);
    scripted_rule(w->http, .expect = LOOK, .body = LISTED(AS_WANTED));
    registering_run(w);
    registering_reported(w, "acme: failed - -: the secret cannot be read\n"
                            "other: found - d1: destination d1 for " ARN "\n"
                            "other: kept ORDER_CHANGE s1: subscription s1\n");
    assert_int_equal(w->failures, 1);
}

/* Login with Amazon does not answer for one of them. */
static void a_hanging_seller_delays_nobody(void **state)
{
    struct registering *w = *state;
    w->options.n_sellers = 2;
    scripted_rule(w->http, .expect = "Atzr%7Cacme", .times = -1, .fail = ERROR_TIMEOUT);
    registering_give_tokens(w);
    scripted_rule(w->http, .expect = DESTINATIONS, .body = ONE_DESTINATION);
    scripted_rule(w->http, .expect = LOOK, .body = LISTED(AS_WANTED));
    registering_run(w);
    const char *kept = strstr(w->report.data, "other: kept");
    const char *failed = strstr(w->report.data, "acme: failed");
    assert_true(kept && failed && kept < failed);
}

static void a_call_that_cannot_start_is_a_failure(void **state)
{
    struct registering *w = *state;
    registering_give_tokens(w);
    w->options.n_sellers = 2;
    w->sellers[0].arn = "no arn";
    scripted_rule(w->http, .expect = DESTINATIONS, .times = -1, .body = NO_DESTINATIONS);
    scripted_rule(w->http, .expect = CREATE, .body = "{\"payload\":" DESTINATION("d1", ARN) "}");
    scripted_rule(w->http, .expect = LOOK, .body = LISTED(AS_WANTED));
    registering_run(w);
    registering_reported(w, "acme: failed - -: \"no arn\" is not the ARN of an SQS queue: "
                            "arn:aws:sqs:REGION:ACCOUNT:NAME is\n"
                            "other: created - d1: destination d1 for " ARN "\n"
                            "other: kept ORDER_CHANGE s1: subscription s1\n");
}

static void a_region_that_nobody_knows(void **state)
{
    struct registering *w = *state;
    registering_give_tokens(w);
    w->options.endpoint = NULL;
    w->sellers[0].region = "moon";
    registering_run(w);
    registering_reported(w, "acme: failed - -: the call could not be started: Invalid argument\n");
}

static void asks_in_the_sellers_region(void **state)
{
    struct registering *w = *state;
    registering_give_tokens(w);
    w->options.endpoint = NULL;
    w->options.n_sellers = 2;
    w->sellers[1].region = "fe";
    scripted_rule(w->http, .expect = "/destinations", .times = 2, .status = 400);
    registering_run(w);
    registering_request(
        w, "GET https://sellingpartnerapi-eu.amazon.com/notifications/v1/destinations\n");
    registering_request(
        w, "GET https://sellingpartnerapi-fe.amazon.com/notifications/v1/destinations\n");
}

static void ends_in_the_middle_of_a_call(void **state)
{
    struct registering *w = *state;
    registering_start(w);
    fake_loop_rest(w->event);
    assert_int_equal(http_in_flight(w->http), 1);
    registrar_free(TAKE(w->registrar));
    registering_give_tokens(w);
    registering_start(w);
    scripted_answer(w->http, &(struct scripted_rule){
                                 .body = "{\"access_token\":\"late\",\"expires_in\":3600}"});
    fake_loop_rest(w->event);
    registering_called(w, "GET destinations as late\n");
    registrar_free(TAKE(w->registrar));
    assert_int_equal(http_in_flight(w->http), 0);
    fake_loop_rest(w->event);
    assert_false(w->finished);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_REGISTERING(looks_again_after_a_conflict),
        IN_REGISTERING(a_conflict_that_stays_is_a_failure),
        IN_REGISTERING(a_subscription_that_stays_invisible_is_a_failure),
        IN_REGISTERING(without_a_list_the_single_subscription_is_asked_for),
        IN_REGISTERING(a_conflict_that_the_list_does_not_show_is_looked_up_singly),
        IN_REGISTERING(what_amazon_made_unseen_is_not_made_twice),
        IN_REGISTERING(what_was_not_made_after_all_is_made),
        IN_REGISTERING(an_unseen_replacement_is_kept),
        IN_REGISTERING(an_answer_that_nobody_can_read_is_asked_for_again),
        IN_REGISTERING(a_destination_that_is_too_new_is_waited_for),
        IN_REGISTERING(an_expired_token_is_renewed_once),
        IN_REGISTERING(an_expired_token_while_deleting),
        IN_REGISTERING(waits_out_what_may_pass),
        IN_REGISTERING(gives_up_after_so_many_tries),
        IN_REGISTERING(a_refusal_is_not_tried_again),
        IN_REGISTERING(a_revoked_authorisation_ends_its_seller_only),
        IN_REGISTERING(what_amazon_makes_without_an_id_is_a_failure),
        IN_REGISTERING(a_broken_seller_is_told_and_delays_nobody),
        IN_REGISTERING(a_hanging_seller_delays_nobody),
        IN_REGISTERING(a_call_that_cannot_start_is_a_failure),
        IN_REGISTERING(a_region_that_nobody_knows),
        IN_REGISTERING(asks_in_the_sellers_region),
        IN_REGISTERING(ends_in_the_middle_of_a_call),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
