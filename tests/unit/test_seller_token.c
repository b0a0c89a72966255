/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <jwt.h>

#include "../../src/daemon/admin/body.h"
#include "base/memory.h"
#include "config/seller_token.h"

#define NOW 1700000000ULL

static struct secret key = {(char[]){"0123456789abcdef0123456789abcdef"}, 32};

/* A token with these claims, made without the code that is tested. */
static char *make(jwt_alg_t alg, const char *claims)
{
    jwt_t *jwt;
    assert_int_equal(jwt_new(&jwt), 0);
    assert_int_equal(jwt_add_grants_json(jwt, claims), 0);
    bool keyed = alg != JWT_ALG_NONE;
    assert_int_equal(
        jwt_set_alg(jwt, alg, keyed ? (unsigned char *)key.data : NULL, keyed ? (int)key.size : 0),
        0);
    char *token = jwt_encode_str(jwt);
    jwt_free(jwt);
    return token;
}

static void expect_refused(jwt_alg_t alg, const char *claims, const char *why)
{
    char seller[CONFIG_NAME_MAX + 1];
    struct error error;
    AUTOFREE char *token = make(alg, claims);
    assert_int_equal(seller_token_verify(&key, token, NOW, seller, &error), -EIO);
    assert_int_equal(error.kind, ERROR_CREDENTIALS);
    assert_non_null(strstr(error.text, why));
}

static void what_is_issued_is_taken_until_it_expires(void **state)
{
    char seller[CONFIG_NAME_MAX + 1];
    struct error error;
    (void)state;
    AUTOFREE char *token = seller_token_issue(&key, "acme", NOW, 60);
    assert_int_equal(seller_token_verify(&key, token, NOW, seller, &error), 0);
    assert_string_equal(seller, "acme");
    assert_int_equal(seller_token_verify(&key, token, NOW + 59, seller, &error), 0);
    assert_int_equal(seller_token_verify(&key, token, NOW + 60, seller, &error), -EIO);
    assert_string_equal(error.text, "the token has expired");
}

static void another_key_is_another_token(void **state)
{
    char seller[CONFIG_NAME_MAX + 1];
    struct error error;
    struct secret other = {(char[]){"0123456789abcdef0123456789abcdeF"}, 32};
    (void)state;
    AUTOFREE char *token = seller_token_issue(&other, "acme", NOW, 60);
    assert_int_equal(seller_token_verify(&key, token, NOW, seller, &error), -EIO);
    assert_int_equal(seller_token_verify(&key, "", NOW, seller, &error), -EIO);
    assert_int_equal(seller_token_verify(&key, "a.b.c", NOW, seller, &error), -EIO);
    AUTOFREE char *huge = memory_new(SELLER_TOKEN_MAX + 2);
    memset(huge, 'x', SELLER_TOKEN_MAX + 1);
    assert_int_equal(seller_token_verify(&key, huge, NOW, seller, &error), -EIO);
    assert_string_equal(error.text, "the token is too long");
}

static void only_hs256_is_taken(void **state)
{
    (void)state;
    static const char good[] = "{\"sub\":\"acme\",\"exp\":1700000060}";
    expect_refused(JWT_ALG_HS384, good, "not signed with HS256");
    expect_refused(JWT_ALG_HS512, good, "not signed with HS256");
    expect_refused(JWT_ALG_NONE, good, "no JWT, or is not signed");
}

static void claims_must_be_there(void **state)
{
    (void)state;
    expect_refused(JWT_ALG_HS256, "{\"sub\":\"acme\"}", "it must expire");
    expect_refused(JWT_ALG_HS256, "{\"sub\":\"acme\",\"exp\":\"1700000060\"}", "it must expire");
    expect_refused(JWT_ALG_HS256, "{\"exp\":1700000060}", "names no seller");
    expect_refused(JWT_ALG_HS256, "{\"sub\":7,\"exp\":1700000060}", "names no seller");
    expect_refused(JWT_ALG_HS256, "{\"sub\":\"../x\",\"exp\":1700000060}", "names no seller");
    expect_refused(JWT_ALG_HS256, "{\"sub\":\"acme\",\"exp\":1700000900,\"nbf\":1700000300}",
                   "not good yet");
}

static void short_keys_are_refused(void **state)
{
    struct secret brief = {(char[]){"0123456789abcdef0123456789abcde"}, 31};
    struct error error;
    (void)state;
    assert_int_equal(seller_token_check_key(&key, &error), 0);
    assert_int_equal(seller_token_check_key(&brief, &error), -EIO);
    assert_null(strstr(error.text, "abcde"));
}

static void lifetimes_are_durations(void **state)
{
    uint64_t seconds;
    struct error error;
    (void)state;
    assert_int_equal(seller_token_lifetime("30d", &seconds, &error), 0);
    assert_int_equal(seconds, 30 * 86400);
    assert_int_equal(seller_token_lifetime("1s", &seconds, &error), -EIO);
    assert_int_equal(seller_token_lifetime("soon", &seconds, &error), -EIO);
}

static void expect_body(const char *json, const char *why)
{
    struct admin_body body;
    char said[320] = "";
    if (admin_body_parse(json, strlen(json), &body, said) == 0)
        free(body.arn);
    assert_string_equal(said, why);
}

#define ARN "arn:aws:sqs:us-east-1:123456789012:amazon-order-updates"

static void bodies_are_those_of_data_border(void **state)
{
    struct admin_body body;
    char why[320];
    static const char json[] = "{\"sqsArn\":\"" ARN "\",\"recreateSubscription\":true}";
    (void)state;
    assert_int_equal(admin_body_parse(json, strlen(json), &body, why), 0);
    assert_string_equal(body.arn, ARN);
    assert_true(body.recreate);
    free(body.arn);
    expect_body("{\"sqsArn\":\"" ARN "\"}", "");
    expect_body("{\"sqsArn\":\"" ARN "\",\"recreateSubscription\":null,\"more\":1}", "");
    expect_body("", "the body is not a JSON object");
    expect_body("[]", "the body is not a JSON object");
    expect_body("{}", "sqsArn is missing, or not a string");
    expect_body("{\"sqsArn\":1}", "sqsArn is missing, or not a string");
    expect_body("{\"sqsArn\":\"" ARN "\",\"recreateSubscription\":\"true\"}",
                "recreateSubscription is not a boolean");
    expect_body("{\"sqsArn\":\"" ARN ".fifo\"}",
                "\"" ARN ".fifo\" is a FIFO queue; Amazon publishes to standard queues only, make "
                "one");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_issued_is_taken_until_it_expires),
        cmocka_unit_test(another_key_is_another_token),
        cmocka_unit_test(only_hs256_is_taken),
        cmocka_unit_test(claims_must_be_there),
        cmocka_unit_test(short_keys_are_refused),
        cmocka_unit_test(lifetimes_are_durations),
        cmocka_unit_test(bodies_are_those_of_data_border),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
