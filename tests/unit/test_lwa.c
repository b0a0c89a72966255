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
#include "fake_clock.h"
#include "scripted_http.h"
#include "spapi/lwa.h"

struct world {
    sd_event *event;
    struct http *http;
    struct lwa *lwa;
    struct secret refresh;
    unsigned done;
    char *token;
    struct error error;
    struct text said;             /* what was told about changes */
    struct lwa_call *own, *other; /* cancelled by on_token_cancel */
};

static void on_changed(const struct lwa_news *news, void *userdata)
{
    struct world *world = userdata;
    text_append_string(&world->said, news->seller ? news->seller : "application");
    if (news->error)
        text_appendf(&world->said, " %s;", news->error->code);
    else if (news->seller)
        text_append_string(&world->said, " works;");
    else
        text_appendf(&world->said, " works with %zu;", news->secret);
}

static int setup(void **state)
{
    struct world *world = NEW(struct world);
    struct secret secret = {0};
    secret_set(&secret, "s&cret=1", 8);
    secret_set(&world->refresh, "Atzr|refresh", 12);
    if (sd_event_new(&world->event) < 0 || http_new(&world->http, world->event) < 0 ||
        lwa_new(&world->lwa, &(struct lwa_options){.event = world->event,
                                                   .http = world->http,
                                                   .client_id = "amzn1.client",
                                                   .client_secret = &secret}) < 0)
        return -1;
    lwa_watch(world->lwa, on_changed, world);
    secret_clear(&secret);
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    lwa_free(world->lwa);
    http_free(world->http);
    sd_event_unref(world->event);
    secret_clear(&world->refresh);
    free(world->token);
    text_clear(&world->said);
    free(world);
    return 0;
}

static void turn(struct world *world)
{
    while (sd_event_run(world->event, 0) > 0)
        continue;
}

static void on_token(const char *token, const struct error *error, void *userdata)
{
    struct world *world = userdata;
    free(world->token);
    world->token = memory_string(token);
    world->error = *error;
    world->done++;
}

static void grantless(struct world *world)
{
    unsigned before = world->done;
    assert_int_equal(lwa_grantless(world->lwa, on_token, world, NULL), 0);
    assert_int_equal(world->done, before); /* never from inside, cached or not */
    turn(world);
    assert_int_equal(world->done, before + 1);
}

static void seller(struct world *world, const char *name)
{
    assert_int_equal(lwa_seller(world->lwa, name, &world->refresh, on_token, world, NULL), 0);
    turn(world);
}

static void assert_says(struct world *world, enum error_kind kind, const char *part)
{
    assert_string_equal(error_kind_name(world->error.kind), error_kind_name(kind));
    if (!strstr(world->error.text, part))
        fail_msg("\"%s\" is not in \"%s\"", part, world->error.text);
    assert_null(world->token);
}

static void asks_as_amazon_wants(void **state)
{
    struct world *world = *state;
    scripted_rule(world->http, .body = "{\"access_token\":\"Atza|1\",\"expires_in\":3600}");
    grantless(world);
    assert_string_equal(world->token, "Atza|1");
    assert_string_equal(scripted_request(world->http, 0),
                        "POST https://api.amazon.com/auth/o2/token\n"
                        "Content-Type: application/x-www-form-urlencoded;charset=UTF-8\n\n"
                        "grant_type=client_credentials&scope=sellingpartnerapi%3A%3Anotifications"
                        "&client_id=amzn1.client&client_secret=s%26cret%3D1");
    scripted_rule(world->http, .body = "{\"access_token\":\"Atza|2\",\"token_type\":\"bearer\","
                                       "\"refresh_token\":\"x\",\"expires_in\":3600}");
    seller(world, "acme");
    assert_string_equal(world->token, "Atza|2");
    assert_non_null(strstr(scripted_request(world->http, 1),
                           "\n\ngrant_type=refresh_token&refresh_token=Atzr%7Crefresh&client_id="));
    assert_null(strstr(scripted_request(world->http, 1), "scope"));
}

static void keeps_a_token_until_a_minute_before_its_end(void **state)
{
    struct world *world = *state;
    scripted_rule(world->http, .body = "{\"access_token\":\"one\",\"expires_in\":3600}");
    scripted_rule(world->http, .body = "{\"access_token\":\"two\",\"expires_in\":3600}");
    grantless(world);
    fake_clock_advance(3539 * USEC_PER_SEC);
    grantless(world);
    assert_string_equal(world->token, "one");
    assert_int_equal(scripted_request_count(world->http), 1);
    fake_clock_advance(USEC_PER_SEC);
    grantless(world);
    assert_string_equal(world->token, "two");
}

static void sellers_have_tokens_of_their_own(void **state)
{
    struct world *world = *state;
    scripted_rule(world->http, .body = "{\"access_token\":\"one\",\"expires_in\":3600}");
    scripted_rule(world->http, .body = "{\"access_token\":\"two\",\"expires_in\":3600}");
    seller(world, "acme");
    seller(world, "other");
    assert_string_equal(world->token, "two");
    seller(world, "acme");
    assert_string_equal(world->token, "one");
}

static void one_request_for_all_who_wait(void **state)
{
    struct world *world = *state;
    struct lwa_call *call;
    for (int i = 0; i < 3; i++)
        assert_int_equal(lwa_grantless(world->lwa, on_token, world, &call), 0);
    lwa_cancel(call);
    lwa_cancel(NULL);
    assert_int_equal(scripted_request_count(world->http), 1);
    scripted_answer(world->http, &(struct scripted_rule){
                                     .body = "{\"access_token\":\"one\",\"expires_in\":3600}"});
    turn(world);
    assert_int_equal(world->done, 2);
}

static void a_refused_token_is_not_given_again(void **state)
{
    struct world *world = *state;
    scripted_rule(world->http, .body = "{\"access_token\":\"one\",\"expires_in\":3600}");
    scripted_rule(world->http, .body = "{\"access_token\":\"two\",\"expires_in\":3600}");
    grantless(world);
    lwa_forget(world->lwa, NULL);
    lwa_forget(world->lwa, "another");
    grantless(world);
    assert_int_equal(scripted_request_count(world->http), 1);
    lwa_forget(world->lwa, "one");
    grantless(world);
    assert_string_equal(world->token, "two");
}

/* Whoever was promised a token that is forgotten before his callback still gets an answer. */
static void forgotten_while_somebody_waits(void **state)
{
    struct world *world = *state;
    scripted_rule(world->http, .body = "{\"access_token\":\"one\",\"expires_in\":3600}");
    grantless(world);
    assert_int_equal(lwa_grantless(world->lwa, on_token, world, NULL), 0);
    lwa_forget(world->lwa, "one");
    turn(world);
    assert_int_equal(world->done, 2);
    assert_string_equal(world->token, "one");
}

static void a_token_without_a_lifetime_is_used_once(void **state)
{
    struct world *world = *state;
    scripted_rule(world->http, .times = 2, .body = "{\"access_token\":\"one\"}");
    grantless(world);
    grantless(world);
    assert_int_equal(scripted_request_count(world->http), 2);
}

static void says_what_is_wrong_and_what_to_do(void **state)
{
    struct world *world = *state;
    scripted_rule(world->http, .status = 401,
                  .body = "{\"error\":\"invalid_client\",\"error_description\":\"Client "
                          "authentication failed\"}");
    grantless(world);
    assert_says(world, ERROR_CREDENTIALS,
                "Login with Amazon refuses the application: invalid_client: client_id or "
                "client_secret is wrong");
    assert_string_equal(world->error.code, "invalid_client");
    assert_int_equal(world->error.status, 401);
    fake_clock_advance(LWA_REFUSED_USEC);
    scripted_rule(world->http, .status = 400, .body = "{\"error\":\"invalid_grant\"}");
    seller(world, "acme");
    assert_says(world, ERROR_CREDENTIALS,
                "refuses seller acme: invalid_grant: the refresh token is wrong");
    fake_clock_advance(LWA_REFUSED_USEC);
    scripted_rule(world->http, .status = 400, .body = "{\"error\":\"unauthorized_client\"}");
    seller(world, "acme");
    assert_says(world, ERROR_CREDENTIALS, "belongs to another application");
    scripted_rule(world->http, .status = 400,
                  .body = "{\"error\":\"invalid_scope\",\"error_description\":\"no\\nway\"}");
    grantless(world);
    assert_says(world, ERROR_REFUSED, "invalid_scope: no\\nway");
    scripted_rule(world->http, .status = 503, .body = "<html>", .retry_after = "7");
    grantless(world);
    assert_says(world, ERROR_STATUS, "status 503");
    assert_int_equal(world->error.retry_after_usec, 7 * USEC_PER_SEC);
    scripted_rule(world->http, .status = 503, .body = "<html>",
                  .retry_after = "Mon, 02 Jun 2025 08:16:07 GMT",
                  .date_usec = 1748852160 * USEC_PER_SEC);
    grantless(world);
    assert_int_equal(world->error.retry_after_usec, 7 * USEC_PER_SEC);
    scripted_rule(world->http, .status = 503, .body = "<html>", .retry_after = "86400");
    grantless(world);
    assert_int_equal(world->error.retry_after_usec, 0);
    scripted_rule(world->http, .status = 429);
    grantless(world);
    assert_int_equal(world->error.kind, ERROR_THROTTLED);
    scripted_rule(world->http, .fail = ERROR_DNS);
    grantless(world);
    assert_says(world, ERROR_DNS, "Login with Amazon: scripted dns");
    assert_null(strstr(world->error.text, "s&cret"));
}

#define REFUSED(code) .status = 400, .body = "{\"error\":\"" code "\"}"
#define TOKEN(name)   .body = "{\"access_token\":\"" name "\",\"expires_in\":3600}"

static void a_refused_seller_is_not_asked_again(void **state)
{
    struct world *world = *state;
    scripted_rule(world->http, REFUSED("invalid_grant"));
    seller(world, "acme");
    seller(world, "acme");
    assert_says(world, ERROR_CREDENTIALS, "invalid_grant");
    assert_int_equal(world->done, 2);
    assert_int_equal(scripted_request_count(world->http), 1);
    assert_string_equal(world->said.data, "acme invalid_grant;");
    scripted_rule(world->http, TOKEN("one"));
    seller(world, "other"); /* another one is not held up by it */
    assert_string_equal(world->token, "one");
    scripted_rule(world->http, REFUSED("invalid_grant"));
    fake_clock_advance(LWA_REFUSED_USEC);
    seller(world, "acme");
    assert_int_equal(scripted_request_count(world->http), 3);
    secret_set(&world->refresh, "Atzr|renewed", 12);
    scripted_rule(world->http, TOKEN("two"));
    seller(world, "acme");
    assert_string_equal(world->token, "two");
    assert_string_equal(world->said.data,
                        "acme invalid_grant;application works with 0;other works;acme works;");
}

static void a_refused_client_is_not_asked_again(void **state)
{
    struct world *world = *state;
    struct secret renewed = {0};
    scripted_rule(world->http, REFUSED("invalid_client"));
    grantless(world);
    seller(world, "acme");
    assert_says(world, ERROR_CREDENTIALS, "invalid_client");
    assert_int_equal(scripted_request_count(world->http), 1);
    assert_string_equal(world->said.data, "application invalid_client;");
    secret_set(&renewed, "renewed", 7);
    lwa_set_secrets(world->lwa, &renewed, 1);
    secret_clear(&renewed);
    scripted_rule(world->http, .expect = "client_secret=renewed", TOKEN("one"));
    seller(world, "acme");
    assert_string_equal(world->token, "one");
    assert_string_equal(world->said.data,
                        "application invalid_client;application works with 0;acme works;");
}

static void other_secrets_are_tried_in_turn(void **state)
{
    struct world *world = *state;
    struct secret secrets[3] = {{0}};
    static const char *const names[] = {"new", "config", "old"};
    for (size_t i = 0; i < 3; i++)
        secret_set(&secrets[i], names[i], strlen(names[i]));
    lwa_set_secrets(world->lwa, secrets, 3);
    scripted_rule(world->http, .expect = "client_secret=new", REFUSED("invalid_client"));
    scripted_rule(world->http, .expect = "client_secret=config", REFUSED("invalid_client"));
    scripted_rule(world->http, .expect = "client_secret=old", .times = 2, TOKEN("one"));
    seller(world, "acme");
    assert_string_equal(world->token, "one");
    assert_non_null(strstr(scripted_request(world->http, 2), "refresh_token=Atzr%7Crefresh&"));
    seller(world, "other"); /* the one that works is used for a while */
    assert_int_equal(scripted_request_count(world->http), 4);
    fake_clock_advance(LWA_FALLBACK_USEC);
    scripted_rule(world->http, .expect = "client_secret=new", TOKEN("two"));
    seller(world, "third");
    assert_string_equal(world->token, "two");
    assert_string_equal(world->said.data, "application works with 2;acme works;other works;"
                                          "application works with 0;third works;");
    scripted_rule(world->http, .times = 3, REFUSED("invalid_client"));
    seller(world, "fourth");
    assert_says(world, ERROR_CREDENTIALS, "invalid_client");
    for (size_t i = 0; i < 3; i++)
        secret_clear(&secrets[i]);
    assert_int_equal(scripted_unused(world->http), 0);
}

static void secrets_replaced_while_asking(void **state)
{
    struct world *world = *state;
    struct secret renewed = {0};
    assert_int_equal(lwa_grantless(world->lwa, on_token, world, NULL), 0);
    turn(world);
    secret_set(&renewed, "renewed", 7);
    lwa_set_secrets(world->lwa, &renewed, 1);
    secret_clear(&renewed);
    scripted_answer(world->http, &(struct scripted_rule){REFUSED("invalid_client")});
    scripted_rule(world->http, .expect = "client_secret=renewed", TOKEN("one"));
    turn(world);
    assert_string_equal(world->token, "one");
}

static void the_scope_for_rotating_has_its_own_token(void **state)
{
    struct world *world = *state;
    scripted_rule(world->http, TOKEN("one"));
    scripted_rule(world->http,
                  .expect = "scope=sellingpartnerapi%3A%3Aclient_credential%3Arotation&",
                  TOKEN("two"));
    grantless(world);
    assert_int_equal(lwa_rotation(world->lwa, on_token, world, NULL), 0);
    turn(world);
    assert_string_equal(world->token, "two");
    grantless(world);
    assert_string_equal(world->token, "one");
}

static void refuses_what_is_no_token(void **state)
{
    struct world *world = *state;
    static const char *const bad[] = {
        "{}",
        "",
        "[]",
        "{\"access_token\":\"\"}",
        "{\"access_token\":7}",
        "{\"access_token\":\"a\\r\\nX: 1\",\"expires_in\":3600}",
    };
    for (size_t i = 0; i < ELEMENTS(bad); i++) {
        scripted_rule(world->http, .body = bad[i]);
        grantless(world);
        assert_says(world, ERROR_PROTOCOL, "no access token");
    }
}

static void on_token_cancel(const char *token, const struct error *error, void *userdata)
{
    struct world *world = userdata;
    on_token(token, error, world);
    lwa_cancel(world->own); /* has ended: nothing happens */
    lwa_cancel(TAKE(world->other));
    lwa_forget(world->lwa, token);
    assert_int_equal(lwa_grantless(world->lwa, on_token, world, NULL), 0);
    assert_string_equal(token, "one"); /* still good inside the callback */
}

static void a_callback_may_cancel_forget_and_ask(void **state)
{
    struct world *world = *state;
    scripted_rule(world->http, .body = "{\"access_token\":\"one\",\"expires_in\":3600}");
    scripted_rule(world->http, .body = "{\"access_token\":\"two\",\"expires_in\":3600}");
    assert_int_equal(lwa_grantless(world->lwa, on_token_cancel, world, &world->own), 0);
    assert_int_equal(lwa_grantless(world->lwa, on_token, world, &world->other), 0);
    turn(world);
    assert_int_equal(world->done, 2);
    assert_string_equal(world->token, "two");
}

static void ends_with_calls_waiting(void **state)
{
    struct world *world = *state;
    scripted_rule(world->http, .body = "{\"access_token\":\"one\",\"expires_in\":3600}");
    grantless(world);
    assert_int_equal(lwa_grantless(world->lwa, on_token, world, NULL), 0); /* known already */
    assert_int_equal(lwa_seller(world->lwa, "acme", &world->refresh, on_token, world, NULL), 0);
    lwa_free(TAKE(world->lwa));
    turn(world);
    assert_int_equal(world->done, 1);
    assert_int_equal(http_in_flight(world->http), 0);
    lwa_free(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(asks_as_amazon_wants),
        TEST(keeps_a_token_until_a_minute_before_its_end),
        TEST(sellers_have_tokens_of_their_own),
        TEST(one_request_for_all_who_wait),
        TEST(a_refused_token_is_not_given_again),
        TEST(forgotten_while_somebody_waits),
        TEST(a_token_without_a_lifetime_is_used_once),
        TEST(says_what_is_wrong_and_what_to_do),
        TEST(a_refused_seller_is_not_asked_again),
        TEST(a_refused_client_is_not_asked_again),
        TEST(other_secrets_are_tried_in_turn),
        TEST(secrets_replaced_while_asking),
        TEST(the_scope_for_rotating_has_its_own_token),
        TEST(refuses_what_is_no_token),
        TEST(a_callback_may_cancel_forget_and_ask),
        TEST(ends_with_calls_waiting),
    };
    return cmocka_run_group_tests_name("lwa", tests, NULL, NULL);
}
