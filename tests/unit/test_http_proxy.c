/* SPDX-License-Identifier: MIT */
/* Which proxy a URL is reached through, by libcurl's rules. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../../src/wire/http_proxy.h"
#include "base/memory.h"

#define WALL "http://wall:3128"

static void expect(struct http_proxy_rules rules, const char *url, const char *name)
{
    char found[HTTP_PROXY_NAME_MAX];
    http_proxy_name(&rules, url, found);
    assert_string_equal(found, name);
}

static void its_name(void **state)
{
    (void)state;
    const char *url = "https://wms.example/";
    expect((struct http_proxy_rules){0}, url, "");
    expect((struct http_proxy_rules){.proxy = WALL}, url, "wall:3128");
    expect((struct http_proxy_rules){.proxy = "http://user:pass@wall:3128/x"}, url, "wall:3128");
    expect((struct http_proxy_rules){.proxy = "wall"}, url, "wall:1080");
    expect((struct http_proxy_rules){.proxy = "https://wall"}, url, "wall:443");
    expect((struct http_proxy_rules){.proxy = "http://[::1]"}, url, "[::1]:1080");
    expect((struct http_proxy_rules){.proxy = ""}, url, "");
}

static void hosts_without_it(void **state)
{
    static const struct {
        const char *no_proxy, *url;
        bool exempt;
    } cases[] = {
        {"*", "https://wms.example/", true},
        {"other, wms.example", "https://wms.example:8443/x", true},
        {"other wms.example", "https://WMS.example/", true},
        {"example", "https://wms.example", true},
        {".example.", "https://wms.example./", true},
        {"ms.example", "https://wms.example/", false},
        {"wms.example:443", "https://wms.example/", false},
        {"very.long.wms.example", "https://wms.example/", false},
        {".", "https://wms.example/", false},
        {"10.0.0.0/8", "https://10.1.2.3:8443/", true},
        {"10.0.0.0/8", "https://11.1.2.3/", false},
        {"192.168.16.0/20", "https://192.168.31.1/", true},
        {"192.168.16.0/20", "https://192.168.32.1/", false},
        {"10.1.2.3", "https://10.1.2.3/", true},
        {"10.1.2.3/99", "https://10.1.2.4/", false},
        {"1.2.3", "https://10.1.2.3/", false},
        {"fd00::/8", "https://[fd12::1]:8443/", true},
        {"fd00::/8", "https://[fe12::1]/", false},
        {"::1", "https://[::1]/", true},
        {"10.0.0.0/8", "https://[::1]/", false},
    };
    (void)state;
    for (size_t i = 0; i < ELEMENTS(cases); i++)
        expect((struct http_proxy_rules){.proxy = WALL, .no_proxy = cases[i].no_proxy},
               cases[i].url, cases[i].exempt ? "" : "wall:3128");
}

static void of_the_environment(void **state)
{
    static const char *const names[] = {"http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY",
                                        "all_proxy",  "ALL_PROXY",  "no_proxy",    "NO_PROXY"};
    const struct http_proxy_rules environment = {.environment = true};
    (void)state;
    for (size_t i = 0; i < ELEMENTS(names); i++)
        unsetenv(names[i]);
    expect(environment, "https://wms/", "");
    setenv("HTTP_PROXY", "http://cgi:1", 1);
    expect(environment, "http://wms/", "");
    setenv("ALL_PROXY", "http://all:1", 1);
    expect(environment, "http://wms/", "all:1");
    setenv("HTTPS_PROXY", "http://secure:1", 1);
    expect(environment, "https://wms/", "secure:1");
    expect((struct http_proxy_rules){0}, "https://wms/", "");
    expect((struct http_proxy_rules){.proxy = WALL, .environment = true}, "https://wms/",
           "wall:3128");
    setenv("NO_PROXY", "wms", 1);
    expect(environment, "https://wms/", "");
    expect((struct http_proxy_rules){.no_proxy = "x", .environment = true}, "https://wms/",
           "secure:1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(its_name),
        cmocka_unit_test(hosts_without_it),
        cmocka_unit_test(of_the_environment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
