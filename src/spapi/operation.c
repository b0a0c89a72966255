/* SPDX-License-Identifier: MIT */
#include "spapi/operation.h"

#include <errno.h>
#include <string.h>
#include <sys/queue.h>

#include "base/backoff.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "spapi/limiter.h"

#define RETRY_USEC     USEC_PER_SEC
#define RETRY_CAP_USEC (30 * USEC_PER_SEC)

/* The client of one endpoint. */
struct endpoint {
    LIST_ENTRY(endpoint) link;
    char *url;
    struct notifications *api;
};

struct operations {
    sd_event *event;
    struct operations_options options;
    struct limiter *limiter;
    LIST_HEAD(, endpoint) endpoints;
    LIST_HEAD(, operation) under_way;
};

struct operation {
    struct operations *owner;
    LIST_ENTRY(operation) link;
    struct operation_request request;
    struct notifications *api;
    operation_done_fn done;
    void *userdata;

    struct limiter_wait *wait;
    struct lwa_call *token_call;
    struct notifications_call *call;
    sd_event_source *timer; /* fires for the next try */
    char *token;            /* of the call in flight */
    unsigned tries;
    bool refreshed; /* a second token was asked for */
    bool as_seller; /* the application was refused */
};

static const struct {
    const char *name;
    bool grantless;
} names[OPERATION_NAMES] = {
    [GET_DESTINATIONS] = {"getDestinations", true},
    [CREATE_DESTINATION] = {"createDestination", true},
    [GET_DESTINATION] = {"getDestination", true},
    [DELETE_DESTINATION] = {"deleteDestination", true},
    [GET_SUBSCRIPTIONS] = {"getSubscriptions", false},
    [GET_SUBSCRIPTION] = {"getSubscription", false},
    [CREATE_SUBSCRIPTION] = {"createSubscription", false},
    [GET_SUBSCRIPTION_BY_ID] = {"getSubscriptionById", true},
    [DELETE_SUBSCRIPTION_BY_ID] = {"deleteSubscriptionById", true},
    [SEND_TEST_NOTIFICATION] = {"sendTestNotification", true},
};

const char *operation_name(enum operation_name name)
{
    return names[name].name;
}

static bool is_grantless(const struct operation *o)
{
    return names[o->request.name].grantless && !o->as_seller;
}

/* Return the seller whose quota the call uses. NULL: the application's quota. */
static const char *party_of(const struct operation *o)
{
    return is_grantless(o) ? NULL : o->request.seller;
}

static void drop_token(struct operation *o)
{
    if (o->token)
        explicit_bzero(o->token, strlen(o->token));
    free(TAKE(o->token));
}

static void operation_free(struct operation *o)
{
    limiter_cancel(o->wait);
    lwa_cancel(o->token_call);
    notifications_cancel(o->call);
    sd_event_source_disable_unref(o->timer);
    drop_token(o);
    LIST_REMOVE(o, link);
    free(o);
}

void operation_cancel(struct operation *o)
{
    if (o)
        operation_free(o);
}

static void finish(struct operation *o, const struct notifications_answer *answer, bool no_token)
{
    const struct operation_result result = {answer, no_token, o->as_seller};
    operation_done_fn done = o->done;
    void *userdata = o->userdata;
    /* The operation is freed first, because the callback may end everything. */
    operation_free(o);
    done(&result, userdata);
}

static void fail(struct operation *o, const struct error *error, bool no_token)
{
    const struct notifications_answer answer = {.error = *error};
    finish(o, &answer, no_token);
}

/* ---- trying again ---- */

static int ask_limiter(struct operation *o);

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
    struct operation *o = userdata;
    struct error error;
    (void)source;
    (void)usec;
    int r = ask_limiter(o);
    if (r < 0) {
        error_set(&error, ERROR_CONFIG, "%s: %s", names[o->request.name].name, strerror(-r));
        fail(o, &error, false);
    }
    return 0;
}

static void go_in(struct operation *o, uint64_t delay_usec)
{
    sd_event_source_set_time_relative(o->timer, delay_usec);
    sd_event_source_set_enabled(o->timer, SD_EVENT_ONESHOT);
}

static bool creates(const struct operation *o)
{
    return o->request.name == CREATE_DESTINATION || o->request.name == CREATE_SUBSCRIPTION;
}

bool operation_in_doubt(const struct error *error)
{
    return error->kind == ERROR_TIMEOUT || error->kind == ERROR_RESET ||
           error->kind == ERROR_PROTOCOL || error->kind == ERROR_TOO_LARGE;
}

static bool try_later(struct operation *o, const struct error *error)
{
    if (!error_may_pass(error) || ++o->tries >= OPERATION_TRIES_MAX)
        return false;
    uint64_t delay = backoff_usec(RETRY_USEC, RETRY_CAP_USEC, o->tries);
    if (delay < error->retry_after_usec)
        delay = error->retry_after_usec;
    if (error->kind == ERROR_THROTTLED)
        limiter_throttled(o->owner->limiter, names[o->request.name].name, party_of(o), delay);
    go_in(o, delay);
    return true;
}

/* Try again if that may help. Return whether a new try is planned. */
static bool try_again(struct operation *o, const struct error *error)
{
    if (error->kind == ERROR_CREDENTIALS && !o->refreshed) {
        o->refreshed = true;
        lwa_forget(o->owner->options.lwa, o->token);
        go_in(o, 0);
        return true;
    }
    if (o->request.name == DELETE_SUBSCRIPTION_BY_ID && error->kind == ERROR_REFUSED &&
        error->status == 403 && !o->as_seller && o->request.refresh_token) {
        o->as_seller = true;
        go_in(o, 0);
        return true;
    }
    if (creates(o) && operation_in_doubt(error))
        return false;
    return try_later(o, error);
}

/* ---- one try: quota, token, call ---- */

static void on_answer(const struct notifications_answer *answer, void *userdata)
{
    struct operation *o = userdata;
    o->call = NULL;
    if (o->owner->options.tally)
        call_tally_add(&o->owner->options.tally[o->request.name], &answer->error);
    limiter_learn(o->owner->limiter, names[o->request.name].name, party_of(o), answer->rate);
    bool again = answer->error.kind != ERROR_NONE && try_again(o, &answer->error);
    drop_token(o);
    if (!again)
        finish(o, answer, false);
}

static int call_subscriptions(struct operation *o)
{
    const struct operation_request *q = &o->request;
    const struct notifications_subscribe subscribe = {q->type, q->payload_version,
                                                      q->destination_id, q->filter};
    switch (q->name) {
    case GET_SUBSCRIPTIONS:
        return notifications_get_subscriptions(o->api, o->token, q->type, q->payload_version,
                                               q->page_token, on_answer, o, &o->call);
    case GET_SUBSCRIPTION:
        return notifications_get_subscription(o->api, o->token, q->type, q->payload_version,
                                              on_answer, o, &o->call);
    case CREATE_SUBSCRIPTION:
        return notifications_create_subscription(o->api, o->token, &subscribe, on_answer, o,
                                                 &o->call);
    case GET_SUBSCRIPTION_BY_ID:
        return notifications_get_subscription_by_id(o->api, o->token, q->type, q->subscription_id,
                                                    on_answer, o, &o->call);
    case DELETE_SUBSCRIPTION_BY_ID:
        return notifications_delete_subscription(o->api, o->token, q->type, q->subscription_id,
                                                 on_answer, o, &o->call);
    default:
        return notifications_send_test(o->api, o->token, q->type, q->destination_id,
                                       q->payload_version, q->scenario, on_answer, o, &o->call);
    }
}

static int call(struct operation *o)
{
    const struct operation_request *q = &o->request;
    switch (q->name) {
    case GET_DESTINATIONS:
        return notifications_get_destinations(o->api, o->token, on_answer, o, &o->call);
    case CREATE_DESTINATION:
        return notifications_create_destination(o->api, o->token, q->destination_name, q->arn,
                                                on_answer, o, &o->call);
    case GET_DESTINATION:
        return notifications_get_destination(o->api, o->token, q->destination_id, on_answer, o,
                                             &o->call);
    case DELETE_DESTINATION:
        return notifications_delete_destination(o->api, o->token, q->destination_id, on_answer, o,
                                                &o->call);
    default:
        return call_subscriptions(o);
    }
}

static void on_token(const char *token, const struct error *error, void *userdata)
{
    struct operation *o = userdata;
    struct error failure;
    o->token_call = NULL;
    if (error->kind != ERROR_NONE) {
        if (!try_later(o, error))
            fail(o, error, true);
        return;
    }
    o->token = memory_string(token);
    int r = call(o);
    if (r == 0)
        return;
    error_set(&failure, ERROR_CONFIG, "%s could not be started: %s", names[o->request.name].name,
              strerror(-r));
    fail(o, &failure, false);
}

static void on_turn(void *userdata)
{
    struct operation *o = userdata;
    struct lwa *lwa = o->owner->options.lwa;
    struct error error;
    o->wait = NULL;
    int r = is_grantless(o) ? lwa_grantless(lwa, on_token, o, &o->token_call)
                            : lwa_seller(lwa, o->request.seller, o->request.refresh_token, on_token,
                                         o, &o->token_call);
    if (r == 0)
        return;
    error_set(&error, ERROR_CONFIG, "Login with Amazon could not be asked: %s", strerror(-r));
    fail(o, &error, true);
}

static int ask_limiter(struct operation *o)
{
    return limiter_ask(o->owner->limiter, names[o->request.name].name, party_of(o), on_turn, o,
                       &o->wait);
}

/* ---- life ---- */

/* Return the client for the region; create it at the first use. NULL if there is no such region. */
static struct notifications *api_of(struct operations *operations, const char *region)
{
    const char *url = operations->options.endpoint;
    struct endpoint *endpoint;
    if (!url && region)
        url = notifications_endpoint(region);
    if (!url)
        return NULL;
    LIST_FOREACH(endpoint, &operations->endpoints, link)
        if (text_equal(endpoint->url, url))
            return endpoint->api;
    struct notifications *api;
    if (notifications_new(&api, operations->options.http, url) < 0)
        return NULL;
    endpoint = NEW(struct endpoint);
    *endpoint = (struct endpoint){.url = memory_string(url), .api = api};
    LIST_INSERT_HEAD(&operations->endpoints, endpoint, link);
    return api;
}

static int check(const struct operation_request *q, const struct notifications *api)
{
    bool seller = q->seller && q->refresh_token;
    if (!api || (!names[q->name].grantless && !seller))
        return -EINVAL;
    bool test = q->name == SEND_TEST_NOTIFICATION;
    return test && !notifications_is_sandbox(notifications_url(api)) ? -EOPNOTSUPP : 0;
}

int operation_start(struct operations *operations, const struct operation_request *request,
                    operation_done_fn done, void *userdata, struct operation **ret)
{
    struct notifications *api = api_of(operations, request->region);
    int r = check(request, api);
    if (r < 0)
        return r;
    struct operation *o = NEW(struct operation);
    *o = (struct operation){
        .owner = operations, .request = *request, .api = api, .done = done, .userdata = userdata};
    LIST_INSERT_HEAD(&operations->under_way, o, link);
    r = sd_event_add_time_relative(operations->event, &o->timer, CLOCK_BOOTTIME, 0, 0, on_timer, o);
    if (r >= 0)
        r = sd_event_source_set_enabled(o->timer, SD_EVENT_OFF);
    if (r >= 0 && request->delay_usec)
        go_in(o, request->delay_usec);
    else if (r >= 0)
        r = ask_limiter(o);
    if (r < 0) {
        operation_free(o);
        return r;
    }
    if (ret)
        *ret = o;
    return 0;
}

int operations_new(struct operations **ret, const struct operations_options *options)
{
    struct operations *operations = NEW(struct operations);
    operations->options = *options;
    operations->event = sd_event_ref(options->event);
    LIST_INIT(&operations->endpoints);
    LIST_INIT(&operations->under_way);
    int r = limiter_new(&operations->limiter, options->event);
    if (r < 0) {
        operations_free(operations);
        return r;
    }
    *ret = operations;
    return 0;
}

void operations_free(struct operations *operations)
{
    struct operation *operation, *next_operation;
    struct endpoint *endpoint, *next_endpoint;
    if (!operations)
        return;
    for (operation = LIST_FIRST(&operations->under_way); operation; operation = next_operation) {
        next_operation = LIST_NEXT(operation, link);
        operation_free(operation);
    }
    for (endpoint = LIST_FIRST(&operations->endpoints); endpoint; endpoint = next_endpoint) {
        next_endpoint = LIST_NEXT(endpoint, link);
        notifications_free(endpoint->api);
        free(endpoint->url);
        free(endpoint);
    }
    limiter_free(operations->limiter);
    sd_event_unref(operations->event);
    free(operations);
}
