/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/text.h"
#include "config/config.h"
#include "scratch.h"

#define QUEUE  "[queue orders]\narn = arn:aws:sqs:eu-west-1:444455556666:orders\n"
#define SELLER "[seller acme]\nqueue = orders\n"
#define URL    "[webhook wms]\nurl = https://wms.example/hook\n"
#define SECRET "secret = whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n"
#define TYPES  "types = ORDER_CHANGE\ntypes = TRANSACTION_UPDATE\n"
#define START  QUEUE SELLER URL SECRET TYPES

static struct config *load(const char *bytes)
{
    struct config_findings findings = {0};
    struct config *config;
    char *directory = scratch_new();
    AUTOFREE char *path = scratch_write(directory, "dockbell.conf", bytes);
    assert_int_equal(config_load(&config, path, &findings), 0);
    config_findings_clear(&findings);
    scratch_remove(directory);
    return config;
}

static void append(const char *section, const char *what, void *userdata)
{
    text_appendf(userdata, "%s: %s\n", section, what);
}

/* What config_compare says of START and another config. */
static void expect(const char *other, const char *expected)
{
    AUTOTEXT struct text told = {0};
    struct config *old = load(START), *fresh = load(other);
    config_compare(old, fresh, append, &told);
    assert_string_equal(told.data ? told.data : "", expected);
    config_free(old);
    config_free(fresh);
}

static void equal_configs_differ_in_nothing(void **state)
{
    (void)state;
    expect(START, "");
    expect("# a comment\n\n" START, "");
}

static void sections_come_and_go(void **state)
{
    (void)state;
    expect(START "[webhook b]\nurl = https://b.example/\n", "[webhook b]: added\n");
    expect(QUEUE, "[seller acme]: removed\n[webhook wms]: removed\n");
}

static void keys_are_named_and_values_are_not(void **state)
{
    (void)state;
    expect("[queue orders]\narn = arn:aws:sqs:eu-west-1:444455556666:other\nwait = 5s\n" SELLER URL
               TYPES,
           "[queue orders]: arn, wait\n[webhook wms]: secret\n");
}

static void every_part_of_a_list_counts(void **state)
{
    (void)state;
    expect(QUEUE SELLER URL SECRET "types = FEE_PROMOTION\ntypes = TRANSACTION_UPDATE\n",
           "[webhook wms]: types\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_configs_differ_in_nothing),
        cmocka_unit_test(sections_come_and_go),
        cmocka_unit_test(keys_are_named_and_values_are_not),
        cmocka_unit_test(every_part_of_a_list_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
