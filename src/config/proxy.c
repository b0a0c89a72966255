/* SPDX-License-Identifier: MIT */
/* Proxies, and hosts that are reached without one. */
#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "values.h"

/* Longest name of a host, and most hosts of a list. */
#define HOST_MAX  253
#define HOSTS_MAX 100

static bool consists_of(const char *value, size_t max, const char *others)
{
    size_t size = strlen(value);
    for (const char *at = value; *at; at++)
        if ((unsigned char)*at > 0x7e || (!isalnum((unsigned char)*at) && !strchr(others, *at)))
            return false;
    return size >= 1 && size <= max;
}

/* A proxy may have an http:// URL: the way to it is in the own network, and important requests are
 * encrypted through it. */
CONFIG_PARSER(config_parse_proxy)
{
    char **proxy = target;
    (void)key, (void)place;
    const char *host = strstr(value, "://");
    bool known = text_starts(value, "http://") || text_starts(value, "https://");
    if (!text_equal(value, CONFIG_PROXY_ENVIRONMENT) &&
        (!known || !consists_of(host + 3, 300, ".-:[]")))
        return error_set(
            error, ERROR_CONFIG,
            "is not the URL of a proxy such as http://proxy.example.internal:3128, nor "
            "the word environment");
    free(*proxy);
    *proxy = memory_string(value);
    return 0;
}

/* Whether an item is an address, of which a number of bits may count: "10.0.0.0/8", "fd00::1". */
static bool is_network(const char *item)
{
    char address[INET6_ADDRSTRLEN];
    unsigned char bytes[16];
    uint64_t bits = 0;
    const char *slash = strchr(item, '/');
    size_t size = slash ? (size_t)(slash - item) : strlen(item);
    if (size >= sizeof(address))
        return false;
    snprintf(address, sizeof(address), "%.*s", (int)size, item);
    bool six = inet_pton(AF_INET6, address, bytes) == 1;
    if (!six && inet_pton(AF_INET, address, bytes) != 1)
        return false;
    return !slash || (text_to_u64(slash + 1, &bits) == 0 && bits >= 1 && bits <= (six ? 128 : 32));
}

/* Whether an item has a port: "wms.example:8443". */
static bool has_port(const char *item)
{
    const char *colon = strchr(item, ':');
    return colon && colon > item && colon[1] &&
           strspn(colon + 1, "0123456789") == strlen(colon + 1);
}

static int check_host(const char *item, struct error *error)
{
    if (strchr(item, '*'))
        return error_set(error, ERROR_CONFIG,
                         "\"%.100s\" has a *: a domain such as example.internal stands for all "
                         "that is in it",
                         item);
    if (has_port(item) && !is_network(item))
        return error_set(error, ERROR_CONFIG,
                         "\"%.100s\" has a port and would never match: write %.*s, which holds for "
                         "all its ports",
                         item, (int)strcspn(item, ":"), item);
    if (!consists_of(item, HOST_MAX, ".-_:/") || (strpbrk(item, ":/") && !is_network(item)))
        return error_set(error, ERROR_CONFIG,
                         "\"%.100s\" is not a host, a domain, an address or a network such as "
                         "10.0.0.0/8",
                         item);
    return 0;
}

static int check_hosts(char *const *items, char *const *before, struct error *error)
{
    int r = 0;
    if (text_list_size(items) + text_list_size(before) > HOSTS_MAX)
        return error_set(error, ERROR_CONFIG, "more than %d hosts", HOSTS_MAX);
    if (text_list_size(items) == 0)
        return error_set(error, ERROR_CONFIG, "there is nothing between the commas");
    for (size_t i = 0; items[i] && r == 0; i++)
        r = check_host(items[i], error);
    return r;
}

CONFIG_PARSER(config_parse_hosts)
{
    char ***hosts = target;
    (void)key, (void)place;
    if (value[0] == '\0') {
        text_list_free(*hosts);
        *hosts = NULL;
        return 0;
    }
    char **items = text_split_list(value);
    size_t old = text_list_size(*hosts), count = text_list_size(items);
    int r = check_hosts(items, *hosts, error);
    if (r < 0) {
        text_list_free(items);
        return r;
    }
    *hosts = memory_resize(*hosts, old + count + 1, sizeof(**hosts));
    memcpy(*hosts + old, items, (count + 1) * sizeof(*items));
    free(items);
    return 0;
}
