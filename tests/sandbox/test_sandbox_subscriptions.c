/* SPDX-License-Identifier: MIT */
/* Subscriptions by pages, and test notifications. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/memory.h"
#include "identity.h"
#include "sandbox_fixture.h"

/* A subscription of the first seller, told from others by its expression. */
static void subscribe(struct fixture *f, const char *type, unsigned number)
{
    AUTOFREE char *path = memory_format("subscriptions/%s", type);
    AUTOFREE char *body =
        memory_format("{\"payloadVersion\":\"1.0\",\"destinationId\":\"%s\","
                      "\"processingDirective\":{\"filterExpression\":\"a == %u\"}}",
                      f->destination, number);
    fixture_sp_call(f, "POST", path, f->seller, body);
}

static unsigned count_of(const char *text, const char *part)
{
    unsigned count = 0;
    while ((text = strstr(text, part))) {
        count++;
        text++;
    }
    return count;
}

static void subscriptions_by_pages(void **state)
{
    struct fixture *f = *state;
    static const char *const bad[] = {
        "subscriptions",
        "subscriptions?notificationTypes=A,B",
        "subscriptions?notificationTypes=NONSENSE",
        "subscriptions?notificationTypes=ORDER_CHANGE&pageSize=29",
        "subscriptions?notificationTypes=ORDER_CHANGE&pageSize=101",
        "subscriptions?notificationTypes=ORDER_CHANGE&nextToken=x",
        "subscriptions?notificationTypes=FEE_PROMOTION&payloadVersion=7"};
    fixture_make_destination(f);
    for (size_t i = 0; i < ELEMENTS(bad); i++) {
        fixture_sp_call(f, "GET", bad[i], f->seller, NULL);
        fixture_expect(f, 400, "InvalidInput");
    }
    fixture_sp_call(f, "GET", "subscriptions?notificationTypes=ORDER_CHANGE", f->grantless, NULL);
    fixture_expect(f, 403, "Unauthorized");
    fixture_sp_call(f, "GET", "subscriptions?notificationTypes=ORDER_CHANGE", f->seller, NULL);
    fixture_expect(f, 200, "{\"payload\":{\"subscriptions\":[],\"nextToken\":null}}");
    for (unsigned i = 0; i < 31; i++) {
        subscribe(f, "ORDER_CHANGE", i);
        fixture_expect(f, 200, "filterExpression");
    }
    subscribe(f, "ORDER_CHANGE", 0);
    fixture_expect(f, 409, "StateConflict");
    subscribe(f, "FEE_PROMOTION", 0);
    fixture_sp_call(f, "GET", "subscriptions?notificationTypes=ORDER_CHANGE&payloadVersion=1.0",
                    f->seller, NULL);
    fixture_expect(f, 200, "\"nextToken\":\"page-");
    assert_int_equal(count_of(f->body.data, "subscriptionId"), 30);
    AUTOJSON cJSON *json = json_parse(f->body.data, f->body.size, 65536);
    AUTOFREE char *path =
        memory_format("subscriptions?notificationTypes=ORDER_CHANGE&nextToken=%s",
                      json_get_string(json_get_object(json, "payload"), "nextToken"));
    fixture_sp_call(f, "GET", path, f->seller, NULL);
    fixture_expect(f, 200, "\"nextToken\":null");
    assert_int_equal(count_of(f->body.data, "subscriptionId"), 1);
    assert_non_null(strstr(f->body.data, "a == 30"));
}

static void test_notifications(void **state)
{
    struct fixture *f = *state;
    static const char path[] = "subscriptions/ORDER_CHANGE/testNotification";
    const struct queue *queue = sqs_find_queue(&f->sandbox->sqs, IDENTITY_QUEUE);
    fixture_make_destination(f);
    const struct {
        const char *path, *destination, *version, *scenario, *rest;
        int status;
        const char *text;
    } cases[] = {
        {path, "x", "1.0", "", "", 400, "No destination with id x"},
        {path, f->destination, "7", "", "", 400, "Payload version 7"},
        {path, f->destination, "1.0", ",\"testScenario\":\"\"", "", 400, "must not be empty"},
        {path, f->destination, "1.0", ",\"y\":1", "", 400, "Unknown member y"},
        {path, f->destination, "1.0", "", ",\"z\":1", 400, "Unknown member z"},
        {"subscriptions/ANY_OFFER_CHANGED/testNotification", f->destination, "1.0", "", "", 400,
         "no test notification"},
        {path, f->destination, "1.0", ",\"testScenario\":\"Shipped\"", "", 200, "{}"},
    };
    for (size_t i = 0; i < ELEMENTS(cases); i++) {
        AUTOTEXT struct text body = {0};
        text_appendf(&body,
                     "{\"destinationId\":\"%s\",\"testNotification\":"
                     "{\"payloadVersion\":\"%s\"%s}%s}",
                     cases[i].destination, cases[i].version, cases[i].scenario, cases[i].rest);
        fixture_sp_call(f, "POST", cases[i].path, f->grantless, body.data);
        fixture_expect(f, cases[i].status, cases[i].text);
    }
    fixture_sp_call(f, "POST", path, f->seller, "{}");
    fixture_expect(f, 403, "Unauthorized");
    assert_int_equal(queue->visible, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(subscriptions_by_pages, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_notifications, fixture_setup, fixture_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
