/* SPDX-License-Identifier: MIT */
#include "spapi/notifications.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "notifications_call.h"

#define CONNECT_TIMEOUT_MS 5000
#define TIMEOUT_MS         30000
#define BASE_PATH          "/notifications/v1/"

/* Amazon wants this form of a program's name (at most 500 characters). */
#define USER_AGENT "User-Agent: dockbell/" DOCKBELL_VERSION " (Language=C/17; Platform=Linux)"

struct notifications {
    struct http *http;
    char *endpoint; /* without a slash at its end */
    LIST_HEAD(, notifications_call) calls;
};

const char *notifications_endpoint(const char *region)
{
    static const struct {
        const char *region, *endpoint;
    } endpoints[] = {
        {"na", "https://sellingpartnerapi-na.amazon.com"},
        {"eu", "https://sellingpartnerapi-eu.amazon.com"},
        {"fe", "https://sellingpartnerapi-fe.amazon.com"},
    };
    for (size_t i = 0; i < ELEMENTS(endpoints); i++)
        if (text_equal(endpoints[i].region, region))
            return endpoints[i].endpoint;
    return NULL;
}

bool notifications_is_sandbox(const char *endpoint)
{
    const char *host = strstr(endpoint, "://");
    host = host ? host + 3 : endpoint;
    return text_starts(host, "sandbox.") || text_starts(host, "127.") ||
           text_starts(host, "localhost") || text_starts(host, "[::1]");
}

/* ---- calls ---- */

struct notifications_call *notifications_call_new(struct notifications *notifications, char *what,
                                                  notifications_done_fn done, void *userdata)
{
    struct notifications_call *call = NEW(struct notifications_call);
    call->client = notifications;
    call->what = what;
    call->done = done;
    call->userdata = userdata;
    LIST_INSERT_HEAD(&notifications->calls, call, link);
    return call;
}

static void call_free(struct notifications_call *call)
{
    text_clear(&call->body);
    free(call->what);
    free(call);
}

void notifications_cancel(struct notifications_call *call)
{
    if (!call || !call->slot)
        return;
    http_cancel(call->slot);
    LIST_REMOVE(call, link);
    call_free(call);
}

static void read_answer(const struct notifications_call *call, const struct http_answer *http,
                        struct notifications_reading *reading, struct notifications_answer *ret)
{
    ret->rate = strtod(http->rate_limit, NULL);
    if (http->error.kind != ERROR_NONE) {
        ret->error = http->error;
        error_set(&ret->error, http->error.kind, "%s: %s", call->what, http->error.text);
        return;
    }
    ret->absent = http->status == 404 && call->may_be_absent;
    if (ret->absent)
        return;
    if (http->status != 200) {
        ret->in_use = notifications_read_error(http, call->what, &ret->error);
        return;
    }
    if (call->read && call->read(reading, http->body, http->body_size) < 0) {
        error_set(&ret->error, ERROR_PROTOCOL, "%s: the answer is not one of SP-API", call->what);
        ret->error.status = http->status;
        return;
    }
    ret->destinations = reading->destinations;
    ret->destination_count = reading->destination_count;
    ret->subscription = reading->subscription.id ? &reading->subscription : NULL;
    ret->subscriptions = reading->subscriptions;
    ret->subscription_count = reading->subscription_count;
    ret->next_token = reading->next_token;
}

static void on_answer(struct http_answer *http, void *userdata)
{
    struct notifications_call *call = userdata;
    struct notifications_reading reading = {0};
    struct notifications_answer answer = {0};
    read_answer(call, http, &reading, &answer);
    /* The call leaves the list before its callback runs, because the callback may end
     * the client. */
    call->slot = NULL;
    LIST_REMOVE(call, link);
    call->done(&answer, call->userdata);
    notifications_reading_clear(&reading);
    call_free(call);
}

int notifications_call_start(struct notifications_call *call, const char *method, const char *path,
                             const char *token, struct notifications_call **ret_call)
{
    AUTOFREE char *url = memory_format("%s" BASE_PATH "%s", call->client->endpoint, path);
    AUTOFREE char *access = memory_format("x-amz-access-token: %s", token);
    const char *const headers[] = {access, USER_AGENT, "Accept: application/json",
                                   "Content-Type: application/json", NULL};
    const struct http_request request = {
        .method = method,
        .url = url,
        .headers = headers,
        .body = call->body.data,
        .body_size = call->body.size,
        .connect_timeout_ms = CONNECT_TIMEOUT_MS,
        .timeout_ms = TIMEOUT_MS,
        .answer_limit = NOTIFICATIONS_ANSWER_MAX,
    };
    int r = http_call(call->client->http, &request, on_answer, call, &call->slot);
    explicit_bzero(access, strlen(access));
    if (r < 0) {
        LIST_REMOVE(call, link);
        call_free(call);
    } else if (ret_call) {
        *ret_call = call;
    }
    return r;
}

/* ---- life ---- */

int notifications_new(struct notifications **ret, struct http *http, const char *endpoint)
{
    size_t size = strlen(endpoint);
    if (strncasecmp(endpoint, "https://", 8) != 0 && strncasecmp(endpoint, "http://", 7) != 0)
        return -EINVAL;
    struct notifications *notifications = NEW(struct notifications);
    while (size > 0 && endpoint[size - 1] == '/')
        size--;
    notifications->endpoint = memory_copy(endpoint, size);
    notifications->http = http;
    LIST_INIT(&notifications->calls);
    *ret = notifications;
    return 0;
}

void notifications_free(struct notifications *notifications)
{
    struct notifications_call *call, *next;
    if (!notifications)
        return;
    for (call = LIST_FIRST(&notifications->calls); call; call = next) {
        next = LIST_NEXT(call, link);
        notifications_cancel(call);
    }
    free(notifications->endpoint);
    free(notifications);
}

const char *notifications_url(const struct notifications *notifications)
{
    return notifications->endpoint;
}
