/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "webhook/sign.h"

#define KEY1 "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
#define KEY2 "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
#define ID1  "msg_p5jXN8AQM9LWM0D4loKWxJek"

static int parse(struct webhook_keys *keys, const char *text, struct error *error)
{
    CLEANUP(secret_clear) struct secret secret = {0};
    secret_set(&secret, text, strlen(text));
    return webhook_keys_parse(keys, &secret, error);
}

static void signs(const char *keys_text, const char *id, uint64_t timestamp, const char *body,
                  const char *signature)
{
    struct webhook_keys keys;
    AUTOTEXT struct text out = {0};
    size_t size = strlen(body);
    assert_int_equal(parse(&keys, keys_text, NULL), 0);
    for (size_t cut = 0; cut <= size; cut++) {
        const struct webhook_part parts[] = {{body, cut}, {"", 0}, {body + cut, size - cut}};
        text_reset(&out);
        webhook_sign(&out, &keys, id, timestamp, parts, ELEMENTS(parts));
        assert_string_equal(out.data, signature);
    }
    webhook_keys_clear(&keys);
    assert_int_equal(keys.count, 0);
}

/* The first two are from the test suites of the Standard Webhooks libraries (JavaScript, Rust), the
 * others were computed with two of those libraries. */
static void check_vectors(void **state)
{
    (void)state;
    signs(KEY1, ID1, 1614265330, "{\"test\": 2432232314}",
          "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    signs(KEY2, "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk", 1649367553,
          "{\"email\":\"test@example.com\",\"username\":\"test_user\"}",
          "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=");
    signs(KEY1, ID1, 1614265330, "", "v1,v48jdbgvh29KJz2Qc+ghw8G6vG3nAKnujWBg8oM/62A=");
    signs(KEY1, ID1, 1614265330, "{\"n\u00e4me\":\"\u00dcn\u00ef \u2713\"}",
          "v1,hS4eH5qUnCa+fYZpyYcOBUp79O1q3O6Ip2dUtSo4A3k=");
    signs(KEY1, "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W", 1674087231,
          "{\"type\":\"contact.created\",\"timestamp\":\"2022-11-03T20:26:10.344522Z\",\"data\":{"
          "\"id\":\"1f81eb52-5198-4599-803e-771906343485\"}}",
          "v1,ARw42xaAApl/nxRo+iPGYwSaMQaOwMo2eyH5JBRA+bQ=");
}

static void signs_with_both_keys_while_rotating(void **state)
{
    (void)state;
    struct webhook_keys keys;
    const struct webhook_part body = {"{\"test\": 2432232314}", 20};
    AUTOTEXT struct text out = {0}, second = {0};

    assert_int_equal(parse(&keys, KEY2, NULL), 0);
    webhook_sign(&second, &keys, ID1, 1614265330, &body, 1);
    webhook_keys_clear(&keys);

    assert_int_equal(parse(&keys, " " KEY1 " ,\t" KEY2 "\n", NULL), 0);
    assert_int_equal(keys.count, 2);
    webhook_sign(&out, &keys, ID1, 1614265330, &body, 1);
    webhook_keys_clear(&keys);
    AUTOFREE char *both =
        memory_format("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE= %s", second.data);
    assert_string_equal(out.data, both);
}

static void refuses_without_repeating_the_secret(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        " ",
        "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "whsec_",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa-_",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLQ==", /* 22 bytes */
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYqrTwjUPD8"
        "ILPZIo2LaLaSw", /* 72 bytes */
        KEY1 ",secret",
        KEY1 ",," KEY2,
        KEY1 "," KEY2 "," KEY1,
    };
    for (size_t i = 0; i < ELEMENTS(bad); i++) {
        struct webhook_keys keys;
        struct error error;
        assert_int_equal(parse(&keys, bad[i], &error), -EIO);
        assert_int_equal(keys.count, 0);
        assert_int_equal(error.kind, ERROR_CONFIG);
        assert_null(strstr(error.text, "MfKQ9"));
        assert_non_null(strstr(error.text, "webhook secret"));
    }
}

static void secrets_of_24_and_64_bytes(void **state)
{
    (void)state;
    struct webhook_keys keys;
    assert_int_equal(parse(&keys, KEY1, NULL), 0);
    webhook_keys_clear(&keys);
    assert_int_equal(parse(&keys,
                           "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
                           "MfKQ9r8GKYqrTwjUPD8ILA==",
                           NULL),
                     0);
    webhook_keys_clear(&keys);
}

static void ids(void **state)
{
    (void)state;
    char out[WEBHOOK_ID_MAX], longest[130];
    webhook_id(out, "91e63afd-36d2-4706-9480-abd6f494065c");
    assert_string_equal(out, "91e63afd-36d2-4706-9480-abd6f494065c");
    memset(longest, 'x', sizeof(longest));
    longest[128] = '\0';
    webhook_id(out, longest);
    assert_string_equal(out, longest);
    longest[128] = 'x';
    longest[129] = '\0';
    webhook_id(out, longest);
    assert_string_equal(out, "sha256-"
                             "0ec9eb33e74510bcdd1f2ea55206e82f21649c5c2becbf2b433eb475b34c01bd");
    webhook_id(out, "a.b");
    assert_string_equal(out, "sha256-"
                             "2e7336dc8eba87ef472df568c35482abf2575dc3e5eac0c5c62b8ffaeac2c934");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(check_vectors),
        cmocka_unit_test(signs_with_both_keys_while_rotating),
        cmocka_unit_test(refuses_without_repeating_the_secret),
        cmocka_unit_test(secrets_of_24_and_64_bytes),
        cmocka_unit_test(ids),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
