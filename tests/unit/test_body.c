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
#define GOLDENS  21
#define MESSAGES ".message.json"

static void build(struct text *out, const char *message, size_t size)
{
    struct notification n;
    notification_parse(&n, message, size);
    assert_int_equal(n.problem, NOTIFICATION_FINE);
    webhook_body_prefix(out, &n, n.id ? n.id : SQS_ID, SELLER,
                        n.event_usec ? n.event_usec : SENT_AT);
    text_append(out, n.bytes, n.size);
    text_append_string(out, WEBHOOK_BODY_TAIL);
    notification_clear(&n);
    const char *why = "";
    if (strict_json_check(out->data, out->size, &why))
        fail_msg("the body is no JSON: %s\n%s", why, out->data);
}

static void golden_bodies(void **state)
{
    (void)state;
    glob_t files;
    assert_int_equal(glob("tests/golden/*" MESSAGES, 0, NULL, &files), 0);
    assert_int_equal(files.gl_pathc, GOLDENS);
    for (size_t i = 0; i < files.gl_pathc; i++) {
        size_t message_size, body_size;
        AUTOTEXT struct text body = {0};
        AUTOFREE char *message = read_file(files.gl_pathv[i], &message_size);
        AUTOFREE char *path =
            memory_format("%.*s.body.json", (int)(strlen(files.gl_pathv[i]) - strlen(MESSAGES)),
                          files.gl_pathv[i]);
        AUTOFREE char *golden = read_file(path, &body_size);
        assert_non_null(golden);
        build(&body, message, message_size);
        if (body.size != body_size || memcmp(body.data, golden, body_size) != 0)
            fail_msg("%s differs; it is now\n%s", path, body.data);
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
        AUTOTEXT struct text body = {0};
        AUTOFREE char *message = read_file(files.gl_pathv[i], &size);
        build(&body, message, size);
        assert_null(strstr(body.data, "\"amazon.unknown\""));
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
        "\"fulfillment\":null,\"items\":[],\"notification\":");
    notification_clear(&n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(golden_bodies),
        cmocka_unit_test(shared_messages),
        cmocka_unit_test(appends_to_what_is_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
