/* SPDX-License-Identifier: MIT */
/* getSubscriptions: a seller's subscriptions of one type, in pages. */
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "spapi_internal.h"

#define PAGE_MIN 30 /* also the default */
#define PAGE_MAX 100

/* A page token names the first subscription of the page. */
#define TOKEN_PREFIX "page-"

/* The parameters of a request. */
struct question {
    const struct notification_type *type;
    const char *version; /* NULL: all */
    const char *token;   /* NULL: the first page */
    uint64_t size;
};

/* Read the parameters. False: the call is answered. */
static bool read_question(struct spapi_call *call, struct question *ret)
{
    const struct exchange *exchange = call->call.exchange;
    const char *types = exchange_query(exchange, "notificationTypes");
    const char *size = exchange_query(exchange, "pageSize");
    *ret = (struct question){.version = exchange_query(exchange, "payloadVersion"),
                             .token = exchange_query(exchange, "nextToken"),
                             .size = PAGE_MIN};
    if (!types || !*types || strchr(types, ',')) {
        spapi_refuse_input(call, "notificationTypes must name exactly one notification type");
        return false;
    }
    if (size && (text_to_u64(size, &ret->size) || ret->size < PAGE_MIN || ret->size > PAGE_MAX)) {
        spapi_refuse_input(call, "pageSize must be %d to %d", PAGE_MIN, PAGE_MAX);
        return false;
    }
    ret->type = directive_read_type(call, types);
    if (ret->type && ret->version && !directive_has_version(ret->type, ret->version)) {
        spapi_refuse_version(call, ret->type, ret->version);
        return false;
    }
    return ret->type;
}

static bool is_asked_for(const struct subscription *subscription, const char *seller_id,
                         const struct question *question)
{
    return text_equal(subscription->seller_id, seller_id) &&
           subscription->type == question->type->name &&
           (!question->version || text_equal(subscription->version, question->version));
}

/* Return the index of the page's first subscription. subscription_count: the token is invalid. */
static size_t find_start(const struct spapi *spapi, const char *seller_id,
                         const struct question *question)
{
    size_t at = 0;
    if (!question->token)
        return 0;
    if (!text_starts(question->token, TOKEN_PREFIX))
        return spapi->subscription_count;
    while (at < spapi->subscription_count &&
           (!is_asked_for(&spapi->subscriptions[at], seller_id, question) ||
            !text_equal(spapi->subscriptions[at].id, question->token + strlen(TOKEN_PREFIX))))
        at++;
    return at;
}

void subscriptions_list(struct spapi *spapi, struct spapi_call *call)
{
    struct question question;
    AUTOTEXT struct text out = {0};
    AUTOFREE char *next = NULL;
    size_t written = 0;
    if (!read_question(call, &question))
        return;
    size_t at = find_start(spapi, call->seller_id, &question);
    if (question.token && at == spapi->subscription_count) {
        spapi_refuse_input(call, "nextToken is not valid");
        return;
    }
    json_open(&out, NULL, '{');
    json_open(&out, "payload", '{');
    json_open(&out, "subscriptions", '[');
    if (call->call.fault.kind == FAULT_EMPTY) /* subscriptions exist, but are not shown yet */
        at = spapi->subscription_count;
    for (; at < spapi->subscription_count && !next; at++) {
        const struct subscription *subscription = &spapi->subscriptions[at];
        if (!is_asked_for(subscription, call->seller_id, &question))
            continue;
        if (written++ == question.size)
            next = memory_format(TOKEN_PREFIX "%s", subscription->id);
        else
            subscriptions_write(&out, NULL, subscription, false);
    }
    json_close(&out, ']');
    json_string(&out, "nextToken", next);
    json_close(&out, '}');
    json_close(&out, '}');
    spapi_answer(call, &out);
}
