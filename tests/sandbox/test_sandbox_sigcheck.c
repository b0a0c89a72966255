/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/memory.h"
#include "sigcheck.h"

/* Cases of AWS's Signature Version 4 test suite, and requests signed by botocore. */
#define SUITE_USEC (1440938160ULL * USEC_PER_SEC) /* 2015-08-30T12:36:00Z */

static const struct sigcheck_key keys[] = {
    {"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", NULL, false},
    {"AKIDTOKEN", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "token/+==", true},
};

struct pair {
    const char *name, *value;
};

static const char *find(void *userdata, const char *name)
{
    for (const struct pair *pair = userdata; pair->name; pair++)
        if (strcmp(pair->name, name) == 0)
            return pair->value;
    return NULL;
}

static enum sigcheck_result verify(const char *service, const char *method, const char *target,
                                   struct pair *headers, const char *body, uint64_t now_usec,
                                   struct text *why)
{
    struct sigcheck check = {
        .keys = keys, .key_count = ELEMENTS(keys), .region = "us-east-1", .service = service};
    struct sigcheck_request request = {method, target, find, headers, body, strlen(body)};
    enum sigcheck_result r = SIGCHECK_OK;
    for (unsigned twice = 0; twice < 2; twice++) { /* the second time with the kept key */
        text_reset(why);
        r = sigcheck_verify(&check, &request, now_usec, why);
    }
    sigcheck_clear(&check);
    return r;
}

#define AUTH(key, service, headers, signature)                                                     \
    "AWS4-HMAC-SHA256 Credential=" key "/20150830/us-east-1/" service                              \
    "/aws4_request, SignedHeaders=" headers ", Signature=" signature

static void the_published_cases_hold(void **state)
{
    (void)state;
    static const struct {
        const char *method, *target, *signature;
    } cases[] = {
        /* get-vanilla, post-vanilla, get-vanilla-query-order-key-case */
        {"GET", "/", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
        {"POST", "/", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
        {"GET", "/?Param2=value2&Param1=value1",
         "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
    };
    for (size_t i = 0; i < ELEMENTS(cases); i++) {
        AUTOFREE char *auth = memory_format(AUTH("AKIDEXAMPLE", "service", "host;x-amz-date", "%s"),
                                            cases[i].signature);
        struct pair headers[] = {{"host", "example.amazonaws.com"},
                                 {"x-amz-date", "20150830T123600Z"},
                                 {"authorization", auth},
                                 {NULL, NULL}};
        AUTOTEXT struct text why = {0};
        assert_int_equal(
            verify("service", cases[i].method, cases[i].target, headers, "", SUITE_USEC, &why),
            SIGCHECK_OK);
    }
}

/* get-header-value-trim */
static void blanks_in_values_do_not_count(void **state)
{
    (void)state;
    AUTOTEXT struct text why = {0};
    struct pair headers[] = {
        {"host", "example.amazonaws.com"},
        {"my-header1", " value1"},
        {"my-header2", " \"a   b   c\""},
        {"x-amz-date", "20150830T123600Z"},
        {"authorization", AUTH("AKIDEXAMPLE", "service", "host;my-header1;my-header2;x-amz-date",
                               "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736")},
        {NULL, NULL},
    };
    assert_int_equal(verify("service", "GET", "/", headers, "", SUITE_USEC, &why), SIGCHECK_OK);
}

/* Signed by botocore 1.43. */
#define BODY        "{\"QueueUrl\":\"http://127.0.0.1/1/q\"}"
#define HEADERS     "content-type;host;x-amz-date;x-amz-target"
#define SIGNATURE   "3532de94c65e70efbbe1f2c320263e709589d03f9fe0c98175609b55ad02b648"
#define T_HEADERS   "content-type;host;x-amz-date;x-amz-security-token;x-amz-target"
#define T_SIGNATURE "ef4f5a1c6dab6b649819d5eaed825a51cf03dd998edf586d8c421881c73f10e6"

static struct pair *plain(const char *auth)
{
    static struct pair headers[6];
    headers[0] = (struct pair){"host", "127.0.0.1:8080"};
    headers[1] = (struct pair){"x-amz-date", "20150830T123600Z"};
    headers[2] = (struct pair){"content-type", "application/x-amz-json-1.0"};
    headers[3] = (struct pair){"x-amz-target", "AmazonSQS.ReceiveMessage"};
    headers[4] = (struct pair){"authorization", auth};
    headers[5] = (struct pair){NULL, NULL};
    return headers;
}

static enum sigcheck_result check_plain(const char *auth, const char *body, uint64_t now_usec,
                                        struct text *why)
{
    return verify("sqs", "POST", "/", plain(auth), body, now_usec, why);
}

static void what_botocore_signs_holds(void **state)
{
    (void)state;
    AUTOTEXT struct text why = {0};
    assert_int_equal(
        check_plain(AUTH("AKIDEXAMPLE", "sqs", HEADERS, SIGNATURE), BODY, SUITE_USEC, &why),
        SIGCHECK_OK);
    assert_int_equal(
        check_plain(AUTH("AKIDEXAMPLE", "sqs", HEADERS, SIGNATURE), BODY " ", SUITE_USEC, &why),
        SIGCHECK_MISMATCH);
    assert_non_null(strstr(why.data, "The request signature we calculated does not match"));
    assert_non_null(strstr(why.data, "x-amz-target:AmazonSQS.ReceiveMessage"));
    /* The right signature under a key that needs a token. */
    assert_int_equal(
        check_plain(AUTH("AKIDTOKEN", "sqs", HEADERS, SIGNATURE), BODY, SUITE_USEC, &why),
        SIGCHECK_UNKNOWN);
    assert_int_equal(
        check_plain(AUTH("AKIDNOBODY", "sqs", HEADERS, SIGNATURE), BODY, SUITE_USEC, &why),
        SIGCHECK_UNKNOWN);
    assert_string_equal(why.data, "The security token included in the request is invalid.");
}

static void session_tokens_are_checked(void **state)
{
    (void)state;
    AUTOTEXT struct text why = {0};
    struct pair headers[] = {
        {"host", "127.0.0.1:8080"},
        {"x-amz-date", "20150830T123600Z"},
        {"content-type", "application/x-amz-json-1.0"},
        {"x-amz-target", "AmazonSQS.ReceiveMessage"},
        {"x-amz-security-token", "token/+=="},
        {"authorization", AUTH("AKIDTOKEN", "sqs", T_HEADERS, T_SIGNATURE)},
        {NULL, NULL},
    };
    assert_int_equal(verify("sqs", "POST", "/", headers, BODY, SUITE_USEC, &why), SIGCHECK_OK);
    headers[4].value = "another";
    assert_int_equal(verify("sqs", "POST", "/", headers, BODY, SUITE_USEC, &why), SIGCHECK_UNKNOWN);
    headers[4].value = "token/+==";
    headers[5].value = AUTH("AKIDTOKEN", "sqs", HEADERS, T_SIGNATURE);
    assert_int_equal(verify("sqs", "POST", "/", headers, BODY, SUITE_USEC, &why),
                     SIGCHECK_MISMATCH);
    assert_non_null(strstr(why.data, "not signed: x-amz-security-token"));
}

static void the_window_is_fifteen_minutes(void **state)
{
    (void)state;
    AUTOTEXT struct text why = {0};
    const char *auth = AUTH("AKIDEXAMPLE", "sqs", HEADERS, SIGNATURE);
    uint64_t window = 15 * USEC_PER_MIN;
    assert_int_equal(check_plain(auth, BODY, SUITE_USEC + window, &why), SIGCHECK_OK);
    assert_int_equal(check_plain(auth, BODY, SUITE_USEC - window, &why), SIGCHECK_OK);
    assert_int_equal(check_plain(auth, BODY, SUITE_USEC + window + USEC_PER_SEC, &why),
                     SIGCHECK_MISMATCH);
    assert_string_equal(why.data, "Signature expired: 20150830T123600Z is now earlier than "
                                  "20150830T123601Z (20150830T125101Z - 15 min.)");
    assert_int_equal(check_plain(auth, BODY, SUITE_USEC - window - USEC_PER_SEC, &why),
                     SIGCHECK_MISMATCH);
    assert_string_equal(why.data, "Signature not yet current: 20150830T123600Z is still later than "
                                  "20150830T123559Z (20150830T122059Z + 15 min.)");
}

static void incomplete_requests_are_told_what_lacks(void **state)
{
    (void)state;
    static const struct {
        const char *auth;
        enum sigcheck_result result;
        const char *why;
    } cases[] = {
        {NULL, SIGCHECK_MISSING, "Request is missing Authentication Token"},
        {"Basic abc", SIGCHECK_INCOMPLETE, "AWS4-HMAC-SHA256"},
        {"AWS4-HMAC-SHA256 x", SIGCHECK_INCOMPLETE, "requires 'Credential' parameter"},
        {"AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=1", SIGCHECK_INCOMPLETE,
         "exactly 5 slash-delimited elements"},
        {"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150831/us-east-1/sqs/aws4_request, "
         "SignedHeaders=host;x-amz-date, Signature=1",
         SIGCHECK_MISMATCH, "Date in Credential scope does not match"},
        {"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/eu-west-1/sqs/aws4_request, "
         "SignedHeaders=host;x-amz-date, Signature=1",
         SIGCHECK_MISMATCH, "valid region, not 'eu-west-1'"},
        {AUTH("AKIDEXAMPLE", "s3", HEADERS, "1"), SIGCHECK_MISMATCH, "correct service: 'sqs'"},
        {AUTH("AKIDEXAMPLE", "sqs", "x-amz-date;x-amz-target", "1"), SIGCHECK_MISMATCH,
         "'Host' must be"},
        {AUTH("AKIDEXAMPLE", "sqs", "host;x-amz-date", "1"), SIGCHECK_MISMATCH,
         "not signed: x-amz-target"},
        {AUTH("AKIDEXAMPLE", "sqs", "x-amz-date;host", "1"), SIGCHECK_MISMATCH, "in order"},
        {AUTH("AKIDEXAMPLE", "sqs", "expect;host;x-amz-date;x-amz-target", "1"),
         SIGCHECK_INCOMPLETE, "not in the request"},
        {AUTH("AKIDEXAMPLE", "sqs", HEADERS, "1"), SIGCHECK_MISMATCH, "does not match"},
    };
    for (size_t i = 0; i < ELEMENTS(cases); i++) {
        AUTOTEXT struct text why = {0};
        assert_int_equal(check_plain(cases[i].auth, BODY, SUITE_USEC, &why), cases[i].result);
        assert_non_null(strstr(why.data, cases[i].why));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_published_cases_hold),
        cmocka_unit_test(blanks_in_values_do_not_count),
        cmocka_unit_test(what_botocore_signs_holds),
        cmocka_unit_test(session_tokens_are_checked),
        cmocka_unit_test(the_window_is_fifteen_minutes),
        cmocka_unit_test(incomplete_requests_are_told_what_lacks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
