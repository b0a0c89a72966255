/* SPDX-License-Identifier: MIT */
#include "amazon/notifications.h"

#include <errno.h>
#include <string.h>
#include <strings.h>
#include <sys/queue.h>

#include "base/json.h"
#include "base/memory.h"
#include "encode.h"
#include "notifications_answer.h"

#define CONNECT_TIMEOUT_MS 5000
#define TIMEOUT_MS         30000
#define BASE_PATH          "/notifications/v1/"

/* How Amazon wants a program to name itself (at most 500 characters). */
#define USER_AGENT "User-Agent: dockbell/" DOCKBELL_VERSION " (Language=C/17; Platform=Linux)"

struct notifications_call;

struct notifications {
    struct http *http;
    char *endpoint; /* without a slash at its end */
    LIST_HEAD(, notifications_call) calls;
};

struct notifications_call {
    LIST_ENTRY(notifications_call) link;
    struct http_slot *slot; /* NULL once it is answered */
    char *what;             /* "createSubscription ORDER_CHANGE", for texts */
    struct text body;
    /* Reads the payload of a good answer; NULL: there is nothing to read. */
    int (*read)(struct notifications_reading *ret, const char *bytes, size_t size);
    bool may_be_absent; /* 404 is an answer: there is none */
    notifications_done_fn done;
    void *userdata;
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

/* ---- calls ---- */

static struct notifications_call *call_new(struct notifications *notifications, char *what,
                                           notifications_done_fn done, void *userdata)
{
    struct notifications_call *call = NEW(struct notifications_call);
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
    if (http->error.kind != ERROR_NONE) {
        ret->error = http->error;
        error_set(&ret->error, http->error.kind, "%s: %s", call->what, http->error.text);
        return;
    }
    if (http->status == 404 && call->may_be_absent)
        return;
    if (http->status != 200) {
        notifications_read_error(http, call->what, &ret->error);
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
}

static void on_answer(struct http_answer *http, void *userdata)
{
    struct notifications_call *call = userdata;
    struct notifications_reading reading = {0};
    struct notifications_answer answer = {0};
    read_answer(call, http, &reading, &answer);
    /* Off the list first: the callback may end the client. */
    call->slot = NULL;
    LIST_REMOVE(call, link);
    call->done(&answer, call->userdata);
    notifications_reading_clear(&reading);
    call_free(call);
}

/* `path` follows BASE_PATH. */
static int call_start(struct notifications *notifications, struct notifications_call *call,
                      const char *method, const char *path, const char *token,
                      struct notifications_call **ret_call)
{
    AUTOFREE char *url = memory_format("%s" BASE_PATH "%s", notifications->endpoint, path);
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
    int r = http_call(notifications->http, &request, on_answer, call, &call->slot);
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

/* ---- operations ---- */

int notifications_get_destinations(struct notifications *notifications, const char *token,
                                   notifications_done_fn done, void *userdata,
                                   struct notifications_call **ret_call)
{
    struct notifications_call *call =
        call_new(notifications, memory_string("getDestinations"), done, userdata);
    call->read = notifications_read_destinations;
    return call_start(notifications, call, "GET", "destinations", token, ret_call);
}

int notifications_create_destination(struct notifications *notifications, const char *token,
                                     const char *name, const char *arn, notifications_done_fn done,
                                     void *userdata, struct notifications_call **ret_call)
{
    struct notifications_call *call =
        call_new(notifications, memory_string("createDestination"), done, userdata);
    call->read = notifications_read_destination;
    json_open(&call->body, NULL, '{');
    json_string(&call->body, "name", name);
    json_open(&call->body, "resourceSpecification", '{');
    json_open(&call->body, "sqs", '{');
    json_string(&call->body, "arn", arn);
    json_close(&call->body, '}');
    json_close(&call->body, '}');
    json_close(&call->body, '}');
    return call_start(notifications, call, "POST", "destinations", token, ret_call);
}

int notifications_get_subscription(struct notifications *notifications, const char *token,
                                   const char *type, const char *payload_version,
                                   notifications_done_fn done, void *userdata,
                                   struct notifications_call **ret_call)
{
    AUTOTEXT struct text path = {0};
    struct notifications_call *call =
        call_new(notifications, memory_format("getSubscription %s", type), done, userdata);
    call->read = notifications_read_subscription;
    call->may_be_absent = true;
    text_append_string(&path, "subscriptions/");
    encode_percent_string(&path, type);
    if (payload_version) {
        text_append_string(&path, "?payloadVersion=");
        encode_percent_string(&path, payload_version);
    }
    return call_start(notifications, call, "GET", path.data, token, ret_call);
}

/* Amazon demands the filter for ORDER_CHANGE (400 "eventFilter must not be empty" without it) and
 * refuses it for most other types. */
static void write_directive(struct text *body, const struct notifications_subscribe *subscribe)
{
    if (!text_equal(subscribe->type, "ORDER_CHANGE"))
        return;
    json_open(body, "processingDirective", '{');
    json_open(body, "eventFilter", '{');
    json_string(body, "eventFilterType", subscribe->type);
    if (text_list_size(subscribe->order_change_types) > 0) {
        json_open(body, "orderChangeTypes", '[');
        for (char *const *type = subscribe->order_change_types; *type; type++)
            json_string(body, NULL, *type);
        json_close(body, ']');
    }
    json_close(body, '}');
    json_close(body, '}');
}

int notifications_create_subscription(struct notifications *notifications, const char *token,
                                      const struct notifications_subscribe *subscribe,
                                      notifications_done_fn done, void *userdata,
                                      struct notifications_call **ret_call)
{
    AUTOTEXT struct text path = {0};
    struct notifications_call *call = call_new(
        notifications, memory_format("createSubscription %s", subscribe->type), done, userdata);
    call->read = notifications_read_subscription;
    json_open(&call->body, NULL, '{');
    json_string(&call->body, "payloadVersion", subscribe->payload_version);
    json_string(&call->body, "destinationId", subscribe->destination_id);
    write_directive(&call->body, subscribe);
    json_close(&call->body, '}');
    text_append_string(&path, "subscriptions/");
    encode_percent_string(&path, subscribe->type);
    return call_start(notifications, call, "POST", path.data, token, ret_call);
}

int notifications_delete_subscription(struct notifications *notifications, const char *token,
                                      const char *type, const char *id, notifications_done_fn done,
                                      void *userdata, struct notifications_call **ret_call)
{
    AUTOTEXT struct text path = {0};
    struct notifications_call *call =
        call_new(notifications, memory_format("deleteSubscriptionById %s", type), done, userdata);
    text_append_string(&path, "subscriptions/");
    encode_percent_string(&path, type);
    text_append_char(&path, '/');
    encode_percent_string(&path, id);
    return call_start(notifications, call, "DELETE", path.data, token, ret_call);
}
