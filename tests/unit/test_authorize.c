/* SPDX-License-Identifier: MIT */
/* A forwarder whose webhook wants access tokens: one for all, renewed when it is needed, and
 * nothing goes out without one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "deliver/access_token.h"
#include "forwarding.h"

#define SETTLED   TURN_SETTLE_DELAY_USEC
#define FOR_TOKEN .expect = "POST https://auth.example/token\n"
#define FOR_HOOK  .expect = "POST https://wms.example/hook\n"
#define TOKEN(name, seconds)                                                                       \
    .body = "{\"access_token\":\"" name "\",\"token_type\":\"Bearer\",\"expires_in\":" #seconds "}"
#define INVALID_CLIENT .status = 401, .body = "{\"error\":\"invalid_client\"}"

static size_t count_to(struct forwarding *f, const char *url)
{
    size_t count = 0;
    AUTOFREE char *start = memory_format("POST %s\n", url);
    for (size_t i = 0; i < scripted_request_count(f->shop.http); i++)
        count += text_starts(scripted_request(f->shop.http, i), start);
    return count;
}

static size_t token_requests(struct forwarding *f)
{
    return count_to(f, "https://auth.example/token");
}

static size_t deliveries(struct forwarding *f)
{
    return count_to(f, "https://wms.example/hook");
}

static struct list_row row(struct forwarding *f, int64_t delivery)
{
    return workshop_row(&f->shop, delivery);
}

static uint64_t delivered(struct forwarding *f)
{
    return workshop_count(&f->shop, DELIVERY_DELIVERED);
}

static int setup(void **state)
{
    int r = forwarding_setup(state);
    forwarding_oauth(*state, "s3cret");
    return r;
}

static unsigned long number(struct forwarding *f, size_t request, const char *header)
{
    return strtoul(forwarding_header(f, request, header), NULL, 10);
}

/* The authorization of the newest request. */
static const char *newest_authorization(struct forwarding *f)
{
    return forwarding_header(f, scripted_request_count(f->shop.http) - 1, "authorization");
}

static void assert_delivers_with(struct forwarding *f, const char *id, const char *authorization)
{
    uint64_t before = delivered(f);
    forwarding_accept(f, id, id);
    forwarding_run(f, SETTLED);
    assert_int_equal(delivered(f), before + 1);
    assert_string_equal(newest_authorization(f), authorization);
}

static void one_token_for_all(void **state)
{
    struct forwarding *f = *state;
    scripted_rule(f->shop.http, FOR_TOKEN, TOKEN("t-1", 3600));
    scripted_rule(f->shop.http, FOR_HOOK, .times = -1, .status = 204);
    forwarding_accept_many(f, "n", 50);
    forwarding_run(f, USEC_PER_SEC);
    assert_int_equal(delivered(f), 50);
    assert_int_equal(token_requests(f), 1);
    assert_string_equal(scripted_request(f->shop.http, 0),
                        "POST https://auth.example/token\n"
                        "Content-Type: application/x-www-form-urlencoded;charset=UTF-8\n"
                        "authorization: Basic ZG9ja2JlbGw6czNjcmV0\n\n"
                        "grant_type=client_credentials&scope=orders");
    assert_int_equal(scripted_limits(f->shop.http, 0).timeout_ms, 20000);
    assert_int_equal(scripted_limits(f->shop.http, 0).answer_limit, OAUTH_ANSWER_MAX);
    for (size_t i = 1; i <= 50; i++)
        assert_string_equal(forwarding_header(f, i, "authorization"), "Bearer t-1");
}

static void nothing_is_asked_while_nothing_is_to_be_sent(void **state)
{
    struct forwarding *f = *state;
    turn_request(f->shop.turn);
    forwarding_run(f, USEC_PER_DAY);
    assert_int_equal(scripted_request_count(f->shop.http), 0);
    scripted_rule(f->shop.http, FOR_TOKEN, TOKEN("t-1", 60));
    scripted_rule(f->shop.http, FOR_HOOK, .status = 204);
    forwarding_accept(f, "n-1", NULL);
    forwarding_run(f, USEC_PER_DAY);
    assert_int_equal(token_requests(f), 1);
}

/* What waits for a token has not been claimed: it is not in flight, and no attempt is counted. */
static void what_is_due_waits_in_the_store(void **state)
{
    struct forwarding *f = *state;
    int64_t delivery = forwarding_accept(f, "n-1", "408-1");
    forwarding_rest(f);
    forwarding_accept_many(f, "m", 5);
    forwarding_run(f, USEC_PER_SEC);
    assert_int_equal(scripted_request_count(f->shop.http), 1);
    assert_int_equal(row(f, delivery).state, DELIVERY_READY);
    assert_int_equal(row(f, delivery).attempts, 0);
    assert_int_equal(forwarder_in_flight(f->forwarder) + forwarder_waiting(f->forwarder), 0);
    assert_int_equal(forwarder_overdue_usec(f->forwarder), 0);
    fake_clock_advance(20 * USEC_PER_SEC);
    assert_int_equal(forwarder_overdue_usec(f->forwarder), USEC_PER_SEC);
    scripted_rule(f->shop.http, FOR_HOOK, .times = -1, .status = 204);
    forwarding_answer(f, TOKEN("t-1", 3600));
    forwarding_run(f, SETTLED);
    assert_int_equal(delivered(f), 6);
}

static void a_token_is_renewed_when_it_is_needed(void **state)
{
    struct forwarding *f = *state;
    scripted_rule(f->shop.http, FOR_TOKEN, TOKEN("t-1", 3600));
    scripted_rule(f->shop.http, FOR_TOKEN, TOKEN("t-2", 3600));
    scripted_rule(f->shop.http, FOR_HOOK, .times = -1, .status = 204);
    assert_delivers_with(f, "n-1", "Bearer t-1");
    forwarding_run(f, 3530 * USEC_PER_SEC);
    assert_delivers_with(f, "n-2", "Bearer t-1");
    forwarding_run(f, 3 * USEC_PER_HOUR);
    assert_int_equal(token_requests(f), 1);
    assert_delivers_with(f, "n-3", "Bearer t-2");
}

static void a_lifetime_that_is_not_told_is_short(void **state)
{
    struct forwarding *f = *state;
    scripted_rule(f->shop.http, FOR_TOKEN, .body = "{\"access_token\":\"t-1\"}");
    scripted_rule(f->shop.http, FOR_TOKEN, TOKEN("t-2", 99999999));
    scripted_rule(f->shop.http, FOR_TOKEN, TOKEN("t-3", 3600));
    scripted_rule(f->shop.http, FOR_HOOK, .times = -1, .status = 204);
    assert_delivers_with(f, "n-1", "Bearer t-1");
    forwarding_run(f, 230 * USEC_PER_SEC);
    assert_delivers_with(f, "n-2", "Bearer t-1");
    forwarding_run(f, 10 * USEC_PER_SEC);
    assert_delivers_with(f, "n-3", "Bearer t-2");
    /* ... and a very long one is not believed. */
    forwarding_run(f, USEC_PER_DAY);
    assert_delivers_with(f, "n-4", "Bearer t-3");
}

/* What was claimed in time waits in memory for the next token. */
static void a_token_ends_while_deliveries_wait_for_a_slot(void **state)
{
    struct forwarding *f = *state;
    forwarding_limits(f, 4, 20);
    forwarding_accept_many(f, "n", 20);
    forwarding_rest(f);
    forwarding_answer(f, TOKEN("t-1", 10));
    assert_int_equal(deliveries(f), 4);
    assert_true(forwarder_waiting(f->forwarder) > 0);
    forwarding_run(f, 6 * USEC_PER_SEC);
    forwarding_answer(f, .status = 204);
    assert_int_equal(deliveries(f), 4);
    assert_int_equal(token_requests(f), 2);
    for (int i = 0; i < 3; i++)
        forwarding_answer(f, .status = 204);
    assert_int_equal(forwarder_in_flight(f->forwarder), 0);
    forwarding_answer(f, TOKEN("t-2", 3600));
    assert_int_equal(token_requests(f), 2);
    assert_int_equal(forwarder_in_flight(f->forwarder), 4);
    assert_string_equal(newest_authorization(f), "Bearer t-2");
}

/* ---- 401 ---- */

static void a_401_gets_one_new_token_and_an_attempt_of_its_own(void **state)
{
    struct forwarding *f = *state;
    scripted_rule(f->shop.http, FOR_TOKEN, TOKEN("t-1", 3600));
    scripted_rule(f->shop.http, FOR_TOKEN, TOKEN("t-2", 3600));
    int64_t first = forwarding_accept_many(f, "n", 3);
    forwarding_rest(f);
    assert_int_equal(deliveries(f), 3);
    unsigned long last = number(f, scripted_request_count(f->shop.http) - 1, "dockbell-sequence");
    for (int i = 0; i < 3; i++)
        forwarding_answer(f, .status = 401);
    assert_int_equal(token_requests(f), 2);
    assert_int_equal(deliveries(f), 6);
    for (size_t i = scripted_request_count(f->shop.http) - 3;
         i < scripted_request_count(f->shop.http); i++) {
        assert_string_equal(forwarding_header(f, i, "authorization"), "Bearer t-2");
        assert_string_equal(forwarding_header(f, i, "dockbell-attempt"), "2");
        assert_true(number(f, i, "dockbell-sequence") > last);
    }
    for (int i = 0; i < 3; i++)
        forwarding_answer(f, .status = 204);
    forwarding_run(f, SETTLED);
    assert_int_equal(delivered(f), 3);
    assert_int_equal(row(f, first).attempts, 2);
    assert_int_equal(row(f, first).faults, 0);
}

/* Of no fault, however many orders it stopped at once: five of them would open the breaker. */
static void a_401_that_is_followed_up_is_charged_to_nobody(void **state)
{
    struct forwarding *f = *state;
    scripted_rule(f->shop.http, FOR_TOKEN, TOKEN("t-1", 3600));
    scripted_rule(f->shop.http, FOR_HOOK, .times = 61, .status = 204);
    assert_delivers_with(f, "warm", "Bearer t-1");
    forwarding_accept_many(f, "w", 60);
    forwarding_run(f, SETTLED);
    int64_t first = forwarding_accept_many(f, "n", 8);
    forwarding_rest(f);
    ear_open();
    size_t waiting = scripted_waiting(f->shop.http);
    for (size_t i = 0; i < waiting; i++)
        forwarding_answer(f, .status = 401);
    AUTOFREE char *said = ear_heard();
    assert_true(waiting >= 5);
    assert_null(strstr(said, "does not work"));
    assert_true(forwarder_sends(f->forwarder));
    for (size_t i = 0; i < waiting; i++)
        assert_int_equal(row(f, first + (int64_t)i).faults, 0);
    scripted_rule(f->shop.http, FOR_HOOK, .times = -1, .status = 204);
    forwarding_answer(f, TOKEN("t-2", 3600));
    forwarding_run(f, USEC_PER_SEC);
    assert_int_equal(delivered(f), 69);
}

static void a_second_401_is_what_it_is(void **state)
{
    struct forwarding *f = *state;
    scripted_rule(f->shop.http, FOR_TOKEN, .times = -1, TOKEN("t", 3600));
    scripted_rule(f->shop.http, FOR_HOOK, .times = 2, .status = 401);
    int64_t delivery = forwarding_accept(f, "n-1", "408-1");
    forwarding_run(f, SETTLED);
    assert_int_equal(deliveries(f), 2);
    assert_int_equal(token_requests(f), 2);
    struct list_row is = row(f, delivery);
    assert_int_equal(is.state, DELIVERY_READY);
    assert_int_equal(is.attempts, 2);
    assert_int_equal(is.status, 401);
    assert_string_equal(is.last_error, "HTTP 401 Unauthorized");
    assert_string_equal(is.error_class, "http_4xx");
    assert_true(is.next_usec > fake_now_usec + USEC_PER_SEC);
}

/* However slowly it refuses: a third time does not come. */
static void a_slow_second_401_is_one_as_well(void **state)
{
    struct forwarding *f = *state;
    scripted_rule(f->shop.http, FOR_TOKEN, .times = -1, TOKEN("t", 3600));
    int64_t delivery = forwarding_accept(f, "n-1", "408-1");
    forwarding_rest(f);
    forwarding_answer(f, .status = 401);
    forwarding_run(f, 2 * ACCESS_TOKEN_REFUSED_USEC);
    forwarding_answer(f, .status = 401);
    forwarding_run(f, SETTLED);
    assert_int_equal(deliveries(f), 2);
    assert_int_equal(token_requests(f), 2);
    assert_string_equal(row(f, delivery).last_error, "HTTP 401 Unauthorized");
}

/* A receiver that refuses every token makes no storm at the token endpoint. */
static void tokens_are_not_refused_all_the_time(void **state)
{
    struct forwarding *f = *state;
    scripted_rule(f->shop.http, FOR_TOKEN, .times = -1, TOKEN("t", 3600));
    scripted_rule(f->shop.http, FOR_HOOK, .times = -1, .status = 401);
    forwarding_accept_many(f, "n", 50);
    forwarding_run(f, USEC_PER_SEC);
    assert_int_equal(token_requests(f), 2);
    forwarding_run(f, USEC_PER_HOUR);
    assert_in_range(token_requests(f), 3, 125);
}

static void a_401_that_counts_as_success_renews_nothing(void **state)
{
    struct forwarding *f = *state;
    static char status[] = "401", *statuses[] = {status, NULL};
    f->success.already_done = statuses;
    forwarding_oauth(f, "s3cret");
    scripted_rule(f->shop.http, FOR_TOKEN, TOKEN("t-1", 3600));
    scripted_rule(f->shop.http, FOR_HOOK, .status = 401);
    assert_delivers_with(f, "n-1", "Bearer t-1");
}

static void a_probe_is_sent_again_as_well(void **state)
{
    struct forwarding *f = *state;
    scripted_rule(f->shop.http, FOR_TOKEN, TOKEN("t-1", 3600));
    scripted_rule(f->shop.http, FOR_HOOK, .fail = ERROR_CONNECT);
    forwarding_accept(f, "n-1", "408-1");
    forwarding_run(f, USEC_PER_SEC);
    assert_false(forwarder_sends(f->forwarder));
    scripted_rule(f->shop.http, FOR_HOOK, .status = 401);
    scripted_rule(f->shop.http, FOR_TOKEN, TOKEN("t-2", 3600));
    scripted_rule(f->shop.http, FOR_HOOK, .status = 204);
    forwarding_run(f, 10 * USEC_PER_SEC);
    assert_int_equal(delivered(f), 1);
    assert_true(forwarder_sends(f->forwarder));
    assert_int_equal(scripted_unused(f->shop.http), 0);
}

/* ---- no token ---- */

static void without_a_token_nothing_is_sent(void **state)
{
    struct forwarding *f = *state;
    scripted_rule(f->shop.http, FOR_TOKEN, .times = 4, INVALID_CLIENT);
    int64_t delivery = forwarding_accept(f, "n-1", "408-1");
    forwarding_accept_many(f, "m", 100);
    ear_open();
    forwarding_run(f, 2 * USEC_PER_MIN);
    AUTOFREE char *said = ear_heard();
    assert_int_equal(token_requests(f), 5);
    assert_int_equal(deliveries(f), 0);
    assert_int_equal(row(f, delivery).attempts, 0);
    assert_int_equal(row(f, delivery).state, DELIVERY_READY);
    assert_false(forwarder_sends(f->forwarder));
    static const char why[] = "the token endpoint auth.example refuses webhook wms: "
                              "invalid_client: compare oauth_client_id";
    assert_part(said, why);
    assert_null(strstr(strstr(said, "gets no access token") + 1, "gets no access token"));
    assert_null(strstr(said, "s3cret"));
    assert_part(workshop_fact(&f->shop, "webhook", "wms", "last_error"), why);
    assert_string_equal(workshop_fact(&f->shop, "webhook", "wms", "breaker"), "open");

    scripted_rule(f->shop.http, FOR_HOOK, .times = -1, .status = 204);
    ear_open();
    forwarding_answer(f, TOKEN("t-1", 3600));
    forwarding_run(f, USEC_PER_SEC);
    AUTOFREE char *then = ear_heard();
    assert_part(then, "webhook wms gets access tokens again");
    assert_part(then, "webhook wms works again");
    assert_int_equal(delivered(f), 101);
    assert_int_equal(row(f, delivery).attempts, 1);
}

/* Whoever asks too often is not asked too early either. */
static void the_endpoint_says_when(void **state)
{
    struct forwarding *f = *state;
    scripted_rule(f->shop.http, FOR_TOKEN, .status = 503, .retry_after = "600");
    forwarding_accept(f, "n-1", NULL);
    forwarding_run(f, 599 * USEC_PER_SEC);
    assert_int_equal(token_requests(f), 1);
    forwarding_run(f, 100 * USEC_PER_SEC);
    assert_int_equal(token_requests(f), 2);
}

static void another_reason_is_told(void **state)
{
    struct forwarding *f = *state;
    scripted_rule(f->shop.http, FOR_TOKEN, .fail = ERROR_CONNECT);
    scripted_rule(f->shop.http, FOR_TOKEN, .times = -1, .status = 500);
    forwarding_accept(f, "n-1", NULL);
    ear_open();
    forwarding_run(f, USEC_PER_HOUR);
    AUTOFREE char *said = ear_heard();
    assert_part(said, "nothing is sent: the token endpoint auth.example: scripted connect");
    char *second = strstr(said, "the token endpoint auth.example refuses webhook wms: status 500");
    assert_non_null(second);
    assert_null(strstr(second + 1, "the token endpoint"));
}

/* The old token is refused and there is no other: a fault of the destination, and of no event. */
static void refused_and_no_other_token(void **state)
{
    struct forwarding *f = *state;
    scripted_rule(f->shop.http, FOR_TOKEN, TOKEN("t-1", 3600));
    scripted_rule(f->shop.http, FOR_TOKEN, INVALID_CLIENT);
    scripted_rule(f->shop.http, FOR_HOOK, .status = 204);
    forwarding_accept(f, "n-0", "408-0");
    forwarding_run(f, USEC_PER_SEC);
    int64_t first = forwarding_accept_many(f, "n", 20);
    forwarding_rest(f);
    size_t sent = deliveries(f);
    for (size_t left = scripted_waiting(f->shop.http); left > 0; left--)
        forwarding_answer(f, .status = 401);
    forwarding_run(f, SETTLED);
    assert_int_equal(token_requests(f), 2);
    assert_int_equal(deliveries(f), sent);
    assert_int_equal(forwarder_in_flight(f->forwarder) + forwarder_waiting(f->forwarder), 0);
    assert_int_equal(workshop_count(&f->shop, DELIVERY_INFLIGHT), 0);
    struct list_row is = row(f, first);
    assert_int_equal(is.faults, 0);
    assert_int_equal(is.status, 401);
    assert_string_equal(is.last_error, "HTTP 401 Unauthorized");
    assert_part(workshop_fact(&f->shop, "webhook", "wms", "last_error"),
                "the token endpoint auth.example refuses webhook wms");
    scripted_rule(f->shop.http, FOR_TOKEN, TOKEN("t-2", 3600));
    scripted_rule(f->shop.http, FOR_HOOK, .times = -1, .status = 204);
    forwarding_run(f, USEC_PER_MIN);
    assert_int_equal(delivered(f), 21);
}

/* What had been sent before arrives: that says nothing about the next token. */
static void a_late_success_does_not_end_the_wait_for_a_token(void **state)
{
    struct forwarding *f = *state;
    forwarding_limits(f, 2, 20);
    scripted_rule(f->shop.http, FOR_TOKEN, TOKEN("t-1", 10));
    scripted_rule(f->shop.http, FOR_TOKEN, INVALID_CLIENT);
    forwarding_accept_many(f, "n", 10);
    forwarding_rest(f);
    assert_int_equal(deliveries(f), 2);
    forwarding_run(f, 6 * USEC_PER_SEC);
    forwarding_answer(f, .status = 204);
    forwarding_run(f, SETTLED);
    assert_int_equal(token_requests(f), 2);
    assert_false(forwarder_sends(f->forwarder));
    ear_open();
    forwarding_answer(f, .status = 204);
    forwarding_run(f, SETTLED);
    AUTOFREE char *said = ear_heard();
    assert_int_equal(delivered(f), 2);
    assert_false(forwarder_sends(f->forwarder));
    assert_int_equal(token_requests(f), 2);
    assert_null(strstr(said, "works again"));
}

static void stopping_does_not_wait_for_a_token(void **state)
{
    struct forwarding *f = *state;
    forwarding_accept(f, "n-1", NULL);
    forwarding_rest(f);
    forwarder_stop(f->forwarder);
    forwarding_answer(f, TOKEN("t-1", 3600));
    forwarding_run(f, USEC_PER_HOUR);
    assert_int_equal(deliveries(f), 0);
    assert_int_equal(forwarder_in_flight(f->forwarder) + forwarder_waiting(f->forwarder), 0);
}

/* ---- one config after another ---- */

static void reload(struct forwarding *f, const char *secret)
{
    f->client_secret = secret;
    forwarding_reload(f);
}

static void a_reload_keeps_the_token_unless_it_is_got_differently(void **state)
{
    struct forwarding *f = *state;
    scripted_rule(f->shop.http, FOR_TOKEN, TOKEN("t-1", 3600));
    scripted_rule(f->shop.http, FOR_HOOK, .times = -1, .status = 204);
    assert_delivers_with(f, "n-1", "Bearer t-1");
    reload(f, "s3cret");
    assert_delivers_with(f, "n-2", "Bearer t-1");
    scripted_rule(f->shop.http, .expect = "authorization: Basic ZG9ja2JlbGw6YW5vdGhlcg==\n",
                  TOKEN("t-2", 3600));
    reload(f, "another");
    assert_delivers_with(f, "n-3", "Bearer t-2");
    assert_int_equal(token_requests(f), 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, forwarding_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(one_token_for_all),
        TEST(nothing_is_asked_while_nothing_is_to_be_sent),
        TEST(what_is_due_waits_in_the_store),
        TEST(a_token_is_renewed_when_it_is_needed),
        TEST(a_lifetime_that_is_not_told_is_short),
        TEST(a_token_ends_while_deliveries_wait_for_a_slot),
        TEST(a_401_gets_one_new_token_and_an_attempt_of_its_own),
        TEST(a_401_that_is_followed_up_is_charged_to_nobody),
        TEST(a_second_401_is_what_it_is),
        TEST(a_slow_second_401_is_one_as_well),
        TEST(tokens_are_not_refused_all_the_time),
        TEST(a_401_that_counts_as_success_renews_nothing),
        TEST(a_probe_is_sent_again_as_well),
        TEST(without_a_token_nothing_is_sent),
        TEST(the_endpoint_says_when),
        TEST(another_reason_is_told),
        TEST(refused_and_no_other_token),
        TEST(a_late_success_does_not_end_the_wait_for_a_token),
        TEST(stopping_does_not_wait_for_a_token),
        TEST(a_reload_keeps_the_token_unless_it_is_got_differently),
    };
    return cmocka_run_group_tests_name("authorize", tests, NULL, NULL);
}
