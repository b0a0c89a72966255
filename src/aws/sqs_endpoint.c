/* SPDX-License-Identifier: MIT */
#include "sqs_endpoint.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/text.h"

/* Return "host" or "host:port" in lower case. The default port of the scheme is left
 * out, as HTTP clients do. */
static char *host_of(const char *authority, size_t size, const char *own_port)
{
    char *host = memory_copy(authority, size);
    size_t own = strlen(own_port);
    for (char *at = host; *at; at++)
        *at = (char)tolower((unsigned char)*at);
    if (size > own && strcmp(host + size - own, own_port) == 0)
        host[size - own] = '\0';
    return host;
}

int sqs_endpoint_set(struct sqs_endpoint *ret, const char *endpoint, const struct sqs_arn *arn)
{
    AUTOFREE char *own = memory_format("https://sqs.%s.amazonaws.com", arn->region);
    const char *url = endpoint ? endpoint : own;
    bool tls = strncasecmp(url, "https://", 8) == 0;
    if (!tls && strncasecmp(url, "http://", 7) != 0)
        return -EINVAL;
    const char *authority = url + (tls ? 8 : 7);
    size_t size = strcspn(authority, "/?#@ ");
    const char *rest = authority + size;
    if (size == 0 || (rest[0] && strcmp(rest, "/") != 0))
        return -EINVAL;
    ret->host = host_of(authority, size, tls ? ":443" : ":80");
    ret->url = memory_format("%s://%s/", tls ? "https" : "http", ret->host);
    return 0;
}

void sqs_endpoint_clear(struct sqs_endpoint *endpoint)
{
    free(endpoint->url);
    free(endpoint->host);
    *endpoint = (struct sqs_endpoint){0};
}

char *sqs_endpoint_queue_url(const struct sqs_endpoint *endpoint, const struct sqs_arn *arn)
{
    return memory_format("%s%s/%s", endpoint->url, arn->account, arn->name);
}
