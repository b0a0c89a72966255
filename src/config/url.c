/* SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <curl/curl.h>
#include <string.h>

#include "base/memory.h"
#include "values.h"

static void curl_free_p(char **string)
{
    curl_free(*string);
}
#define AUTOCURL CLEANUP(curl_free_p)

static void url_free_p(CURLU **url)
{
    curl_url_cleanup(*url);
}

/* Return a part of the URL; NULL: it has none. The caller frees it (AUTOCURL). */
static char *part(CURLU *url, CURLUPart what)
{
    char *value = NULL;
    return curl_url_get(url, what, &value, 0) == CURLUE_OK ? value : NULL;
}

static bool is_loopback(const char *host)
{
    struct in_addr v4;
    if (strcmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0)
        return true;
    return inet_pton(AF_INET, host, &v4) == 1 && ntohl(v4.s_addr) >> 24 == 127;
}

static const char *parts_problem(CURLU *url, bool with_path)
{
    AUTOCURL char *scheme = part(url, CURLUPART_SCHEME);
    AUTOCURL char *host = part(url, CURLUPART_HOST);
    AUTOCURL char *user = part(url, CURLUPART_USER);
    AUTOCURL char *password = part(url, CURLUPART_PASSWORD);
    AUTOCURL char *path = part(url, CURLUPART_PATH);
    AUTOCURL char *query = part(url, CURLUPART_QUERY);
    AUTOCURL char *fragment = part(url, CURLUPART_FRAGMENT);
    if (!scheme || !host || host[0] == '\0')
        return "is not a URL with a host, such as https://wms.example.com/hooks";
    if (user || password)
        return "a URL with user or password is not accepted, as it would show up in logs";
    if (fragment)
        return "a URL with a # is not accepted: what follows it is never sent";
    if (!with_path && ((path && strcmp(path, "/") != 0) || query))
        return "an endpoint is a URL without path and query";
    if (strcmp(scheme, "https") != 0 && strcmp(scheme, "http") != 0)
        return "must begin with https://";
    return NULL;
}

bool config_url_is_open(const char *value)
{
    CLEANUP(url_free_p) CURLU *url = curl_url();
    if (!url || curl_url_set(url, CURLUPART_URL, value, CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK)
        return false;
    AUTOCURL char *scheme = part(url, CURLUPART_SCHEME);
    AUTOCURL char *host = part(url, CURLUPART_HOST);
    return scheme && host && strcmp(scheme, "http") == 0 && !is_loopback(host);
}

const char *config_url_problem(const char *url, bool with_path)
{
    for (const char *at = url; *at; at++)
        if ((unsigned char)*at <= ' ' || (unsigned char)*at > '~')
            return "a URL has no blanks and only ASCII characters; others are written as %XX";
    if (!strstr(url, "://"))
        return "is not a URL: https:// is missing at its start";
    CLEANUP(url_free_p) CURLU *handle = curl_url();
    if (!handle || curl_url_set(handle, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK)
        return "is not a URL that can be understood";
    return parts_problem(handle, with_path);
}
