/* SPDX-License-Identifier: MIT */
#include "http_proxy.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "http_place.h"

/* Longest entry of no_proxy that can match. */
#define ENTRY_MAX 253

/* If a proxy's URL has no port, libcurl's default applies, not the default of the scheme. */
#define PROXY_PORT       "1080"
#define PROXY_HTTPS_PORT "443"

/* ---- no_proxy ---- */

/* Whether the first bits are the same. If an entry has no number of bits, it is one address. */
static bool shares_bits(const unsigned char *a, const unsigned char *b, unsigned bits)
{
    unsigned bytes = bits / 8, rest = bits % 8;
    return memcmp(a, b, bytes) == 0 && (rest == 0 || (a[bytes] ^ b[bytes]) >> (8 - rest) == 0);
}

static bool is_in_network(int family, const unsigned char *address, const char *entry)
{
    char network[ENTRY_MAX + 1];
    unsigned char first[16];
    unsigned most = family == AF_INET ? 32 : 128, bits = most;
    text_copy(network, sizeof(network), entry);
    char *slash = strchr(network, '/');
    if (slash) {
        bits = (unsigned)strtoul(slash + 1, NULL, 10);
        *slash = '\0';
    }
    if (bits == 0 || bits > most)
        bits = most;
    return inet_pton(family, network, first) == 1 && shares_bits(address, first, bits);
}

static size_t without_end_dot(const char *name)
{
    size_t size = strlen(name);
    return size && name[size - 1] == '.' ? size - 1 : size;
}

static bool is_in_domain(const char *host, const char *entry)
{
    entry += *entry == '.';
    size_t size = without_end_dot(host), length = without_end_dot(entry);
    if (length == 0 || length > size || strncasecmp(host + size - length, entry, length) != 0)
        return false;
    return length == size || host[size - length - 1] == '.';
}

static bool matches(const char *host, const char *entry)
{
    unsigned char address[16];
    if (inet_pton(AF_INET, host, address) == 1)
        return is_in_network(AF_INET, address, entry);
    if (inet_pton(AF_INET6, host, address) == 1)
        return is_in_network(AF_INET6, address, entry);
    return is_in_domain(host, entry);
}

static bool is_exempt(const char *host, const char *no_proxy)
{
    char entry[ENTRY_MAX + 1];
    if (strcmp(no_proxy, "*") == 0)
        return true;
    for (const char *at = no_proxy; *at; at += strspn(at, ", \t")) {
        size_t size = strcspn(at, ", \t");
        snprintf(entry, sizeof(entry), "%.*s", (int)size, at);
        if (size && size <= ENTRY_MAX && matches(host, entry))
            return true;
        at += size;
    }
    return false;
}

/* ---- the environment ---- */

static const char *first_of(const char *const *names)
{
    const char *value = NULL;
    for (; *names && !value; names++)
        value = getenv(*names);
    return value;
}

/* Return the proxy that the environment sets. HTTP_PROXY is left out, because a web server may take
 * it from a request. */
static const char *proxy_of_environment(const char *url)
{
    static const char *const plain[] = {"http_proxy", "all_proxy", "ALL_PROXY", NULL};
    static const char *const secure[] = {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY",
                                         NULL};
    return first_of(text_starts(url, "https:") ? secure : plain);
}

static const char *no_proxy_of_environment(void)
{
    static const char *const names[] = {"no_proxy", "NO_PROXY", NULL};
    return first_of(names);
}

void http_proxy_name(const struct http_proxy_rules *rules, const char *url,
                     char ret[HTTP_PROXY_NAME_MAX])
{
    struct http_place target, place;
    const char *proxy = rules->proxy, *no_proxy = rules->no_proxy;
    ret[0] = '\0';
    if (!proxy && rules->environment)
        proxy = proxy_of_environment(url);
    if (!no_proxy && rules->environment)
        no_proxy = no_proxy_of_environment();
    if (!proxy || !proxy[0])
        return;
    http_place_find(url, NULL, &target);
    if (no_proxy && is_exempt(target.bare, no_proxy))
        return;
    http_place_find(proxy, text_starts(proxy, "https:") ? PROXY_HTTPS_PORT : PROXY_PORT, &place);
    snprintf(ret, HTTP_PROXY_NAME_MAX, "%s", place.peer);
}
