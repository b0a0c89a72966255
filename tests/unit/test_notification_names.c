/* SPDX-License-Identifier: MIT */
/* Which member counts where names are equal or alike. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "notification/notification.h"

#define AUTONOTE CLEANUP(notification_clear)

static struct notification parse(const char *json)
{
    struct notification n;
    notification_parse(&n, json, strlen(json));
    return n;
}

static void the_last_of_equal_names_counts(void **state)
{
    (void)state;
    AUTONOTE struct notification n =
        parse("{\"notificationType\":\"A\",\"notificationType\":\"ORDER_CHANGE\",\"Payload\":1,"
              "\"Payload\":{\"OrderChangeNotification\":{\"Summary\":{\"OrderStatus\":\"Old\","
              "\"FulfillmentType\":\"MFN\"},\"Summary\":{\"\\u004frderStatus\":\"New\"},"
              "\"AmazonOrderId\":\"1\",\"AmazonOrderId\":null}}}");
    assert_string_equal(n.type, "ORDER_CHANGE");
    assert_string_equal(n.status, "New");
    assert_null(n.fulfillment);
    assert_null(n.order_id);
}

/* A receiver that distinguishes cases would read one of the two, and Dockbell the other one. */
static void names_in_both_cases_count_for_nothing(void **state)
{
    (void)state;
    AUTONOTE struct notification n =
        parse("{\"NotificationType\":\"ORDER_CHANGE\",\"Payload\":{\"OrderChangeNotification\":{"
              "\"SellerId\":\"A1\",\"AmazonOrderId\":\"1\",\"amazonOrderId\":\"2\","
              "\"AmazonOrderId\":\"3\",\"Summary\":{\"OrderStatus\":\"New\"}}}}");
    assert_string_equal(n.seller_id, "A1");
    assert_string_equal(n.status, "New");
    assert_null(n.order_id);
    AUTONOTE struct notification two =
        parse("{\"NotificationType\":\"ORDER_CHANGE\",\"payload\":{\"OrderChangeNotification\":{"
              "\"SellerId\":\"A1\"}},\"Payload\":{\"OrderChangeNotification\":{\"SellerId\":"
              "\"A1\",\"AmazonOrderId\":\"1\"}}}");
    assert_string_equal(two.type, "ORDER_CHANGE");
    assert_null(two.seller_id);
    assert_null(two.order_id);
}

static void names_differ_in_their_first_letter_only(void **state)
{
    (void)state;
    AUTONOTE struct notification n = parse(
        "{\"NOTIFICATIONTYPE\":\"A\",\"NotificationTypes\":\"B\",\"NotificationTyp\":\"C\","
        "\"\":\"D\",\"NotificationType\\u0000\":\"E\",\"n\":\"F\",\"otificationType\":\"G\"}");
    assert_null(n.type);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_of_equal_names_counts),
        cmocka_unit_test(names_in_both_cases_count_for_nothing),
        cmocka_unit_test(names_differ_in_their_first_letter_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
