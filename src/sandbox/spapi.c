/* SPDX-License-Identifier: MIT */
#include "spapi.h"

#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/memory.h"
#include "identity.h"
#include "rng.h"
#include "spapi_internal.h"

#define PREFIX         "/notifications/v1/"
#define USER_AGENT_MAX 500

enum grant { GRANTLESS, SELLER, EITHER };

static const struct operation {
    const char *name, *method;
    const char *collection; /* after PREFIX */
    unsigned parameters;    /* path segments after the collection */
    const char *last;       /* fixed text of the last of them; NULL: an id or a type */
    enum grant grant;
    spapi_operation_fn run;
} operations[] = {
    {"getDestinations", "GET", "destinations", 0, NULL, GRANTLESS, destinations_list},
    {"createDestination", "POST", "destinations", 0, NULL, GRANTLESS, destinations_create},
    {"getDestination", "GET", "destinations", 1, NULL, GRANTLESS, destinations_get},
    {"deleteDestination", "DELETE", "destinations", 1, NULL, GRANTLESS, destinations_delete},
    {"getSubscriptions", "GET", "subscriptions", 0, NULL, SELLER, subscriptions_list},
    {"getSubscription", "GET", "subscriptions", 1, NULL, SELLER, subscriptions_get},
    {"createSubscription", "POST", "subscriptions", 1, NULL, SELLER, subscriptions_create},
    {"getSubscriptionById", "GET", "subscriptions", 2, NULL, GRANTLESS, subscriptions_get_by_id},
    {"sendTestNotification", "POST", "subscriptions", 2, "testNotification", GRANTLESS,
     test_notification_send},
    {"deleteSubscriptionById", "DELETE", "subscriptions", 2, NULL, EITHER,
     subscriptions_delete_by_id},
};

void spapi_init(struct spapi *spapi, struct call_office *office, struct lwa *lwa, struct sqs *sqs,
                bool limited)
{
    *spapi = (struct spapi){.office = office, .lwa = lwa, .sqs = sqs, .random = 1};
    spapi->limiter.off = !limited;
}

bool spapi_has_operation(const char *name)
{
    for (size_t i = 0; i < ELEMENTS(operations); i++)
        if (text_equal(operations[i].name, name))
            return true;
    return false;
}

void spapi_clear(struct spapi *spapi)
{
    for (size_t i = 0; i < spapi->subscription_count; i++) {
        free(spapi->subscriptions[i].version);
        free(spapi->subscriptions[i].directive);
    }
    spapi->subscription_count = 0;
    spapi->destination_count = 0;
}

/* Split "destinations/ID" in place. Return the operation, or NULL. */
static const struct operation *find_operation(const char *method, char *path,
                                              struct spapi_call *call)
{
    char *rest = path;
    const char *collection = strsep(&rest, "/");
    call->first = strsep(&rest, "/");
    call->second = strsep(&rest, "/");
    unsigned parameters = (call->first != NULL) + (call->second != NULL);
    if (rest || (call->first && !*call->first) || (call->second && !*call->second))
        return NULL;
    for (size_t i = 0; i < ELEMENTS(operations); i++) {
        const struct operation *operation = &operations[i];
        if (text_equal(operation->method, method) &&
            text_equal(operation->collection, collection) && operation->parameters == parameters &&
            (!operation->last || text_equal(operation->last, call->second)))
            return operation;
    }
    return NULL;
}

/* Check the access token. False: the call is answered. */
static bool check_token(struct spapi *spapi, struct spapi_call *call,
                        const struct operation *operation)
{
    const char *text = exchange_header(call->call.exchange, "x-amz-access-token");
    const char *details = NULL;
    const struct lwa_token *token = text ? lwa_find(spapi->lwa, text) : NULL;
    if (!text)
        details = "Access token is missing in the request header.";
    else if (!token)
        details = "The access token you provided is revoked, malformed or invalid.";
    else if (token->expires_wall_usec <= call->call.wall_usec)
        details = "The access token you provided has expired.";
    else if (token->rotation ||
             (operation->grant != EITHER && (operation->grant == SELLER) != !!token->seller_id))
        details = "";
    if (details)
        spapi_refuse_access(&call->call, details);
    else
        call->seller_id = token->seller_id;
    return !details;
}

/* Check the headers. False: the call is answered. */
static bool check_headers(struct spapi_call *call)
{
    const char *agent = exchange_header(call->call.exchange, "user-agent");
    if (!agent || strlen(agent) > USER_AGENT_MAX) {
        spapi_refuse_input(call, "A user-agent header of at most %d characters is required",
                           USER_AGENT_MAX);
        return false;
    }
    bool post = text_equal(exchange_method(call->call.exchange), "POST");
    if (post && !text_starts(exchange_header(call->call.exchange, "content-type"), SPAPI_TYPE)) {
        spapi_refuse(call, 415, "UnsupportedMediaType", "The media type is not supported.",
                     "content-type must be " SPAPI_TYPE);
        return false;
    }
    return true;
}

static void run(struct spapi *spapi, struct spapi_call *call, const struct operation *operation)
{
    size_t size;
    const char *bytes = exchange_body(call->call.exchange, &size);
    AUTOJSON cJSON *body = NULL;
    if (text_equal(operation->method, "POST")) {
        body = json_parse(bytes, size, SPAPI_BODY_MAX);
        if (!cJSON_IsObject(body)) {
            spapi_refuse_input(call, "The request body is not a JSON object");
            return;
        }
        call->body = body;
    }
    operation->run(spapi, call);
}

void spapi_request(struct spapi *spapi, struct exchange *exchange)
{
    AUTOFREE char *path = memory_string(exchange_path(exchange) + sizeof(PREFIX) - 1);
    struct spapi_call call = {0};
    const struct operation *operation = find_operation(exchange_method(exchange), path, &call);
    if (!operation) {
        spapi_request_unknown(exchange);
        return;
    }
    call.call = (struct call){.office = spapi->office,
                              .exchange = exchange,
                              .op = operation->name,
                              .refuse = spapi_refuse_fault};
    if (!call_begin(&call.call) || !check_token(spapi, &call, operation))
        return;
    const char *owner = call.seller_id ? call.seller_id : "";
    if (!limiter_take(&spapi->limiter, operation->name, owner,
                      simclock_passed_usec(spapi->office->clock)))
        spapi_refuse_fault(&call.call, FAULT_THROTTLE);
    else if (check_headers(&call))
        run(spapi, &call, operation);
}

void spapi_request_unknown(struct exchange *exchange)
{
    static const char body[] = "{\"errors\":[{\"message\":\"Missing Authentication Token\","
                               "\"code\":\"MissingAuthenticationToken\"}]}";
    exchange_answer(exchange, 403, SPAPI_TYPE, body, sizeof(body) - 1);
}

void spapi_write(const struct spapi *spapi, struct text *out)
{
    json_open(out, "destinations", '[');
    for (size_t i = 0; i < spapi->destination_count; i++)
        destinations_write(out, NULL, &spapi->destinations[i]);
    json_close(out, ']');
    json_open(out, "subscriptions", '[');
    for (size_t i = 0; i < spapi->subscription_count; i++)
        subscriptions_write(out, NULL, &spapi->subscriptions[i], true);
    json_close(out, ']');
}
