/* SPDX-License-Identifier: MIT */
/* Drop-ins, and values that many write in another way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "config/keys.h"
#include "configuring.h"
#include "scratch.h"

/* The overrides of the config that was read last, one in each line. The caller frees it. */
static char *overrides(void)
{
    AUTOTEXT struct text all = {0};
    struct text out = {0};
    for (size_t i = 0; i < config->n_overrides; i++) {
        config_override_print(&all, &config->overrides[i]);
        text_append_char(&all, '\n');
    }
    AUTOFREE char *start = memory_format("%s/", directory);
    for (const char *at = all.data ? all.data : ""; *at;) {
        size_t skip = text_starts(at, start) ? strlen(start) : 0;
        at += skip;
        if (*at)
            text_append_char(&out, *at++);
    }
    text_reserve(&out, 1);
    return text_take(&out);
}

static void drop_ins_change_earlier_files(void **state)
{
    (void)state;
    free(scratch_write(directory, "conf.d/10-a.conf",
                       "[webhook wms]\nurl = https://other.example/\ntypes = B\n"
                       "timeout = 7s\n[queue q]\nwait = 5s\n"));
    free(scratch_write(directory, "conf.d/20-b.conf",
                       "[webhook wms]\nca_file =\nsellers =\ntimeout =\n[queue q]\nwait = 6s\n"));
    expect(GOOD "types = A\nsellers = acme\nca_file = /x\ntimeout = 9s\n", "");
    const struct config_webhook *webhook = &config->webhooks[0];
    assert_int_equal(config->n_webhooks, 1);
    assert_string_equal(webhook->url, "https://other.example/");
    assert_int_equal(text_list_size(webhook->types), 2);
    assert_null(webhook->sellers);
    assert_null(webhook->ca_file);
    assert_int_equal(webhook->timeout_usec, 20000000); /* the default */
    assert_int_equal(config->queues[0].wait_usec, 6000000);
    AUTOFREE char *told = overrides();
    assert_string_equal(told,
                        "conf.d/10-a.conf:2: [webhook wms] url replaces dockbell.conf:7\n"
                        "conf.d/10-a.conf:3: [webhook wms] types adds to dockbell.conf:9\n"
                        "conf.d/10-a.conf:4: [webhook wms] timeout replaces dockbell.conf:12\n"
                        "conf.d/20-b.conf:2: [webhook wms] ca_file clears dockbell.conf:11\n"
                        "conf.d/20-b.conf:3: [webhook wms] sellers clears dockbell.conf:10\n"
                        "conf.d/20-b.conf:4: [webhook wms] timeout clears conf.d/10-a.conf:4\n"
                        "conf.d/20-b.conf:6: [queue q] wait replaces conf.d/10-a.conf:6\n");
    const struct config_value *types = config_find_value(config, "[webhook wms]", "types");
    assert_string_equal(types->shown, "A, B");
    assert_null(config_find_value(config, "[webhook wms]", "timeout"));

    free(scratch_write(directory, "conf.d/10-a.conf",
                       "[webhook wms]\nurl = https://a.example/\nurl = https://b.example/\n"));
    free(scratch_write(directory, "conf.d/20-b.conf", ""));
    expect(GOOD, "conf.d/10-a.conf:3: [webhook wms] url: given at conf.d/10-a.conf:2 already\n");
}

/* No key makes the reader abort, whatever kind of value it has. */
static void every_key_can_be_cleared(void **state)
{
    (void)state;
    size_t count;
    const struct config_key *keys = config_keys(&count);
    for (size_t i = 0; i < count; i++) {
        const char *kind = config_kind_name(keys[i].kind);
        const char *name = config_kind_is_named(keys[i].kind) ? " x" : "";
        const char *value = keys[i].fallback ? keys[i].fallback : "/x";
        AUTOFREE char *text = memory_format("[%s%s]\n%s = %s\n", kind, name, keys[i].name, value);
        AUTOFREE char *drop_in = memory_format("[%s%s]\n%s =\n", kind, name, keys[i].name);
        AUTOFREE char *section = memory_format("[%s%s]", kind, name);
        free(scratch_write(directory, "conf.d/10-a.conf", drop_in));
        load(text);
        assert_int_equal(config->n_overrides, 1);
        assert_string_equal(config->overrides[0].verb, "clears");
        const struct config_value *given = config_find_value(config, section, keys[i].name);
        assert_true(!given || (keys[i].list && given->shown[0] == '\0'));
    }
}

static void http_to_others_needs_allow_http(void **state)
{
    (void)state;
#define OPEN                                                                                       \
    "[queue q]\n" ARN "[seller acme]\nseller_id = A1\nqueue = q\n"                                 \
    "[webhook wms]\nurl = http://wms.lan/\nsecret = x\n"
    expect(OPEN,
           "dockbell.conf:7: [webhook wms] url: must begin with https://. http:// is accepted "
           "only for this machine itself (127.0.0.1, [::1], localhost), or with allow_http = "
           "yes in [daemon], for test networks: everyone on the way can then read and change "
           "what is sent\n");
    expect(
        OPEN "[daemon]\nallow_http = yes\n[alarm]\nurl = http://chat.lan/\n"
             "[application]\nlwa_endpoint = http://amazon.lan/auth\nendpoint = http://[::1]:1\n",
        "dockbell.conf:7: warning: [webhook wms] url: is not encrypted (allow_http): everyone on "
        "the way can read and change what is sent\n"
        "dockbell.conf:12: warning: [alarm] url: is not encrypted (allow_http): everyone on the "
        "way can read and change what is sent\n"
        "dockbell.conf:14: warning: [application] lwa_endpoint: is not encrypted (allow_http): "
        "everyone on the way can read and change what is sent\n");
#undef OPEN
}

static void flags_take_systemds_words(void **state)
{
    (void)state;
    static const char *const yes[] = {"yes", "true", "on", "1", "True"};
    static const char *const no[] = {"no", "false", "off", "0"};
    for (size_t i = 0; i < ELEMENTS(yes); i++) {
        AUTOFREE char *text = memory_format(GOOD "coalesce = %s\n", yes[i]);
        expect(text, "");
        assert_true(config->webhooks[0].coalesce);
    }
    for (size_t i = 0; i < ELEMENTS(no); i++) {
        AUTOFREE char *text = memory_format(GOOD "coalesce = %s\n", no[i]);
        expect(text, "");
        assert_false(config->webhooks[0].coalesce);
    }
}

static void hints_name_what_was_meant(void **state)
{
    (void)state;
    expect_webhook("timeout = 20",
                   "dockbell.conf:9: [webhook wms] timeout: \"20\" has no unit: is 20s meant?\n");
    expect_webhook("coalesce = yes # newest", "dockbell.conf:9: [webhook wms] coalesce: \"yes # "
                                              "newest\" is neither yes nor no (a comment needs a "
                                              "line of its own)\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(drop_ins_change_earlier_files),   IN_DIRECTORY(every_key_can_be_cleared),
        IN_DIRECTORY(http_to_others_needs_allow_http), IN_DIRECTORY(flags_take_systemds_words),
        IN_DIRECTORY(hints_name_what_was_meant),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
