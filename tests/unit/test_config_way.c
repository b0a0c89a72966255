/* SPDX-License-Identifier: MIT */
/* What a webhook's section says about the way to it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/memory.h"
#include "config/auth.h"
#include "configuring.h"
#include "parts.h"
#include "scratch.h"

static void headers_are_taken_line_by_line(void **state)
{
    (void)state;
    expect_webhook("headers = X-Api-Key: credential:wms-api-key\n"
                   "headers = X-Tenant:  warehouse 7, file:north",
                   "");
    const struct config_headers *headers = &config->webhooks[0].headers;
    assert_int_equal(headers->count, 2);
    assert_string_equal(headers->items[0].name, "X-Api-Key");
    assert_string_equal(headers->items[0].value.reference, "credential:wms-api-key");
    assert_string_equal(headers->items[1].name, "X-Tenant");
    assert_string_equal(headers->items[1].value.reference, "warehouse 7, file:north");
    assert_int_equal(headers->items[1].value.place.line, 10);
    expect_webhook("headers = X-A: 1\nheaders =\nheaders = X-B: 2", "");
    assert_int_equal(config->webhooks[0].headers.count, 1);
}

static void headers_that_cannot_be(void **state)
{
    (void)state;
    expect_webhook("headers = s3cret",
                   "dockbell.conf:9: [webhook wms] headers: is not NAME: VALUE, such as X-Api-Key: "
                   "credential:wms-api-key\n");
    expect_webhook("headers = Content-Length: 7",
                   "dockbell.conf:9: [webhook wms] headers: Content-Length is a header that the "
                   "request has already\n");
    expect_webhook("headers = TraceParent: 00-1-2-01",
                   "dockbell.conf:9: [webhook wms] headers: TraceParent is a header that the "
                   "request has already\n");
    expect_webhook("headers = tracestate: a=1", "");
    expect_webhook("headers = Connection: close",
                   "dockbell.conf:9: [webhook wms] headers: Connection belongs to the connection, "
                   "which is not the receiver's matter\n");
    expect_webhook("headers = X A: 1",
                   "dockbell.conf:9: [webhook wms] headers: X A is not the name of a header: "
                   "letters, digits and !#$%&'*+-.^_`|~, at most 64\n");
    expect_webhook("headers = X-A:",
                   "dockbell.conf:9: [webhook wms] headers: X-A: the value is empty\n");
    expect_webhook("headers = X-A: s\303\244cret",
                   "dockbell.conf:9: [webhook wms] headers: X-A: the value has characters that "
                   "cannot be in a header: only ASCII can\n");
    expect_webhook("headers = X-A: file:key",
                   "dockbell.conf:9: [webhook wms] headers: X-A: file: needs an absolute path\n");
    expect_webhook("headers = X-A: 1\nheaders = x-a: 2",
                   "dockbell.conf:10: [webhook wms] headers: x-a is given at dockbell.conf:9 "
                   "already\n");
    assert_null(strstr(findings, "s3cret"));
}

static void seventeen_headers_are_too_many(void **state)
{
    AUTOTEXT struct text content = {0};
    (void)state;
    text_append_string(&content, GOOD);
    for (int i = 1; i <= 17; i++)
        text_appendf(&content, "headers = X-%d: 1\n", i);
    expect(content.data, "dockbell.conf:25: [webhook wms] headers: more than 16 headers\n");
}

static void a_header_is_sent_once(void **state)
{
    (void)state;
    expect_webhook("headers = X-A: 1\nheaders = Authorization: token abc\nbearer = env:B\n"
                   "hmac_header = x-a\nhmac_secret = env:H",
                   "dockbell.conf:9: [webhook wms] headers: X-A is sent by hmac_header already\n"
                   "dockbell.conf:10: [webhook wms] headers: Authorization is sent by bearer "
                   "already\n");
    expect_webhook("hmac_header = Authorization\nhmac_secret = env:H\nuser = u\npassword = env:P",
                   "dockbell.conf:9: [webhook wms] hmac_header: Authorization is sent by user "
                   "already\n");
    expect_webhook("headers = Authorization: token abc", "");
}

static void values_come_from_where_they_are_kept(void **state)
{
    struct webhook_auth auth;
    struct error error = {0};
    (void)state;
    AUTOFREE char *key = scratch_write(directory, "key", "a,\tfile:b\n");
    AUTOFREE char *wrong = scratch_write(directory, "wrong", " s3cret");
    AUTOFREE char *good = memory_format("headers = X-Key: file:%s\nheaders = X-B: c, env:D", key);
    AUTOFREE char *bad = memory_format("headers = X-Key: file:%s", wrong);
    expect_webhook(good, "");
    assert_int_equal(config_webhook_auth(&auth, &config->webhooks[0], &error), 0);
    assert_int_equal(auth.extra.count, 2);
    assert_string_equal(auth.extra.lines[0].data, "X-Key: a,\tfile:b");
    assert_string_equal(auth.extra.lines[1].data, "X-B: c, env:D");
    webhook_auth_clear(&auth);
    expect_webhook(bad, "");
    assert_true(config_webhook_auth(&auth, &config->webhooks[0], &error) < 0);
    assert_non_null(strstr(error.text, "dockbell.conf:9: X-Key: the value begins or ends"));
    assert_null(strstr(error.text, "s3cret"));
    webhook_auth_clear(&auth);
}

static void check_warns_of_what_others_can_read(void **state)
{
    struct config_findings found = {0};
    AUTOTEXT struct text text = {0};
    (void)state;
    AUTOFREE char *key = scratch_write(directory, "key", "k");
    AUTOFREE char *line = memory_format("headers = X-Key: file:%s\nheaders = X-Tenant: 7\n"
                                        "headers = Cookie: s=1",
                                        key);
    expect_webhook(line, "");
    assert_int_equal(chmod(key, 0644), 0);
    assert_int_equal(chmod(config->path, 0644), 0);
    config_check_files(config, &found);
    for (size_t i = 0; i < found.count; i++)
        config_finding_print(&text, &found.findings[i]);
    assert_part(text.data, "dockbell.conf:9: warning: [webhook wms] headers: X-Key: every user");
    assert_part(text.data, "dockbell.conf:11: warning: [webhook wms] headers: Cookie: this file");
    assert_part(text.data, "dockbell.conf:10: warning: [webhook wms] headers: X-Tenant: this file");
    config_findings_clear(&found);
}

static void limits_of_time(void **state)
{
    (void)state;
    expect(GOOD, "");
    assert_int_equal(config->webhooks[0].connect_timeout_usec, 10 * USEC_PER_SEC);
    assert_int_equal(config->webhooks[0].dns_timeout_usec, 0);
    assert_int_equal(config->webhooks[0].tls_timeout_usec, 0);
    expect_webhook("connect_timeout = 4s\ndns_timeout = 2s\ntls_timeout = 3s", "");
    assert_int_equal(config->webhooks[0].connect_timeout_usec, 4 * USEC_PER_SEC);
    assert_int_equal(config->webhooks[0].dns_timeout_usec, 2 * USEC_PER_SEC);
    assert_int_equal(config->webhooks[0].tls_timeout_usec, 3 * USEC_PER_SEC);
    expect_webhook("timeout = 5s", "");
    expect_webhook("timeout = 5s\nconnect_timeout = 6s\ndns_timeout = 7s\ntls_timeout = 6s",
                   "dockbell.conf:10: warning: [webhook wms] connect_timeout: is longer than "
                   "timeout, which ends it before\n"
                   "dockbell.conf:11: warning: [webhook wms] dns_timeout: is longer than "
                   "connect_timeout, which ends it before\n");
    expect_webhook("connect_timeout = 0s\ndns_timeout = never",
                   "dockbell.conf:9: [webhook wms] connect_timeout: 0s is not between 1s and 5m\n"
                   "dockbell.conf:10: [webhook wms] dns_timeout: \"never\" is not \"off\" or a "
                   "duration such as 30d\n");
}

static void proxies(void **state)
{
    static const char *const never[] = {
        "http://wms.example", "wms.example/8", "10.0.0.0/33", "10.0.0.0/0",
        "fd00::/129",         "fd00::x",       "10.0.0/8"};
    (void)state;
    expect_webhook("proxy = http://proxy.example.internal:3128\n"
                   "no_proxy = .example.internal, 10.0.0.0/8\nno_proxy = fd00::1",
                   "");
    assert_string_equal(config->webhooks[0].proxy, "http://proxy.example.internal:3128");
    assert_int_equal(text_list_size(config->webhooks[0].no_proxy), 3);
    assert_string_equal(config->webhooks[0].no_proxy[1], "10.0.0.0/8");
    expect_webhook("proxy = environment\nno_proxy = a\nno_proxy =", "");
    assert_null(config->webhooks[0].no_proxy);
    expect_webhook("proxy = socks5://p",
                   "dockbell.conf:9: [webhook wms] proxy: is not the URL of a proxy such as "
                   "http://proxy.example.internal:3128, nor the word environment\n");
    expect_webhook("no_proxy = a",
                   "dockbell.conf:9: [webhook wms] no_proxy: needs proxy as well\n");
    expect_webhook("proxy = environment\nno_proxy = a, *.example.internal",
                   "dockbell.conf:10: [webhook wms] no_proxy: \"*.example.internal\" has a *: a "
                   "domain such as example.internal stands for all that is in it\n");
    expect_webhook("proxy = environment\nno_proxy = wms.example:8443",
                   "dockbell.conf:10: [webhook wms] no_proxy: \"wms.example:8443\" has a port and "
                   "would never match: write wms.example, which holds for all its ports\n");
    for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++) {
        char keys[100], expected[200];
        snprintf(keys, sizeof(keys), "proxy = environment\nno_proxy = %s", never[i]);
        snprintf(expected, sizeof(expected),
                 "dockbell.conf:10: [webhook wms] no_proxy: \"%s\" is not a host, a domain, an "
                 "address or a network such as 10.0.0.0/8\n",
                 never[i]);
        expect_webhook(keys, expected);
    }
    expect_webhook(
        "proxy = environment\nno_proxy = 10.1.2.3, ::1, fd00::/8, wms_1.example, 10.0.0.1/32", "");
    expect_webhook("proxy = environment\nno_proxy = a b",
                   "dockbell.conf:10: [webhook wms] no_proxy: \"a b\" is not a host, a domain, an "
                   "address or a network such as 10.0.0.0/8\n");
    expect_webhook("proxy = environment\nno_proxy = ,",
                   "dockbell.conf:10: [webhook wms] no_proxy: there is nothing between the "
                   "commas\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(headers_are_taken_line_by_line),
        IN_DIRECTORY(headers_that_cannot_be),
        IN_DIRECTORY(seventeen_headers_are_too_many),
        IN_DIRECTORY(a_header_is_sent_once),
        IN_DIRECTORY(values_come_from_where_they_are_kept),
        IN_DIRECTORY(check_warns_of_what_others_can_read),
        IN_DIRECTORY(limits_of_time),
        IN_DIRECTORY(proxies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
