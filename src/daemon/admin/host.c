/* SPDX-License-Identifier: MIT */
/* If the name of a web page was made to mean 127.0.0.1, the page's requests have that name in
 * Host. */
#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "host.h"

static bool is_loopback(const char *name)
{
    struct in_addr v4;
    if (strcasecmp(name, "localhost") == 0 || strcmp(name, "[::1]") == 0)
        return true;
    return inet_pton(AF_INET, name, &v4) == 1 && ntohl(v4.s_addr) >> 24 == IN_LOOPBACKNET;
}

bool admin_host_is_local(const char *host)
{
    const char *bracket = strchr(host, ']');
    size_t size = bracket ? (size_t)(bracket + 1 - host) : strcspn(host, ":");
    AUTOFREE char *name = memory_copy(host, size);
    return (host[size] == '\0' || host[size] == ':') && is_loopback(name);
}
