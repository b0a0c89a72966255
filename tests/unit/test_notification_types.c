/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "read_file.h"
#include "spapi/notification_types.h"

static void a_type_has_its_version(void **state)
{
    (void)state;
    assert_string_equal(amazon_type_version("ORDER_CHANGE"), "1.0");
    assert_string_equal(amazon_type_version("REPORT_PROCESSING_FINISHED"), "2020-09-04");
    assert_string_equal(amazon_type_version("LISTINGS_ITEM_ISSUES_CHANGE"), "2023-12-13");
    assert_string_equal(amazon_type_version("TYPE_OF_TOMORROW"), "1.0");
}

static void a_type_takes_its_filters(void **state)
{
    (void)state;
    assert_true(amazon_type_takes("ORDER_CHANGE", FILTER_ORDER_CHANGES));
    assert_true(amazon_type_takes("ORDER_CHANGE", FILTER_EXPRESSION));
    assert_false(amazon_type_takes("ORDER_CHANGE", FILTER_MARKETPLACES));
    assert_false(amazon_type_takes("ORDER_CHANGE", FILTER_AGGREGATION));
    assert_true(amazon_type_takes("ANY_OFFER_CHANGED", FILTER_AGGREGATION));
    assert_true(amazon_type_takes("ANY_OFFER_CHANGED", FILTER_MARKETPLACES));
    assert_false(amazon_type_takes("ANY_OFFER_CHANGED", FILTER_ORDER_CHANGES));
    assert_true(amazon_type_takes("SHIPMENT_TRACKING_MILESTONE_CHANGED", FILTER_TRACKING));
    assert_false(amazon_type_takes("LISTINGS_ITEM_STATUS_CHANGE", FILTER_EXPRESSION));
    assert_true(amazon_type_takes("TYPE_OF_TOMORROW", FILTER_EXPRESSION));
    assert_false(amazon_type_takes("TYPE_OF_TOMORROW", FILTER_MARKETPLACES));
}

static void only_two_types_need_a_directive(void **state)
{
    (void)state;
    size_t count, needing = 0;
    const struct amazon_type *types = amazon_type_table(&count);
    for (size_t i = 0; i < count; i++)
        needing += amazon_type_needs_directive(types[i].name);
    assert_int_equal(needing, 2);
    assert_true(amazon_type_needs_directive("ORDER_CHANGE"));
    assert_true(amazon_type_needs_directive("ANY_OFFER_CHANGED"));
    assert_false(amazon_type_needs_directive("TYPE_OF_TOMORROW"));
}

static void the_table_is_in_order_and_sound(void **state)
{
    (void)state;
    size_t count;
    const struct amazon_type *types = amazon_type_table(&count);
    for (size_t i = 0; i < count; i++) {
        assert_ptr_equal(amazon_type_find(types[i].name), &types[i]);
        assert_non_null(types[i].versions[0]);
        assert_true(i == 0 || strcmp(types[i - 1].name, types[i].name) < 0);
        /* What cannot be subscribed to has no filters; all else takes an expression. */
        assert_true((types[i].workflow == WORKFLOW_SQS) == (types[i].filters != 0));
        assert_true(!types[i].filters || (types[i].filters & FILTER_EXPRESSION));
    }
    assert_null(amazon_type_find("TYPE_OF_TOMORROW"));
}

static void the_manual_has_all_of_them(void **state)
{
    (void)state;
    size_t count, size;
    const struct amazon_type *types = amazon_type_table(&count);
    AUTOFREE char *manual = read_file("docs/dockbell.conf.5", &size);
    for (size_t i = 0; i < count; i++) {
        AUTOFREE char *line =
            types[i].workflow == WORKFLOW_SQS
                ? memory_format(".It Li %s\n%s\n", types[i].name, types[i].versions[0])
                : memory_format(".Li %s", types[i].name);
        if (!strstr(manual, line))
            fail_msg("the manual lacks %s", line);
    }
}

static void a_mistyped_type_is_guessed(void **state)
{
    (void)state;
    assert_string_equal(amazon_type_nearest("ORDER_CHNAGE"), "ORDER_CHANGE");
    assert_null(amazon_type_nearest("SOMETHING_ELSE"));
    /* Never one that cannot be subscribed to. */
    assert_null(amazon_type_nearest("BRANDED_ITEM_CONTENT_CHANG"));
}

static void filters_have_amazons_names(void **state)
{
    (void)state;
    assert_string_equal(amazon_filter_name(FILTER_AGGREGATION), "aggregationSettings");
    assert_string_equal(amazon_filter_name(FILTER_MARKETPLACES), "marketplaceIds");
    assert_string_equal(amazon_filter_name(FILTER_ORDER_CHANGES), "orderChangeTypes");
    assert_string_equal(amazon_filter_name(FILTER_TRACKING), "trackingIdentifier");
    assert_string_equal(amazon_filter_name(FILTER_EXPRESSION), "filterExpression");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_type_has_its_version),
        cmocka_unit_test(a_type_takes_its_filters),
        cmocka_unit_test(only_two_types_need_a_directive),
        cmocka_unit_test(the_table_is_in_order_and_sound),
        cmocka_unit_test(the_manual_has_all_of_them),
        cmocka_unit_test(a_mistyped_type_is_guessed),
        cmocka_unit_test(filters_have_amazons_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
