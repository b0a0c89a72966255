/* SPDX-License-Identifier: MIT */
/* The metadata endpoint of EC2, version 2: a token first, then the role's name, then its
 * credentials. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "aws/variables.h"
#include "base/backoff.h"
#include "base/clock.h"
#include "base/memory.h"
#include "fetch.h"
#include "planning.h"

/* It is one hop away, and a container's packets may be dropped silently. */
#define LIMIT_MS 1000

#define LIFETIME      "X-aws-ec2-metadata-token-ttl-seconds: 21600"
#define PATH          "/latest/meta-data/iam/security-credentials/"
#define NAME_MAX_SIZE 128

/* If the endpoint hands out credentials that have ended (it does so during faults of AWS), they are
 * used on, and asked for again after this time with jitter. */
#define STABLE_USEC (15 * USEC_PER_MIN)

/* Whether a small file begins with the word. */
static bool file_begins(const char *directory, const char *name, const char *word)
{
    char bytes[32] = "";
    AUTOFREE char *path = memory_format("%s/%s", directory, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return false;
    ssize_t size = read(fd, bytes, sizeof(bytes) - 1);
    close(fd);
    return size > 0 && strncasecmp(bytes, word, strlen(word)) == 0;
}

/* Whether the machine says that it is EC2, so that the endpoint is there. */
static bool is_ec2(const struct credential_setting *setting)
{
    const char *dmi = setting->dmi ? setting->dmi : "/sys/class/dmi/id";
    return file_begins(dmi, "sys_vendor", "Amazon EC2") ||
           file_begins(dmi, "bios_vendor", "Amazon EC2") || file_begins(dmi, "product_uuid", "ec2");
}

static const char *find_endpoint(void)
{
    const char *endpoint = aws_variable("AWS_EC2_METADATA_SERVICE_ENDPOINT");
    const char *mode = aws_variable("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE");
    if (endpoint && endpoint[0])
        return endpoint;
    return mode && strcasecmp(mode, "ipv6") == 0 ? "http://[fd00:ec2::254]"
                                                 : "http://169.254.169.254";
}

int plan_imds(const struct planning *planning, struct credential_plan *plan, struct error *error)
{
    const char *disabled = aws_variable("AWS_EC2_METADATA_DISABLED");
    bool is_named = planning->setting->source == CREDENTIAL_SOURCE_IMDS;
    if (disabled && strcasecmp(disabled, "true") == 0)
        return is_named ? error_set(error, ERROR_CONFIG,
                                    "the endpoint of EC2 is to be used, but "
                                    "AWS_EC2_METADATA_DISABLED is true")
                        : 1;
    if (!is_named && !is_ec2(planning->setting))
        return 1;
    plan->provider = CREDENTIAL_IMDS;
    plan->place = memory_string("the instance profile of EC2");
    plan->url = memory_string(find_endpoint());
    size_t size = strlen(plan->url);
    while (size > 0 && plan->url[size - 1] == '/')
        plan->url[--size] = '\0';
    if (strncasecmp(plan->url, "http://", 7) != 0 && strncasecmp(plan->url, "https://", 8) != 0)
        return error_set(error, ERROR_CONFIG,
                         "AWS_EC2_METADATA_SERVICE_ENDPOINT is neither http nor https");
    return 0;
}

/* ---- the three calls ---- */

static int call(struct fetch *fetch, const char *method, const char *path, const char *header,
                http_done_fn done)
{
    AUTOFREE char *url = memory_format("%s%s", fetch->plan->url, path);
    const char *const headers[] = {header, NULL};
    const struct http_request request = {
        .method = method,
        .url = url,
        .headers = headers,
        .transport = fetch->options.direct,
        .connect_timeout_ms = LIMIT_MS,
        .timeout_ms = LIMIT_MS,
        .answer_limit = SESSION_MAX,
        .secret = true,
    };
    return http_call(fetch->options.http, &request, done, fetch, &fetch->slot);
}

/* Call with the token. */
static void get(struct fetch *fetch, const char *path, http_done_fn done)
{
    char *header = memory_format("X-aws-ec2-metadata-token: %s", fetch->imds_token.data);
    int r = call(fetch, "GET", path, header, done);
    secret_free_string(header);
    if (r < 0)
        fetch_fail_with(fetch, ERROR_CONFIG, "%s: %s", fetch->plan->url, strerror(-r));
}

/* Whether the answer is a good one; if not, the fetch fails. */
static bool is_good(struct fetch *fetch, const struct http_answer *answer, const char *hint)
{
    fetch->slot = NULL;
    if (answer->error.kind != ERROR_NONE)
        fetch_fail_with(fetch, answer->error.kind, "%s (%s): %s", fetch->plan->place,
                        fetch->plan->url, answer->error.text);
    else if (answer->status != 200)
        fetch_fail_with(fetch, ERROR_STATUS, "%s (%s): the endpoint answers with status %d%s",
                        fetch->plan->place, fetch->plan->url, answer->status, hint);
    return answer->error.kind == ERROR_NONE && answer->status == 200;
}

static void on_credentials(struct http_answer *answer, void *userdata)
{
    struct fetch *fetch = userdata;
    struct aws_session session = {0};
    struct error error = {0};
    uint64_t now = clock_trusted_usec();
    if (!is_good(fetch, answer, ""))
        return;
    if (session_parse(&session, SESSION_IMDS, answer->body, answer->body_size, &error)) {
        fetch_fail_with(fetch, error.kind, "%s: %s", fetch->plan->place, error.text);
        return;
    }
    if (session.expires_usec <= now)
        session.expires_usec = now + 2 * backoff_jitter_usec(STABLE_USEC);
    fetch_take(fetch, &session);
}

/* Return the first line of the answer; NULL: it is no name of a role. The caller frees it. */
static char *read_name(const struct http_answer *answer)
{
    const char *body = answer->body ? answer->body : "";
    size_t size = strcspn(body, "\r\n");
    if (size == 0 || size > NAME_MAX_SIZE)
        return NULL;
    for (size_t i = 0; i < size; i++)
        if (!isalnum((unsigned char)body[i]) && !strchr("+=,.@_-", body[i]))
            return NULL;
    return memory_copy(body, size);
}

static void on_name(struct http_answer *answer, void *userdata)
{
    struct fetch *fetch = userdata;
    if (!is_good(fetch, answer, answer->status == 404 ? " (the instance has no role)" : ""))
        return;
    AUTOFREE char *name = read_name(answer);
    if (!name) {
        fetch_fail_with(fetch, ERROR_PROTOCOL, "%s: the endpoint names no role",
                        fetch->plan->place);
        return;
    }
    AUTOFREE char *path = memory_format(PATH "%s", name);
    get(fetch, path, on_credentials);
}

static void on_token(struct http_answer *answer, void *userdata)
{
    struct fetch *fetch = userdata;
    const char *body = answer->body ? answer->body : "";
    if (!is_good(fetch, answer, ""))
        return;
    for (const char *at = body; *at; at++)
        if (!isgraph((unsigned char)*at))
            body = "";
    if (!body[0]) {
        fetch_fail_with(fetch, ERROR_PROTOCOL, "%s: the endpoint gives no token",
                        fetch->plan->place);
        return;
    }
    secret_set(&fetch->imds_token, body, strlen(body));
    get(fetch, PATH, on_name);
}

int provider_imds_start(struct fetch *fetch)
{
    return call(fetch, "PUT", "/latest/api/token", LIFETIME, on_token);
}
