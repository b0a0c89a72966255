/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/memory.h"
#include "notification/secret_notice.h"

#define ENVELOPE(type, payload)                                                                    \
    "{\"notificationVersion\":\"1.0\",\"notificationType\":\"" type "\",\"payloadVersion\":"       \
    "\"1.0\",\"eventTime\":\"2026-01-11T00:09:53.109Z\",\"payload\":{" payload "},"                \
    "\"notificationMetadata\":{\"publishTime\":\"2026-01-11T00:09:54.000Z\","                      \
    "\"notificationId\":\"n-1\"}}"
#define FRESH(client, secret)                                                                      \
    ENVELOPE("APPLICATION_OAUTH_CLIENT_NEW_SECRET",                                                \
             "\"applicationOAuthClientNewSecret\":{\"clientId\":" client                           \
             ",\"newClientSecret\":" secret ","                                                    \
             "\"newClientSecretExpiryTime\":\"2026-07-10T00:09:53.109Z\","                         \
             "\"oldClientSecretExpiryTime\":\"2026-01-18T00:09:53.109Z\"}")

static int read_new(struct new_client_secret *ret, const char *text)
{
    struct notification n;
    notification_parse(&n, text, strlen(text));
    assert_true(n.client_secret);
    int r = new_client_secret_read(ret, &n);
    notification_clear(&n);
    return r;
}

static void reads_a_new_secret(void **state)
{
    (void)state;
    struct new_client_secret secret;
    uint64_t usec;
    assert_int_equal(read_new(&secret, FRESH("\"amzn1.client\"", "\"amzn1.\\u006fa2-cs.v1.x\"")),
                     0);
    assert_string_equal(secret.client_id, "amzn1.client");
    assert_string_equal(secret.secret.data, "amzn1.oa2-cs.v1.x");
    assert_int_equal(clock_parse_rfc3339("2026-01-11T00:09:53.109Z", 24, &usec), 0);
    assert_int_equal(secret.issued_usec, usec);
    assert_int_equal(clock_parse_rfc3339("2026-07-10T00:09:53.109Z", 24, &usec), 0);
    assert_int_equal(secret.expires_usec, usec);
    assert_int_equal(clock_parse_rfc3339("2026-01-18T00:09:53.109Z", 24, &usec), 0);
    assert_int_equal(secret.old_expires_usec, usec);
    new_client_secret_clear(&secret);
}

/* A whole secret in a notification of another type, with a problem, or without a time. */
static void refuses_a_secret_in_another_notification(void **state)
{
    (void)state;
    const char *text = FRESH("\"c\"", "\"s\"");
    struct new_client_secret secret;
    struct notification n;
    notification_parse(&n, text, strlen(text));
    const struct notification whole = n;
    n.type = "ORDER_CHANGE";
    assert_int_equal(new_client_secret_read(&secret, &n), -EINVAL);
    n = whole;
    n.problem = NOTIFICATION_NOT_JSON;
    assert_int_equal(new_client_secret_read(&secret, &n), -EINVAL);
    n = whole;
    n.event_usec = 0;
    assert_int_equal(new_client_secret_read(&secret, &n), -EINVAL);
    n = whole;
    assert_int_equal(new_client_secret_read(&secret, &n), 0);
    new_client_secret_clear(&secret);
    notification_clear(&n);
}

static void refuses_a_secret_that_is_not_whole(void **state)
{
    (void)state;
    struct new_client_secret secret;
    static const char *const bad[] = {
        FRESH("\"\"", "\"s\""),
        FRESH("7", "\"s\""),
        FRESH("\"c\"", "\"\""),
        FRESH("\"c\"", "null"),
        FRESH("\"c\"", "{\"a\":\"s\"}"),
        FRESH("\"c\"", "\"two words\""),
        FRESH("\"c\"", "\"line\\nbreak\""),
        FRESH("\"c\"", "\"\\u00e9\""),
        ENVELOPE("APPLICATION_OAUTH_CLIENT_NEW_SECRET", ""),
        ENVELOPE("APPLICATION_OAUTH_CLIENT_NEW_SECRET",
                 "\"applicationOAuthClientNewSecret\":{\"clientId\":\"c\",\"newClientSecret\":"
                 "\"s\"}"),
        ENVELOPE("ANOTHER", "\"applicationOAuthClientNewSecret\":{\"newClientSecret\":\"s\"}"),
        "{\"newClientSecret\":\"s\"",
    };
    for (size_t i = 0; i < ELEMENTS(bad); i++) {
        if (read_new(&secret, bad[i]) != -EINVAL)
            fail_msg("taken: %s", bad[i]);
        assert_null(secret.secret.data);
    }
    AUTOFREE char *word = memory_new(SECRET_NOTICE_MAX + 2);
    memset(word, 's', SECRET_NOTICE_MAX + 1);
    AUTOFREE char *lengthy = memory_format(FRESH("\"c\"", "\"%s\""), word);
    assert_int_equal(read_new(&secret, lengthy), -EINVAL);
    lengthy[strstr(lengthy, "s\",\"newClientSecretE") - lengthy] = '"'; /* one shorter */
    lengthy[strstr(lengthy, "\"\",\"newClientSecretE") - lengthy + 1] = ' ';
    assert_int_equal(read_new(&secret, lengthy), 0);
    assert_int_equal(secret.secret.size, SECRET_NOTICE_MAX);
    new_client_secret_clear(&secret);
}

static int read_expiry(struct client_secret_expiry *ret, const char *text)
{
    struct notification n;
    notification_parse(&n, text, strlen(text));
    assert_false(n.client_secret); /* it is forwarded like others */
    int r = client_secret_expiry_read(ret, &n);
    notification_clear(&n);
    return r;
}

#define EXPIRY(rest)                                                                               \
    ENVELOPE("APPLICATION_OAUTH_CLIENT_SECRET_EXPIRY",                                             \
             "\"applicationOAuthClientSecretExpiry\":{\"clientId\":\"amzn1.client\"" rest "}")
#define AT ",\"clientSecretExpiryTime\":\"2026-04-11T00:09:53.109Z\""

static void reads_when_a_secret_expires(void **state)
{
    (void)state;
    struct client_secret_expiry expiry;
    uint64_t usec;
    assert_int_equal(clock_parse_rfc3339("2026-04-11T00:09:53.109Z", 24, &usec), 0);
    const char *with = EXPIRY(AT ",\"clientSecretExpiryReason\":\"PERIODIC_ROTATION\"");
    assert_int_equal(read_expiry(&expiry, with), 0);
    assert_string_equal(expiry.client_id, "amzn1.client");
    assert_string_equal(expiry.reason, "PERIODIC_ROTATION");
    assert_int_equal(expiry.expires_usec, usec);
    assert_int_equal(read_expiry(&expiry, EXPIRY(AT)), 0);
    assert_string_equal(expiry.reason, "");
    assert_int_equal(read_expiry(&expiry, EXPIRY("")), -EINVAL);
    assert_int_equal(read_expiry(&expiry, ENVELOPE("ORDER_CHANGE", "")), -EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_a_new_secret),
        cmocka_unit_test(refuses_a_secret_that_is_not_whole),
        cmocka_unit_test(refuses_a_secret_in_another_notification),
        cmocka_unit_test(reads_when_a_secret_expires),
    };
    return cmocka_run_group_tests_name("secret_notice", tests, NULL, NULL);
}
