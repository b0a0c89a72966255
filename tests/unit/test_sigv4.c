/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "aws/sigv4.h"
#include "base/clock.h"
#include "base/memory.h"

/* The keys, region, service and time of AWS's published signature test suite. */
#define SUITE_TIME (1440938160 * USEC_PER_SEC)
#define SUITE_DATE "20150830T123600Z"
#define HOST                                                                                       \
    {                                                                                              \
        "host", "example.amazonaws.com"                                                            \
    }
#define DATE                                                                                       \
    {                                                                                              \
        "x-amz-date", SUITE_DATE                                                                   \
    }
#define TOKEN                                                                                      \
    "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwA"             \
    "eMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8p"             \
    "hUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT"             \
    "38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabI"             \
    "Qwj2ICCR/oLxBA=="

struct vector {
    const char *name;
    const char *method;
    struct sigv4_header headers[6];
    const char *body;
    const char *signed_headers;
    const char *signature;
};

static const struct vector vectors[] = {
    {"get-vanilla",
     "GET",
     {HOST, DATE},
     "",
     "host;x-amz-date",
     "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
    {"get-header-key-duplicate",
     "GET",
     {HOST, {"my-header1", "value2"}, {"my-header1", "value2"}, {"my-header1", "value1"}, DATE},
     "",
     "host;my-header1;x-amz-date",
     "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea"},
    {"get-header-value-trim",
     "GET",
     {HOST, {"my-header1", " value1"}, {"my-header2", " \"a   b   c\""}, DATE},
     "",
     "host;my-header1;my-header2;x-amz-date",
     "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"},
    {"post-vanilla",
     "POST",
     {HOST, DATE},
     "",
     "host;x-amz-date",
     "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
    {"post-header-key-sort",
     "POST",
     {{"my-header1", "value1"}, DATE, HOST},
     "",
     "host;my-header1;x-amz-date",
     "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c"},
    {"post-header-value-case",
     "POST",
     {HOST, {"my-header1", "VALUE1"}, DATE},
     "",
     "host;my-header1;x-amz-date",
     "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d"},
    {"post-x-www-form-urlencoded",
     "POST",
     {{"content-type", "application/x-www-form-urlencoded"}, HOST, DATE},
     "Param1=value1",
     "content-type;host;x-amz-date",
     "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"},
    {"post-sts-header-before",
     "POST",
     {HOST, DATE, {"x-amz-security-token", TOKEN}},
     "",
     "host;x-amz-date;x-amz-security-token",
     "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead"},
};

static struct aws_credentials credentials;

static int setup(void **state)
{
    (void)state;
    credentials.access_key_id = memory_string("AKIDEXAMPLE");
    secret_set(&credentials.secret_access_key, "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", 40);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    aws_credentials_clear(&credentials);
    return 0;
}

static void sign(struct text *out, struct sigv4 *signer, const struct vector *vector)
{
    struct sigv4_request request = {
        .method = vector->method,
        .path = "/",
        .headers = vector->headers,
        .body = vector->body,
        .body_size = strlen(vector->body),
    };
    while (request.header_count < ELEMENTS(vector->headers) &&
           vector->headers[request.header_count].name)
        request.header_count++;
    text_reset(out);
    sigv4_authorization(out, signer, &credentials, &request, SUITE_TIME);
}

static void signs_as_published(void **state)
{
    struct sigv4 *signer = sigv4_new("us-east-1", "service");
    AUTOTEXT struct text got = {0};
    (void)state;
    for (size_t i = 0; i < ELEMENTS(vectors); i++) {
        AUTOFREE char *expected = memory_format(
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
            "SignedHeaders=%s, Signature=%s",
            vectors[i].signed_headers, vectors[i].signature);
        sign(&got, signer, &vectors[i]);
        if (strcmp(got.data, expected) != 0)
            fail_msg("%s\n%s\n%s", vectors[i].name, got.data, expected);
    }
    sigv4_free(signer);
    sigv4_free(NULL);
}

static void writes_the_canonical_request(void **state)
{
    const struct sigv4_header headers[] = {DATE, HOST};
    AUTOTEXT struct text got = {0};
    (void)state;
    sigv4_canonical_request(&got, &(struct sigv4_request){
                                      .method = "POST",
                                      .path = "/",
                                      .headers = headers,
                                      .header_count = 2,
                                  });
    assert_string_equal(got.data,
                        "POST\n/\n\nhost:example.amazonaws.com\nx-amz-date:" SUITE_DATE
                        "\n\nhost;x-amz-date\n"
                        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

/* The kept key must not outlive what it was made from. */
static void follows_day_and_secret(void **state)
{
    struct sigv4 *signer = sigv4_new("us-east-1", "service");
    const struct vector *vanilla = &vectors[3];
    struct sigv4_request request = {
        .method = "POST", .path = "/", .headers = vanilla->headers, .header_count = 2};
    AUTOTEXT struct text first = {0}, other = {0};
    (void)state;
    sigv4_authorization(&other, signer, &credentials, &request, SUITE_TIME + USEC_PER_DAY);
    sign(&first, signer, vanilla);
    assert_non_null(strstr(first.data, vanilla->signature));
    secret_set(&credentials.secret_access_key, "another", 7);
    sign(&other, signer, vanilla);
    assert_null(strstr(other.data, vanilla->signature));
    secret_set(&credentials.secret_access_key, "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", 40);
    sign(&other, signer, vanilla);
    assert_string_equal(first.data, other.data);
    sigv4_free(signer);
}

static const struct sigv4_post post = {
    .host = "sqs.eu-west-1.amazonaws.com",
    .content_type = "application/x-amz-json-1.0",
    .target = "AmazonSQS.ReceiveMessage",
    .body = "{}",
    .body_size = 2,
};

/* The two signatures are botocore's for the same request and time. */
static void a_post_carries_its_lines(void **state)
{
    struct sigv4 *signer = sigv4_new("eu-west-1", "sqs");
    struct sigv4_lines lines;
    (void)state;
    sigv4_sign_post(&lines, signer, &credentials, &post, SUITE_TIME);
    assert_string_equal(lines.lines[0], "Content-Type: application/x-amz-json-1.0");
    assert_string_equal(lines.lines[1], "X-Amz-Target: AmazonSQS.ReceiveMessage");
    assert_string_equal(lines.lines[2], "X-Amz-Date: " SUITE_DATE);
    assert_memory_equal(lines.lines[3], "Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/",
                        55);
    assert_non_null(
        strstr(lines.lines[3],
               "SignedHeaders=content-type;host;x-amz-date;x-amz-target, "
               "Signature=df23ff833a9d2410c2743fa5f564304efc8523a3014bdddc7525945c54c71040"));
    assert_null(lines.lines[4]);
    sigv4_lines_clear(&lines);

    secret_set(&credentials.session_token, TOKEN, strlen(TOKEN));
    sigv4_sign_post(&lines, signer, &credentials, &post, SUITE_TIME);
    assert_string_equal(lines.lines[3], "X-Amz-Security-Token: " TOKEN);
    assert_non_null(
        strstr(lines.lines[4],
               "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target, "
               "Signature=f881197ba05b94a203f678711b97732adb57c1e44f1555e6c9bf408efe0beb1e"));
    assert_null(lines.lines[5]);
    sigv4_lines_clear(&lines);
    sigv4_free(signer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(signs_as_published, setup, teardown),
        cmocka_unit_test(writes_the_canonical_request),
        cmocka_unit_test_setup_teardown(follows_day_and_secret, setup, teardown),
        cmocka_unit_test_setup_teardown(a_post_carries_its_lines, setup, teardown),
    };
    return cmocka_run_group_tests_name("sigv4", tests, NULL, NULL);
}
