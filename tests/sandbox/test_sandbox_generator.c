/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/memory.h"
#include "generator.h"

static struct generator order_changes(uint64_t seed, uint64_t orders)
{
    return (struct generator){.sample = samples_find("ORDER_CHANGE"),
                              .seed = seed,
                              .orders = orders,
                              .start_usec = GENERATOR_START_USEC,
                              .seller_id = "A297A7DJHEYXBY"};
}

static cJSON *write(const struct generator *generator, uint64_t n, struct text *out)
{
    char id[RNG_UUID_MAX];
    text_reset(out);
    generator_write(generator, n, out, id);
    assert_non_null(strstr(out->data, id));
    cJSON *json = json_parse(out->data, out->size, 1024 * 1024);
    assert_non_null(json);
    return json;
}

/* The same where only the bytes are of interest. */
static void write_bytes(const struct generator *generator, uint64_t n, struct text *out)
{
    cJSON_Delete(write(generator, n, out));
}

static void the_same_seed_gives_the_same_bytes(void **state)
{
    (void)state;
    struct generator one = order_changes(7, 10), other = order_changes(8, 10);
    AUTOTEXT struct text a = {0}, b = {0}, c = {0};
    for (uint64_t n = 0; n < 50; n++) {
        write_bytes(&one, n, &a);
        write_bytes(&one, n, &b);
        write_bytes(&other, n, &c);
        assert_string_equal(a.data, b.data);
        assert_string_not_equal(a.data, c.data);
    }
    /* Frozen: demos and tests of others rely on it. */
    write_bytes(&one, 0, &a);
    assert_non_null(strstr(a.data, "\"AmazonOrderId\" : \"867-5846268-7507604\""));
    assert_non_null(
        strstr(a.data, "\"NotificationId\" : \"0524257c-04fc-4117-b39c-1205717e3621\""));
}

static void order_changes_have_the_usual_size(void **state)
{
    (void)state;
    struct generator generator = order_changes(1, 100);
    AUTOTEXT struct text out = {0};
    for (uint64_t n = 0; n < 400; n++) {
        write_bytes(&generator, n, &out);
        assert_in_range(out.size, 1750, 1950);
    }
}

static const cJSON *notification(const cJSON *json)
{
    return json_get_object(json_get_object(json, "Payload"), "OrderChangeNotification");
}

static void times_rise_within_an_order(void **state)
{
    (void)state;
    struct generator generator = order_changes(3, 4);
    char last[4][64] = {"", "", "", ""};
    char ids[4][64] = {"", "", "", ""};
    AUTOTEXT struct text out = {0};
    for (uint64_t n = 0; n < 40; n++) {
        AUTOJSON cJSON *json = write(&generator, n, &out);
        const cJSON *change = notification(json);
        const char *time =
            json_get_string(json_get_object(change, "OrderChangeTrigger"), "TimeOfOrderChange");
        assert_true(strcmp(last[n % 4], time) < 0);
        strcpy(last[n % 4], time);
        if (n < 4)
            strcpy(ids[n % 4], json_get_string(change, "AmazonOrderId"));
        assert_string_equal(ids[n % 4], json_get_string(change, "AmazonOrderId"));
    }
    assert_string_not_equal(ids[0], ids[1]);
}

static void an_order_goes_from_pending_to_shipped(void **state)
{
    (void)state;
    static const char *const expected[] = {"Pending", "Unshipped", "PartiallyShipped", "Shipped",
                                           "Shipped"};
    struct generator generator = order_changes(3, 1);
    AUTOTEXT struct text out = {0};
    for (uint64_t n = 0; n < 5; n++) {
        AUTOJSON cJSON *json = write(&generator, n, &out);
        const cJSON *summary = json_get_object(notification(json), "Summary");
        assert_string_equal(json_get_string(summary, "OrderStatus"), expected[n]);
    }
}

static cJSON *write_sample(size_t sample, struct text *out)
{
    struct generator generator = order_changes(5, 3);
    generator.sample = &samples[sample];
    return write(&generator, sample, out);
}

static void every_sample_is_json_with_its_id(void **state)
{
    (void)state;
    struct generator generator = order_changes(5, 3);
    for (size_t i = 0; i < samples_count; i++) {
        AUTOTEXT struct text out = {0};
        AUTOJSON cJSON *json = write_sample(i, &out);
        const char *type = json_get_string(json, "NotificationType");
        if (!type)
            type = json_get_string(json, "notificationType");
        assert_memory_equal(type, samples[i].name, 12);
    }
    assert_ptr_equal(samples_find("APPLICATION_OAUTH_CLIENT_NEW_SECRET"), &samples[SAMPLES_ALL]);
    assert_int_equal(samples_count, SAMPLES_ALL + 1);
    for (uint64_t n = 0; n < SAMPLES_ALL; n++) {
        AUTOTEXT struct text out = {0};
        write_bytes(&generator, n, &out);
        assert_null(strstr(out.data, "newClientSecret"));
    }
}

static void wraps_hold_the_same_notification(void **state)
{
    (void)state;
    struct generator generator = order_changes(5, 3);
    AUTOTEXT struct text plain = {0}, wrapped = {0};
    write_bytes(&generator, 1, &plain);
    generator.wrap = WRAP_STRING;
    AUTOJSON cJSON *string = write(&generator, 1, &wrapped);
    assert_string_equal(string->valuestring, plain.data);
    generator.wrap = WRAP_SNS;
    AUTOJSON cJSON *sns = write(&generator, 1, &wrapped);
    assert_string_equal(json_get_string(sns, "Message"), plain.data);
    assert_string_equal(json_get_string(sns, "Type"), "Notification");
}

#define COUNT 1000

/* A receiver that verifies JSON which it has written again must fail here, not at Amazon. */
static void no_library_writes_these_bytes(void **state)
{
    (void)state;
    for (size_t i = 0; i < samples_count; i++) {
        AUTOTEXT struct text out = {0};
        AUTOJSON cJSON *json = write_sample(i, &out);
        assert_non_null(strstr(out.data, "\" : \""));
        AUTOFREE char *again = cJSON_PrintUnformatted(json);
        assert_string_not_equal(again, out.data);
    }
}

static void a_plan_has_copies_and_late_ones_as_asked(void **state)
{
    (void)state;
    struct generator generator = order_changes(9, 300);
    struct generator_plan plan, again;
    generator_plan(&plan, &generator, COUNT, 0.1, 0.2);
    generator_plan(&again, &generator, COUNT, 0.1, 0.2);
    assert_int_equal(plan.size, COUNT + COUNT / 10);
    assert_memory_equal(plan.order, again.order, plan.size * sizeof(plan.order[0]));
    unsigned times[COUNT] = {0}, copies = 0, misplaced = 0;
    uint32_t last_of_order[300] = {0};
    for (size_t i = 0; i < plan.size; i++) {
        uint32_t n = plan.order[i];
        assert_in_range(n, 0, COUNT - 1);
        copies += times[n]++ > 0;
        if (n < last_of_order[n % 300])
            misplaced++;
        else
            last_of_order[n % 300] = n;
    }
    assert_int_equal(copies, COUNT / 10);
    for (size_t i = 0; i < COUNT; i++)
        assert_in_range(times[i], 1, 2);
    assert_true(misplaced > COUNT / 20); /* events that come after a later one of their order */
    free(plan.order);
    free(again.order);

    generator_plan(&plan, &generator, COUNT, 0, 0);
    for (size_t i = 0; i < COUNT; i++)
        assert_int_equal(plan.order[i], i);
    free(plan.order);
    generator_plan(&plan, &generator, 1, 1, 1);
    assert_int_equal(plan.size, 2);
    free(plan.order);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_seed_gives_the_same_bytes),
        cmocka_unit_test(order_changes_have_the_usual_size),
        cmocka_unit_test(times_rise_within_an_order),
        cmocka_unit_test(an_order_goes_from_pending_to_shipped),
        cmocka_unit_test(every_sample_is_json_with_its_id),
        cmocka_unit_test(no_library_writes_these_bytes),
        cmocka_unit_test(wraps_hold_the_same_notification),
        cmocka_unit_test(a_plan_has_copies_and_late_ones_as_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
