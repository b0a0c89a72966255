/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "wire/oauth.h"

static const struct oauth_meaning meanings[] = {{"invalid_client", "look at the secret"},
                                                {NULL, NULL}};

static struct secret token;
static uint64_t lifetime_s;
static struct error error;

static int read_hiding(int status, const char *bytes, const struct secret *hidden)
{
    const struct oauth_asker asker = {"the endpoint", "webhook wms", meanings, hidden};
    secret_clear(&token);
    error = (struct error){.kind = ERROR_NONE};
    return oauth_read(bytes, strlen(bytes), status, &asker, &token, &lifetime_s, &error);
}

static int read(int status, const char *bytes)
{
    return read_hiding(status, bytes, NULL);
}

static int teardown(void **state)
{
    (void)state;
    secret_clear(&token);
    return 0;
}

static void builds_a_form(void **state)
{
    (void)state;
    AUTOTEXT struct text form = {0};
    oauth_form_add(&form, "scope", "a b", 3);
    oauth_form_add(&form, "secret", "\xc3\xa4&=+%~", 7);
    assert_string_equal(form.data, "scope=a%20b&secret=%C3%A4%26%3D%2B%25~");
}

static void takes_a_bearer_token(void **state)
{
    (void)state;
    assert_int_equal(
        read(200, "{\"access_token\":\"t\",\"token_type\":\"Bearer\",\"expires_in\":3600}"), 0);
    assert_string_equal(token.data, "t");
    assert_int_equal(lifetime_s, 3600);
    assert_int_equal(read(200, "{\"access_token\":\"u\"}"), 0);
    assert_string_equal(token.data, "u");
    assert_int_equal(lifetime_s, 0);
}

static void lifetimes(void **state)
{
    (void)state;
    static const struct {
        const char *written;
        uint64_t seconds;
    } rows[] = {{"\"3599\"", 3599}, {"0", 0},        {"-1", 0},
                {"1e300", 0},       {"\"soon\"", 0}, {"null", 0},
                {"[60]", 0},        {"59.9", 59},    {"\"99999999999\"", 0}};
    for (size_t i = 0; i < ELEMENTS(rows); i++) {
        AUTOFREE char *answer =
            memory_format("{\"access_token\":\"t\",\"expires_in\":%s}", rows[i].written);
        assert_int_equal(read(200, answer), 0);
        assert_int_equal(lifetime_s, rows[i].seconds);
    }
    assert_int_equal(oauth_use_s(3600), 3540);
    assert_int_equal(oauth_use_s(121), 61);
    assert_int_equal(oauth_use_s(120), 60);
    assert_int_equal(oauth_use_s(3), 2);
    assert_int_equal(oauth_use_s(0), 0);
}

static void assert_no_token(int status, const char *bytes, enum error_kind kind, const char *text)
{
    assert_true(read(status, bytes) < 0);
    assert_null(token.data);
    assert_string_equal(error_kind_name(error.kind), error_kind_name(kind));
    assert_string_equal(error.text, text);
}

static void what_is_no_token(void **state)
{
    (void)state;
    static const char none[] = "the endpoint sends no access token for webhook wms";
    AUTOFREE char *huge = memory_new(OAUTH_TOKEN_MAX + 100);
    memset(huge, 'x', OAUTH_TOKEN_MAX + 90);
    memcpy(huge, "{\"access_token\":\"", 17);
    memcpy(huge + OAUTH_TOKEN_MAX + 88, "\"}", 2);
    assert_no_token(200, huge, ERROR_PROTOCOL, none);
    assert_no_token(200, "", ERROR_PROTOCOL, none);
    assert_no_token(200, "<html>", ERROR_PROTOCOL, none);
    assert_no_token(200, "[]", ERROR_PROTOCOL, none);
    assert_no_token(200, "{\"access_token\":7}", ERROR_PROTOCOL, none);
    assert_no_token(200, "{\"access_token\":\"\"}", ERROR_PROTOCOL, none);
    assert_no_token(200, "{\"access_token\":\"a\\r\\nx: y\"}", ERROR_PROTOCOL, none);
    assert_no_token(200, "{\"access_token\":\"t\"} and more", ERROR_PROTOCOL, none);
    assert_no_token(200, "{\"access_token\":\"t\",\"token_type\":\"mac\"}", ERROR_PROTOCOL,
                    "the endpoint sends a token for webhook wms that is no bearer token");
}

static void why_there_is_none(void **state)
{
    (void)state;
    assert_no_token(401, "{\"error\":\"invalid_client\",\"error_description\":\"no\"}",
                    ERROR_CREDENTIALS,
                    "the endpoint refuses webhook wms: invalid_client: look at the secret");
    assert_string_equal(error.code, "invalid_client");
    assert_int_equal(error.status, 401);
    assert_no_token(403, "{\"error\":\"access_denied\",\"error_description\":\"no\\nway\"}",
                    ERROR_REFUSED, "the endpoint refuses webhook wms: access_denied: no\\nway");
    assert_no_token(500, "<html>", ERROR_STATUS, "the endpoint refuses webhook wms: status 500");
    assert_no_token(429, "", ERROR_THROTTLED, "the endpoint refuses webhook wms: status 429");
    assert_no_token(404, "{}", ERROR_REFUSED, "the endpoint refuses webhook wms: status 404");
    assert_no_token(302, "", ERROR_PROTOCOL,
                    "the endpoint refuses webhook wms: status 302: redirects are not followed");
    assert_no_token(204, "", ERROR_PROTOCOL, "the endpoint refuses webhook wms: status 204");
    /* A token that comes with a refusal is none. */
    assert_no_token(400, "{\"access_token\":\"t\"}", ERROR_REFUSED,
                    "the endpoint refuses webhook wms: status 400");
}

static void an_echo_of_the_secret_is_not_told(void **state)
{
    (void)state;
    CLEANUP(secret_clear) struct secret hidden = {0};
    secret_set(&hidden, "s3cret", 6);
    static const char answer[] =
        "{\"error\":\"invalid_request\",\"error_description\":\"what is s3cret?\"}";
    assert_true(read_hiding(400, answer, &hidden) < 0);
    assert_string_equal(error.text, "the endpoint refuses webhook wms: invalid_request");
    assert_true(read_hiding(400, "{\"error\":\"s3cret\"}", &hidden) < 0);
    assert_string_equal(error.text, "the endpoint refuses webhook wms: status 400");
    assert_string_equal(error.code, "");
    assert_true(read(400, answer) < 0);
    assert_string_equal(error.text,
                        "the endpoint refuses webhook wms: invalid_request: what is s3cret?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(builds_a_form),
        cmocka_unit_test_teardown(takes_a_bearer_token, teardown),
        cmocka_unit_test_teardown(lifetimes, teardown),
        cmocka_unit_test_teardown(what_is_no_token, teardown),
        cmocka_unit_test_teardown(why_there_is_none, teardown),
        cmocka_unit_test_teardown(an_echo_of_the_secret_is_not_told, teardown),
    };
    return cmocka_run_group_tests_name("oauth", tests, NULL, NULL);
}
