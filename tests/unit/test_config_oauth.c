/* SPDX-License-Identifier: MIT */
/* What a webhook's section may say about access tokens. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "config/auth.h"
#include "configuring.h"

#define OAUTH                                                                                      \
    "oauth_token_url = https://auth.example/token?tenant=1\noauth_client_id = dockbell\n"          \
    "oauth_client_secret = env:OAUTH_SECRET\n"

static void a_whole_section_becomes_a_request(void **state)
{
    (void)state;
    struct webhook_auth auth;
    struct webhook_oauth_request request = {.headers = {NULL}};
    struct error error;
    expect_webhook(OAUTH "oauth_scope = orders.write events:all\noauth_audience = https://wms", "");
    setenv("OAUTH_SECRET", "a+b/c=~", 1);
    assert_int_equal(config_webhook_auth(&auth, &config->webhooks[0], &error), 0);
    assert_null(auth.authorization.data);
    assert_int_equal(webhook_oauth_build(&request, &auth.oauth, &error), 0);
    assert_string_equal(request.body.data, "grant_type=client_credentials&scope=orders.write%20"
                                           "events%3Aall&audience=https%3A%2F%2Fwms");
    /* dockbell:a%2Bb%2Fc%3D~ */
    assert_string_equal(request.headers[1],
                        "authorization: Basic ZG9ja2JlbGw6YSUyQmIlMkZjJTNEfg==");
    assert_null(request.headers[2]);
    webhook_oauth_request_clear(&request);
    webhook_auth_clear(&auth);
}

static void id_and_secret_in_the_form(void **state)
{
    (void)state;
    struct webhook_oauth oauth;
    struct webhook_oauth_request request = {.headers = {NULL}};
    struct error error;
    expect_webhook("oauth_token_url = http://127.0.0.1:80/t\noauth_client_id = id:1\n"
                   "oauth_client_secret = s&t\noauth_client_auth = post",
                   "");
    assert_int_equal(config_webhook_oauth(&oauth, &config->webhooks[0], &error), 0);
    assert_int_equal(webhook_oauth_build(&request, &oauth, &error), 0);
    assert_string_equal(request.body.data, "grant_type=client_credentials&client_id=id%3A1&"
                                           "client_secret=s%26t");
    assert_null(request.headers[1]);
    webhook_oauth_request_clear(&request);
    webhook_oauth_clear(&oauth);
}

static void it_is_whole_or_not_there(void **state)
{
    (void)state;
    expect_webhook("oauth_token_url = https://auth.example/token",
                   "dockbell.conf:9: [webhook wms] oauth_token_url: needs oauth_client_id as well\n"
                   "dockbell.conf:9: [webhook wms] oauth_token_url: needs oauth_client_secret as "
                   "well\n");
    expect_webhook("oauth_scope = a",
                   "dockbell.conf:9: [webhook wms] oauth_scope: needs oauth_token_url as well\n"
                   "dockbell.conf:9: [webhook wms] oauth_scope: needs oauth_client_id as well\n"
                   "dockbell.conf:9: [webhook wms] oauth_scope: needs oauth_client_secret as "
                   "well\n");
}

static void one_authorization_is_enough(void **state)
{
    (void)state;
    expect_webhook(OAUTH "bearer = t",
                   "dockbell.conf:9: [webhook wms] oauth_token_url: cannot be with bearer at "
                   "dockbell.conf:12: it is one or the other\n");
    expect_webhook("user = u\npassword = p\n" OAUTH,
                   "dockbell.conf:11: [webhook wms] oauth_token_url: cannot be with user at "
                   "dockbell.conf:9: it is one or the other\n");
}

static void values_that_cannot_be(void **state)
{
    (void)state;
    expect_webhook(OAUTH "oauth_client_auth = jwt", "dockbell.conf:12: [webhook wms] "
                                                    "oauth_client_auth: \"jwt\" is neither basic "
                                                    "nor post\n");
    expect_webhook(OAUTH "oauth_scope = a  b",
                   "dockbell.conf:12: [webhook wms] oauth_scope: \"a  b\" is not a list of scopes "
                   "with one blank between two\n");
    expect_webhook(OAUTH "oauth_scope = a\"b",
                   "dockbell.conf:12: [webhook wms] oauth_scope: \"a\"b\" is not a list of scopes "
                   "with one blank between two\n");
    load(GOOD "oauth_token_url = http://auth.example/token\noauth_client_id = a\n"
              "oauth_client_secret = s\n");
    assert_non_null(strstr(findings, "dockbell.conf:9: [webhook wms] oauth_token_url: "));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(a_whole_section_becomes_a_request),
        IN_DIRECTORY(id_and_secret_in_the_form),
        IN_DIRECTORY(it_is_whole_or_not_there),
        IN_DIRECTORY(one_authorization_is_enough),
        IN_DIRECTORY(values_that_cannot_be),
    };
    return cmocka_run_group_tests_name("config_oauth", tests, NULL, NULL);
}
