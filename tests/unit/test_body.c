/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <glob.h>

#include "base/memory.h"
#include "notification/strict.h"
#include "read_file.h"
#include "webhook/body.h"

/* What the caller of the golden bodies fills in: the config's name of the seller, the dedupe key of
 * a message without an id, the time of one without any. */
#define SELLER   "acme"
#define SQS_ID   "sqs-7a1de4f2-0000-4000-8000-000000000016"
#define SENT_AT  1749000000000000
#define GOLDENS  24
#define MESSAGES ".message.json"

/* The body in a format, joined as the store joins it. */
static void join(struct text *out, const struct webhook_body *body)
{
    AUTOTEXT struct text head = {0};
    struct webhook_part parts[WEBHOOK_BODY_PARTS];
    size_t n_parts = webhook_body_parts(parts, body, &head);
    assert_in_range(n_parts, 1, WEBHOOK_BODY_PARTS);
    for (size_t i = 0; i < n_parts; i++) {
        assert_true(parts[i].size > 0);
        text_append(out, parts[i].bytes, parts[i].size);
    }
    if (body->format != WEBHOOK_CLOUDEVENTS)
        assert_int_equal(head.size, 0);
}

static void build(struct text *out, enum webhook_format format, const char *message, size_t size)
{
    struct notification n;
    AUTOTEXT struct text prefix = {0};
    notification_parse(&n, message, size);
    assert_int_equal(n.problem, NOTIFICATION_FINE);
    const char *id = n.id ? n.id : SQS_ID;
    uint64_t event_usec = n.event_usec ? n.event_usec : SENT_AT;
    webhook_body_prefix(&prefix, &n, id, SELLER, event_usec);
    join(out, &(struct webhook_body){
                  .format = format,
                  .prefix = prefix.data,
                  .prefix_size = prefix.size,
                  .bytes = n.bytes,
                  .bytes_size = n.size,
                  .id = id,
                  .seller_id = n.seller_id,
                  .type = n.type,
                  .order_id = n.order_id,
                  .event_usec = event_usec,
              });
    notification_clear(&n);
    const char *why = "";
    if (strict_json_check(out->data, out->size, &why))
        fail_msg("the body is no JSON: %s\n%s", why, out->data);
}

static void compare_golden(enum webhook_format format, const char *path, const char *message,
                           size_t message_size)
{
    /* The oldest format has the oldest name. */
    const char *kind = format == WEBHOOK_STANDARD ? "body" : webhook_format_name(format);
    size_t size;
    AUTOTEXT struct text body = {0};
    AUTOFREE char *golden_path =
        memory_format("%.*s.%s.json", (int)(strlen(path) - strlen(MESSAGES)), path, kind);
    AUTOFREE char *golden = read_file(golden_path, &size);
    assert_non_null(golden);
    build(&body, format, message, message_size);
    if (body.size != size || memcmp(body.data, golden, size) != 0)
        fail_msg("%s differs; it is now\n%s", golden_path, body.data);
}

static void golden_bodies(void **state)
{
    (void)state;
    glob_t files;
    assert_int_equal(glob("tests/golden/*" MESSAGES, 0, NULL, &files), 0);
    assert_int_equal(files.gl_pathc, GOLDENS);
    for (size_t i = 0; i < files.gl_pathc; i++) {
        size_t size;
        AUTOFREE char *message = read_file(files.gl_pathv[i], &size);
        for (unsigned format = 0; format < WEBHOOK_FORMATS; format++)
            compare_golden((enum webhook_format)format, files.gl_pathv[i], message, size);
    }
    globfree(&files);
}

/* The messages of the research behind the project, where they are at hand. */
static void shared_messages(void **state)
{
    (void)state;
    glob_t files;
    if (glob("../shared/data/messages/*.json", 0, NULL, &files) != 0)
        skip();
    for (size_t i = 0; i < files.gl_pathc; i++) {
        size_t size;
        AUTOFREE char *message = read_file(files.gl_pathv[i], &size);
        for (unsigned format = 0; format < WEBHOOK_FORMATS; format++) {
            AUTOTEXT struct text body = {0};
            build(&body, (enum webhook_format)format, message, size);
            assert_null(strstr(body.data, "\"amazon.unknown\""));
        }
    }
    globfree(&files);
}

static void appends_to_what_is_there(void **state)
{
    (void)state;
    AUTOTEXT struct text out = {0};
    struct notification n;
    notification_parse(&n, "{}", 2);
    text_append_string(&out, "before ");
    webhook_body_prefix(&out, &n, "a\"b", NULL, 0);
    assert_string_equal(
        out.data,
        "before {\"type\":\"amazon.unknown\",\"timestamp\":null,\"data\":{\"id\":\"a\\\"b\","
        "\"notificationType\":null,\"seller\":null,\"sellerId\":null,\"marketplaceId\":null,"
        "\"orderId\":null,\"changeType\":null,\"changeReason\":null,\"status\":null,"
        "\"fulfillment\":null,\"items\":[],\"origin\":\"amazon\",\"level\":null,\"programs\":[],"
        "\"shipBy\":null,\"locationId\":null,\"channel\":null,\"cancelRequested\":false,"
        "\"notification\":");
    notification_clear(&n);
}

/* A CloudEvent around a `data` of our own. */
static const char *cloudevent(const char *id, const char *seller_id, const char *order_id,
                              uint64_t event_usec)
{
    static struct text out;
    text_reset(&out);
    join(&out, &(struct webhook_body){
                   .format = WEBHOOK_CLOUDEVENTS,
                   .prefix = "{\"type\":\"amazon.x\",\"timestamp\":null,\"data\":{\"n\":",
                   .prefix_size = 48,
                   .bytes = "{}",
                   .bytes_size = 2,
                   .id = id,
                   .seller_id = seller_id,
                   .type = "X.Y\xc3\xa9Z",
                   .order_id = order_id,
                   .event_usec = event_usec,
               });
    return out.data;
}

#define BEGIN(id, source) "{\"specversion\":\"1.0\",\"id\":\"" id "\",\"source\":\"" source "\","
#define TYPE              "\"type\":\"amazon.x_y_z\","
#define END               "\"datacontenttype\":\"application/json\",\"data\":{\"n\":{}}}"

static void attributes_that_an_event_has_not_are_left_out(void **state)
{
    (void)state;
    assert_string_equal(cloudevent("n-1", NULL, NULL, 0),
                        BEGIN("n-1", "urn:amazon:sp-api") TYPE END);
    assert_string_equal(cloudevent("n-1", NULL, "", 0), BEGIN("n-1", "urn:amazon:sp-api") TYPE END);
    assert_string_equal(cloudevent("n-1", "A1", "306-1", 1749000000123000),
                        BEGIN("n-1", "urn:amazon:sp-api:seller:A1") TYPE
                        "\"time\":\"2025-06-04T01:20:00.123Z\",\"subject\":\"306-1\"," END);
}

/* What is no webhook-id, no URI or no string to CloudEvents. */
static void attributes_are_what_the_specification_allows(void **state)
{
    (void)state;
    static const char *const never[] = {
        "a\tb",         "\x7f",         "\xc2\x80",     "\xc2\x9f",         "\xef\xb7\x90",
        "\xef\xb7\xaf", "\xef\xbf\xbe", "\xef\xbf\xbf", "\xf0\x9f\xbf\xbe", "\xf4\x8f\xbf\xbf"};
    static const char *const fine[] = {
        " ", "\xc2\xa0",        "\xef\xb7\x8f", "\xef\xb7\xb0", "\xef\xbf\xbd", "\xf0\x90\x80\x80",
        "~", "\xf4\x8f\xbf\xbd"};
    for (size_t i = 0; i < ELEMENTS(never); i++)
        assert_null(strstr(cloudevent("n-1", NULL, never[i], 0), "subject"));
    for (size_t i = 0; i < ELEMENTS(fine); i++)
        assert_non_null(strstr(cloudevent("n-1", NULL, fine[i], 0), "\"subject\":\""));
    assert_non_null(strstr(cloudevent("n-1", "A 1/\"\xc3\xa9~", "a\"b", 0),
                           "\"source\":\"urn:amazon:sp-api:seller:A%201%2F%22%C3%A9~\","));
    assert_non_null(strstr(cloudevent("n-1", NULL, "a\"b", 0), "\"subject\":\"a\\\"b\""));
    assert_non_null(strstr(cloudevent("a b", NULL, NULL, 0),
                           "\"id\":\"sha256-c8687a08aa5d6ed2044328fa6a697ab8"
                           "e96dc34291e8c2034ae8c38e6fcc6d65\","));
}

/* What could not be understood has no prefix; nothing is pasted around it. */
static void bytes_without_a_prefix_stay_bare(void **state)
{
    (void)state;
    for (unsigned format = 0; format < WEBHOOK_FORMATS; format++) {
        AUTOTEXT struct text out = {0};
        join(&out,
             &(struct webhook_body){
                 .format = (enum webhook_format)format, .bytes = "?", .bytes_size = 1, .id = "n"});
        assert_string_equal(out.data, "?");
    }
}

static void formats_have_names(void **state)
{
    (void)state;
    enum webhook_format found = WEBHOOK_RAW;
    for (unsigned i = 0; i < WEBHOOK_FORMATS; i++) {
        assert_true(webhook_format_find(webhook_format_name((enum webhook_format)i), &found));
        assert_int_equal(found, i);
    }
    assert_false(webhook_format_find("Raw", &found));
    assert_int_equal(found, WEBHOOK_CLOUDEVENTS);
    assert_string_equal(webhook_format_media_type(WEBHOOK_RAW), "application/json");
    assert_string_equal(webhook_format_media_type(WEBHOOK_CLOUDEVENTS),
                        "application/cloudevents+json");
    assert_string_equal(webhook_format_name((enum webhook_format)77), "standard");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(golden_bodies),
        cmocka_unit_test(shared_messages),
        cmocka_unit_test(appends_to_what_is_there),
        cmocka_unit_test(attributes_that_an_event_has_not_are_left_out),
        cmocka_unit_test(attributes_are_what_the_specification_allows),
        cmocka_unit_test(bytes_without_a_prefix_stay_bare),
        cmocka_unit_test(formats_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
