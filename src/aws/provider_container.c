/* SPDX-License-Identifier: MIT */
/* The credentials endpoint of ECS and EKS Pod Identity. */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "aws/variables.h"
#include "base/memory.h"
#include "fetch.h"
#include "planning.h"

#define ECS              "http://169.254.170.2"
#define RELATIVE         "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"
#define FULL             "AWS_CONTAINER_CREDENTIALS_FULL_URI"
#define TOKEN            "AWS_CONTAINER_AUTHORIZATION_TOKEN"
#define CONNECT_LIMIT_MS 1000
#define LIMIT_MS         2000

static bool is_loopback(const char *host)
{
    struct in_addr v4;
    struct in6_addr v6;
    if (strcasecmp(host, "localhost") == 0)
        return true;
    if (inet_pton(AF_INET, host, &v4) == 1)
        return (ntohl(v4.s_addr) >> 24) == 127;
    return inet_pton(AF_INET6, host, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

/* Whether plain http is allowed to this host: the same list in all SDKs
 * (https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html). */
static bool is_allowed(const char *host)
{
    static const char *const hosts[] = {"169.254.170.2", "169.254.170.23", "fd00:ec2::23"};
    for (size_t i = 0; i < ELEMENTS(hosts); i++)
        if (strcasecmp(hosts[i], host) == 0)
            return true;
    return is_loopback(host);
}

/* Return the problem of a full URI; NULL: none. */
static const char *uri_problem(const char *uri)
{
    for (const char *at = uri; *at; at++)
        if (*at <= ' ' || *at > '~')
            return "has a character in it that no URL has";
    if (strncasecmp(uri, "https://", 8) == 0)
        return NULL;
    if (strncasecmp(uri, "http://", 7) != 0)
        return "is neither http nor https";
    const char *authority = uri + 7;
    size_t size = strcspn(authority, "/?#");
    if (memchr(authority, '@', size))
        return "names a user";
    bool bracket = authority[0] == '[';
    size_t host_size = strcspn(authority + bracket, bracket ? "]/?#" : ":/?#");
    AUTOFREE char *host = memory_copy(authority + bracket, host_size);
    return is_allowed(host) ? NULL
                            : "is plain http to a host that is neither this machine nor an "
                              "endpoint of ECS or EKS";
}

int plan_container(const struct planning *planning, struct credential_plan *plan,
                   struct error *error)
{
    const char *relative = aws_variable(RELATIVE), *full = aws_variable(FULL);
    (void)planning;
    (void)aws_variable(TOKEN); /* out of the environment, also if it is not used */
    if (!relative && !full)
        return 1;
    plan->provider = CREDENTIAL_CONTAINER;
    plan->place = memory_format("%s in the environment", relative ? RELATIVE : FULL);
    if (relative && relative[0] != '/')
        return error_set(error, ERROR_CONFIG, "%s does not begin with /", RELATIVE);
    plan->url = relative ? memory_format(ECS "%s", relative) : memory_string(full);
    const char *problem = uri_problem(plan->url);
    return problem ? error_set(error, ERROR_CONFIG, "%s %s", relative ? RELATIVE : FULL, problem)
                   : 0;
}

static void on_answer(struct http_answer *answer, void *userdata)
{
    struct fetch *fetch = userdata;
    struct aws_session session = {0};
    struct error error = {0};
    fetch->slot = NULL;
    if (answer->error.kind != ERROR_NONE)
        fetch_fail_with(fetch, answer->error.kind, "%s: %s", fetch->plan->place,
                        answer->error.text);
    else if (answer->status != 200)
        fetch_fail_with(fetch, ERROR_STATUS, "%s: the endpoint answers with status %d",
                        fetch->plan->place, answer->status);
    else if (session_parse(&session, SESSION_CONTAINER, answer->body, answer->body_size, &error))
        fetch_fail_with(fetch, error.kind, "%s: %s", fetch->plan->place, error.text);
    else
        fetch_take(fetch, &session);
}

/* Read the token: of the file each time, as it is renewed. 0, also if there is none; or -EIO. */
static int read_token(struct secret *ret, struct error *error)
{
    const char *file = aws_variable(TOKEN "_FILE"), *token = aws_variable(TOKEN);
    if (file)
        return fetch_read_token(ret, file, error);
    if (token && strpbrk(token, "\r\n"))
        return error_set(error, ERROR_CONFIG, TOKEN " has more than one line");
    if (token)
        secret_set(ret, token, strlen(token));
    return 0;
}

int provider_container_start(struct fetch *fetch)
{
    CLEANUP(secret_clear) struct secret token = {0};
    struct error error = {0};
    if (read_token(&token, &error) < 0) {
        fetch_fail(fetch, &error);
        return 0;
    }
    char *line = token.data ? memory_format("Authorization: %s", token.data) : NULL;
    const char *const headers[] = {"Accept: application/json", line, NULL};
    const struct http_request request = {
        .url = fetch->plan->url,
        .headers = headers,
        .transport = fetch->options.direct,
        .connect_timeout_ms = CONNECT_LIMIT_MS,
        .timeout_ms = LIMIT_MS,
        .answer_limit = SESSION_MAX,
        .secret = true,
    };
    int r = http_call(fetch->options.http, &request, on_answer, fetch, &fetch->slot);
    secret_free_string(line);
    return r;
}
