/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/memory.h"
#include "webhook/ping.h"
#include "webhook/verify.h"

/* A vector of the Standard Webhooks libraries' own tests. */
#define SECRET  "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
#define OTHER   "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
#define ID      "msg_p5jXN8AQM9LWM0D4loKWxJek"
#define TIME_S  1614265330
#define BODY    "{\"test\": 2432232314}"
#define RIGHT   "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
#define WRONG   "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OF="
#define HEADERS "Webhook-Id: " ID "\nwebhook-timestamp: 1614265330\nwebhook-signature: " RIGHT "\n"

static struct webhook_keys keys;

static void parse(const char *text)
{
    CLEANUP(secret_clear) struct secret secret = {0};
    webhook_keys_clear(&keys);
    secret_set(&secret, text, strlen(text));
    assert_int_equal(webhook_keys_parse(&keys, &secret, NULL), 0);
}

static int start(void **state)
{
    (void)state;
    parse(SECRET);
    return 0;
}

static int end(void **state)
{
    (void)state;
    webhook_keys_clear(&keys);
    return 0;
}

static enum webhook_verdict verdict_of(const char *headers, uint64_t now_s, const char *body)
{
    struct webhook_claim claim = {0};
    webhook_claim_read(&claim, headers, strlen(headers));
    return webhook_verify(&keys, &claim, now_s, WEBHOOK_TOLERANCE_S,
                          (struct webhook_part){body, strlen(body)});
}

static void expect(const char *headers, enum webhook_verdict verdict)
{
    assert_string_equal(webhook_verdict_name(verdict_of(headers, TIME_S, BODY)),
                        webhook_verdict_name(verdict));
}

static void genuine_is_genuine(void **state)
{
    (void)state;
    expect(HEADERS, WEBHOOK_GENUINE);
    assert_null(webhook_verdict_text(WEBHOOK_GENUINE));
    /* As a tool shows a whole request. */
    expect("POST /hooks/amazon HTTP/1.1\r\nHost: wms\r\nWEBHOOK-ID:" ID
           "  \r\nWebhook-Timestamp:\t1614265330\r\nWebhook-Signature: v2,x " RIGHT "\r\n\r\n",
           WEBHOOK_GENUINE);
    /* While a secret is rotated, on either side. */
    parse(OTHER "," SECRET);
    expect(HEADERS, WEBHOOK_GENUINE);
    parse(SECRET);
    expect(HEADERS "webhook-signature: " WRONG " " RIGHT "\n", WEBHOOK_GENUINE);
}

static void what_is_missing_is_named(void **state)
{
    (void)state;
    expect("", WEBHOOK_NO_ID);
    expect("webhook-id: " ID "\n", WEBHOOK_NO_TIMESTAMP);
    expect("webhook-id: " ID "\nwebhook-timestamp: 1614265330", WEBHOOK_NO_SIGNATURE);
    expect(HEADERS "webhook-signature: \n", WEBHOOK_NO_SIGNATURE);
    AUTOFREE char *filling = memory_new(WEBHOOK_VALUE_MAX + 1);
    memset(filling, 'a', WEBHOOK_VALUE_MAX);
    AUTOFREE char *lines = memory_format(HEADERS "webhook-id: %s\n", filling);
    expect(lines, WEBHOOK_NO_ID);
}

static void times_are_held_against_the_clock(void **state)
{
    (void)state;
    assert_int_equal(verdict_of(HEADERS, TIME_S + 300, BODY), WEBHOOK_GENUINE);
    assert_int_equal(verdict_of(HEADERS, TIME_S + 301, BODY), WEBHOOK_TOO_OLD);
    assert_int_equal(verdict_of(HEADERS, TIME_S - 300, BODY), WEBHOOK_GENUINE);
    assert_int_equal(verdict_of(HEADERS, TIME_S - 301, BODY), WEBHOOK_TOO_NEW);
    expect(HEADERS "webhook-timestamp: 16142653.5\n", WEBHOOK_BAD_TIMESTAMP);
    expect(HEADERS "webhook-timestamp: 1614265330000000\n", WEBHOOK_BAD_TIMESTAMP);

    struct webhook_claim claim = {0};
    webhook_claim_read(&claim, HEADERS, strlen(HEADERS));
    struct webhook_part body = {BODY, strlen(BODY)};
    assert_int_equal(webhook_verify(&keys, &claim, TIME_S * 2ULL, 0, body), WEBHOOK_GENUINE);
}

static void other_bytes_or_secrets_are_found_out(void **state)
{
    (void)state;
    assert_int_equal(verdict_of(HEADERS, TIME_S, BODY "\n"), WEBHOOK_LINE_END);
    assert_int_equal(verdict_of(HEADERS, TIME_S, BODY "\r\n"), WEBHOOK_LINE_END);
    assert_int_equal(verdict_of(HEADERS, TIME_S, "\n"), WEBHOOK_FORGED);
    assert_int_equal(verdict_of(HEADERS, TIME_S, ""), WEBHOOK_FORGED);
    expect(HEADERS "webhook-id: " ID "x\n", WEBHOOK_FORGED);
    expect(HEADERS "webhook-timestamp: 1614265331\n", WEBHOOK_FORGED);
    expect(HEADERS "webhook-signature: " WRONG "\n", WEBHOOK_FORGED);
    expect(HEADERS "webhook-signature: " RIGHT "=\n", WEBHOOK_FORGED);
    expect(HEADERS "webhook-signature: v1a," RIGHT "\n", WEBHOOK_BAD_SIGNATURE);
    expect(HEADERS "webhook-signature: v2,AAAA\n", WEBHOOK_BAD_SIGNATURE);
    parse(OTHER);
    expect(HEADERS, WEBHOOK_FORGED);
    assert_non_null(strstr(webhook_verdict_text(WEBHOOK_FORGED), "another secret"));
}

/* How the verdict on `received` is, when `sent` was signed. */
static enum webhook_verdict verdict_on(const char *sent, const char *received)
{
    AUTOTEXT struct text signature = {0};
    struct webhook_part part = {sent, strlen(sent)};
    webhook_sign(&signature, &keys, ID, TIME_S, &part, 1);
    AUTOFREE char *headers =
        memory_format("webhook-id: " ID "\nwebhook-timestamp: 1614265330\nwebhook-signature: %s\n",
                      signature.data);
    return verdict_of(headers, TIME_S, received);
}

static void json_that_was_written_again_is_recognised(void **state)
{
    (void)state;
    static const char event[] =
        "{\"type\":\"amazon.x\",\"timestamp\":\"t\",\"data\":{\"id\":\"a: b, \\\" c\","
        "\"notification\":{\"A\" : \"1 : 0\", \"B\" : [1, 2]}}}";
    static const struct {
        const char *sent, *received;
        enum webhook_verdict verdict;
    } cases[] = {
        {"{\"a\" : 1, \"b\" : 2}", "{\"a\":1,\"b\":2}", WEBHOOK_REWRITTEN},
        {"{\"a\":1,\"b\":2}", "{\n  \"a\": 1,\n  \"b\": 2\n}\n", WEBHOOK_REWRITTEN},
        {event,
         "{\"type\":\"amazon.x\",\"timestamp\":\"t\",\"data\":{\"id\":\"a: b, \\\" c\","
         "\"notification\":{\"A\":\"1 : 0\",\"B\":[1,2]}}}",
         WEBHOOK_REWRITTEN},
        {event, event, WEBHOOK_GENUINE},
        /* Nothing that we try gives these bytes back; how they begin is not how we write. */
        {"x", "{\"type\": \"amazon.order_change\", \"data\": {}}", WEBHOOK_REWRITTEN},
        {"x", "{\"specversion\" :\"1.0\"}", WEBHOOK_REWRITTEN},
        {"x", "{\"data\":{\"id\":\"1\"},\"type\":\"amazon.order_change\"}", WEBHOOK_REWRITTEN},
        {"x", "{\"type\":\"amazon.order_change\",\"data\":{}}", WEBHOOK_FORGED},
        {"x", "{\"b\":1}", WEBHOOK_FORGED},
        {"x", "\\", WEBHOOK_FORGED},
        {"x", "", WEBHOOK_FORGED},
    };
    for (size_t i = 0; i < ELEMENTS(cases); i++)
        assert_string_equal(webhook_verdict_name(verdict_on(cases[i].sent, cases[i].received)),
                            webhook_verdict_name(cases[i].verdict));
    assert_non_null(strstr(webhook_verdict_text(WEBHOOK_REWRITTEN), "raw body"));
}

static void a_ping_is_no_order(void **state)
{
    (void)state;
    char id[WEBHOOK_PING_ID_MAX], other[WEBHOOK_PING_ID_MAX], header[WEBHOOK_ID_MAX];
    AUTOTEXT struct text body = {0};
    webhook_ping_id(id);
    webhook_ping_id(other);
    assert_string_not_equal(id, other);
    assert_int_equal(strlen(id), WEBHOOK_PING_ID_MAX - 1);
    webhook_id(header, id);
    assert_string_equal(header, id);
    webhook_ping_body(&body, WEBHOOK_STANDARD, id, "wms \"1\"", 1743767140000000);
    AUTOJSON cJSON *json = json_parse(body.data, body.size, body.size);
    const cJSON *data = json_get_object(json, "data");
    assert_string_equal(json_get_string(json, "type"), "dockbell.ping");
    assert_string_equal(json_get_string(json, "timestamp"), "2025-04-04T11:45:40.000Z");
    assert_string_equal(json_get_string(data, "id"), id);
    assert_string_equal(json_get_string(data, "webhook"), "wms \"1\"");
    assert_null(cJSON_GetObjectItem(data, "orderId"));
}

static void a_ping_has_the_webhooks_format(void **state)
{
    (void)state;
    AUTOTEXT struct text raw = {0}, event = {0};
    webhook_ping_body(&raw, WEBHOOK_RAW, "ping-1", "wms", 1743767140000000);
    webhook_ping_body(&event, WEBHOOK_CLOUDEVENTS, "ping-1", "wms", 1743767140000000);
    assert_string_equal(
        raw.data, "{\"NotificationVersion\" : \"1.0\", \"NotificationType\" : \"dockbell.ping\", "
                  "\"PayloadVersion\" : \"1.0\", \"EventTime\" : \"2025-04-04T11:45:40.000Z\", "
                  "\"Payload\" : {\"id\" : \"ping-1\", \"webhook\" : \"wms\", "
                  "\"message\" : \"A test by dockbell ping. It is no order; any 2xx will do.\"}, "
                  "\"NotificationMetadata\" : {\"PublishTime\" : \"2025-04-04T11:45:40.000Z\", "
                  "\"NotificationId\" : \"ping-1\"}}");
    assert_string_equal(
        event.data,
        "{\"specversion\" : \"1.0\", \"id\" : \"ping-1\", \"source\" : \"urn:dockbell:ping\", "
        "\"type\" : \"dockbell.ping\", \"time\" : \"2025-04-04T11:45:40.000Z\", "
        "\"datacontenttype\" : \"application/json\", \"data\" : {\"id\" : \"ping-1\", "
        "\"webhook\" : \"wms\", "
        "\"message\" : \"A test by dockbell ping. It is no order; any 2xx will do.\"}}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(genuine_is_genuine, start, end),
        cmocka_unit_test_setup_teardown(what_is_missing_is_named, start, end),
        cmocka_unit_test_setup_teardown(times_are_held_against_the_clock, start, end),
        cmocka_unit_test_setup_teardown(other_bytes_or_secrets_are_found_out, start, end),
        cmocka_unit_test_setup_teardown(json_that_was_written_again_is_recognised, start, end),
        cmocka_unit_test(a_ping_is_no_order),
        cmocka_unit_test(a_ping_has_the_webhooks_format),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
