/* SPDX-License-Identifier: MIT */
/* Checks that concern more than one value. */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/memory.h"
#include "draft.h"
#include "receive/receiver.h"
#include "spapi/notification_types.h"
#include "wire/server.h"

/* If max_age is below this, an ordinary outage makes dead letters. */
#define SHORT_MAX_AGE_USEC USEC_PER_HOUR

static void check_required(struct config_draft *draft)
{
    size_t count;
    const struct config_key *keys = config_keys(&count);
    for (size_t i = 0; i < draft->n_sections; i++)
        for (size_t k = 0; k < count; k++)
            if (keys[k].kind == draft->sections[i].kind && keys[k].required &&
                draft_place(&draft->sections[i], &keys[k])->line == 0)
                draft_complain(draft, false, &draft->sections[i], &keys[k], "is missing: %s",
                               keys[k].help);
}

/* Check that no two queues have the same ARN: they would take each other's messages and
 * settings. */
static void check_arns(struct config_draft *draft)
{
    const struct config *config = draft->config;
    for (size_t i = 0; i < config->n_queues; i++)
        for (size_t j = 0; j < i && config->queues[i].arn; j++) {
            const struct config_queue *first = &config->queues[j];
            if (!text_equal(config->queues[i].arn, first->arn) ||
                text_equal(config->queues[i].name, first->name))
                continue;
            COMPLAIN(draft, CONFIG_QUEUE, i, "arn", "is that of [queue %s] at %s:%u already",
                     first->name, first->place.file, first->place.line);
            break;
        }
}

/* Check that a notification belongs to one seller only, by its seller id and queue. */
static void check_identity(struct config_draft *draft, size_t index)
{
    const struct config_seller *sellers = draft->config->sellers, *seller = &sellers[index];
    for (size_t i = 0; i < index; i++) {
        if (!text_equal(sellers[i].queue, seller->queue) ||
            text_equal(sellers[i].name, seller->name))
            continue;
        if (seller->seller_id && sellers[i].seller_id &&
            strcmp(seller->seller_id, sellers[i].seller_id) != 0)
            continue;
        if (seller->seller_id && sellers[i].seller_id)
            COMPLAIN(draft, CONFIG_SELLER, index, "seller_id",
                     "[seller %s] at %s:%u has the same seller_id and queue", sellers[i].name,
                     sellers[i].place.file, sellers[i].place.line);
        else
            COMPLAIN(draft, CONFIG_SELLER, seller->seller_id ? i : index, "seller_id",
                     "is missing: several sellers have the queue %s, so each needs its own",
                     seller->queue);
        return;
    }
}

/* Whether no other seller has the same queue, and the queue is configured. */
static bool is_alone(const struct config *config, const struct config_seller *seller)
{
    size_t count = 0;
    for (size_t i = 0; i < config->n_sellers; i++)
        count += text_equal(config->sellers[i].queue, seller->queue);
    return count == 1 && seller->queue && config_find_queue(config, seller->queue);
}

/* Warn if the seller id is missing: notifications of others may then be taken for the seller's. */
static void check_seller_id(struct config_draft *draft, size_t index)
{
    const struct config_seller *seller = &draft->config->sellers[index];
    if (seller->seller_id || !is_alone(draft->config, seller))
        return;
    if (seller->subscribe || seller->subscriptions)
        WARN(draft, CONFIG_SELLER, index, "seller_id",
             "is missing: until a notification of a known subscription has shown it, everything "
             "else is held");
    else
        WARN(draft, CONFIG_SELLER, index, "seller_id",
             "is missing: anyone who can publish to the queue %s gets notifications signed as this "
             "seller's",
             seller->queue);
}

static void check_sellers(struct config_draft *draft)
{
    const struct config *config = draft->config;
    for (size_t i = 0; i < config->n_sellers; i++) {
        const struct config_seller *seller = &config->sellers[i];
        if (seller->queue && !config_find_queue(config, seller->queue))
            COMPLAIN(draft, CONFIG_SELLER, i, "queue", "there is no [queue %s]", seller->queue);
        check_identity(draft, i);
        check_seller_id(draft, i);
        config_check_subscribe(draft, i);
        config_check_seller_marketplaces(draft, i);
    }
}

static bool webhook_wants_seller(const struct config_webhook *webhook, const char *seller)
{
    return !webhook->sellers || text_list_has(webhook->sellers, seller);
}

static bool webhook_wants_type(const struct config_webhook *webhook, const char *type)
{
    return !webhook->types || text_list_has(webhook->types, type);
}

static bool have_one_in_common(char *const *a, char *const *b)
{
    for (; *a; a++)
        if (text_list_has(b, *a))
            return true;
    return false;
}

/* Whether the webhook takes notifications of a type that the seller subscribes to. For
 * ORDER_CHANGE, the seller may have chosen other changes than the webhook. */
static bool type_feeds(const struct config_seller *seller, const struct config_webhook *webhook,
                       const char *type)
{
    if (!webhook_wants_type(webhook, type))
        return false;
    return !webhook->changes || !seller->order_change_types ||
           !amazon_type_takes(type, FILTER_ORDER_CHANGES) ||
           have_one_in_common(webhook->changes, seller->order_change_types);
}

/* Whether notifications of the seller could reach the webhook. Without `subscribe`, another program
 * registers the seller. */
static bool seller_feeds(const struct config_seller *seller, const struct config_webhook *webhook)
{
    if (!webhook_wants_seller(webhook, seller->name))
        return false;
    if (!seller->subscribe)
        return true;
    for (char **type = seller->subscribe; *type; type++)
        if (type_feeds(seller, webhook, *type))
            return true;
    return false;
}

static void check_feeding(struct config_draft *draft, size_t index)
{
    const struct config *config = draft->config;
    for (size_t i = 0; i < config->n_sellers; i++)
        if (seller_feeds(&config->sellers[i], &config->webhooks[index]))
            return;
    if (config->n_sellers && !draft_has(draft, CONFIG_WEBHOOK, index, "changes"))
        WARN(draft, CONFIG_WEBHOOK, index, "types",
             "nothing will come: none of its sellers subscribes to one of its types");
    else if (config->n_sellers)
        WARN(draft, CONFIG_WEBHOOK, index, "changes",
             "nothing will come: none of its sellers subscribes to one of its types and changes");
}

/* Warn about subscribed types that no webhook takes: a filter is too narrow, or there is a type too
 * many. */
static void check_takers(struct config_draft *draft, size_t index)
{
    const struct config *config = draft->config;
    const struct config_seller *seller = &config->sellers[index];
    for (char **type = seller->subscribe; type && *type; type++) {
        bool taken = config->n_webhooks == 0;
        for (size_t i = 0; i < config->n_webhooks && !taken; i++)
            taken = webhook_wants_seller(&config->webhooks[i], seller->name) &&
                    type_feeds(seller, &config->webhooks[i], *type);
        if (!taken)
            WARN(draft, CONFIG_SELLER, index, "subscribe",
                 "no webhook takes %s of this seller: it is received and goes nowhere", *type);
    }
}

static void check_needs(struct config_draft *draft, size_t webhook, const char *with,
                        const char *without)
{
    if (draft_has(draft, CONFIG_WEBHOOK, webhook, with) &&
        !draft_has(draft, CONFIG_WEBHOOK, webhook, without))
        COMPLAIN(draft, CONFIG_WEBHOOK, webhook, with, "needs %s as well", without);
}

/* Return the key that sends this header already; NULL: none. */
static const char *sender_of(const struct config_webhook *webhook, const char *name)
{
    if (strcasecmp(name, "authorization") == 0 && webhook->user)
        return "user";
    if (strcasecmp(name, "authorization") == 0 && webhook->bearer.reference)
        return "bearer";
    if (strcasecmp(name, "authorization") == 0 && webhook->oauth_token_url)
        return "oauth_token_url";
    return NULL;
}

/* Check that no key sends a header a second time. Each line of a list has its own place, which the
 * draft does not know. */
static void check_headers(struct config_draft *draft, size_t index)
{
    const struct config_webhook *webhook = &draft->config->webhooks[index];
    const char *hmac = webhook->hmac_header;
    AUTOFREE char *key = memory_format("[webhook %s] headers", webhook->name);
    for (size_t i = 0; i < webhook->headers.count; i++) {
        const struct config_header *header = &webhook->headers.items[i];
        const char *sender = hmac && strcasecmp(hmac, header->name) == 0
                                 ? "hmac_header"
                                 : sender_of(webhook, header->name);
        AUTOFREE char *text =
            sender ? memory_format("%s is sent by %s already", header->name, sender) : NULL;
        if (text)
            findings_add(draft->findings, false, &header->value.place, key, text);
    }
    if (hmac && sender_of(webhook, hmac))
        COMPLAIN(draft, CONFIG_WEBHOOK, index, "hmac_header", "%s is sent by %s already", hmac,
                 sender_of(webhook, hmac));
}

/* Warn about a limit that has no effect because another one ends before it. */
static void check_shorter(struct config_draft *draft, size_t webhook, const char *name,
                          uint64_t usec, const char *whole, uint64_t whole_usec)
{
    if (draft_has(draft, CONFIG_WEBHOOK, webhook, name) && usec > whole_usec)
        WARN(draft, CONFIG_WEBHOOK, webhook, name, "is longer than %s, which ends it before",
             whole);
}

static void check_timeouts(struct config_draft *draft, size_t index)
{
    const struct config_webhook *webhook = &draft->config->webhooks[index];
    uint64_t connect = webhook->connect_timeout_usec;
    check_shorter(draft, index, "connect_timeout", connect, "timeout", webhook->timeout_usec);
    check_shorter(draft, index, "dns_timeout", webhook->dns_timeout_usec, "connect_timeout",
                  connect);
    check_shorter(draft, index, "tls_timeout", webhook->tls_timeout_usec, "connect_timeout",
                  connect);
}

static void check_webhooks(struct config_draft *draft)
{
    const struct config *config = draft->config;
    for (size_t i = 0; i < config->n_webhooks; i++) {
        const struct config_webhook *webhook = &config->webhooks[i];
        bool known = true;
        for (char **name = webhook->sellers; name && *name; name++)
            if (!config_find_seller(config, *name)) {
                COMPLAIN(draft, CONFIG_WEBHOOK, i, "sellers", "there is no [seller %s]", *name);
                known = false;
            }
        if (known)
            check_feeding(draft, i);
        if (!draft_has(draft, CONFIG_WEBHOOK, i, "secret"))
            WARN(draft, CONFIG_WEBHOOK, i, "secret",
                 "is not set: requests go out unsigned, anybody can forge one");
        check_needs(draft, i, "user", "password");
        check_needs(draft, i, "password", "user");
        check_needs(draft, i, "hmac_header", "hmac_secret");
        check_needs(draft, i, "hmac_secret", "hmac_header");
        check_needs(draft, i, "client_certificate", "client_key");
        check_needs(draft, i, "client_key", "client_certificate");
        check_needs(draft, i, "no_proxy", "proxy");
        check_headers(draft, i);
        config_check_filters(draft, i);
        config_check_webhook_marketplaces(draft, i);
        config_check_schedule(draft, i);
        config_check_rate(draft, i);
        check_timeouts(draft, i);
        config_check_authorization(draft, i);
        if (webhook->max_age_usec < SHORT_MAX_AGE_USEC)
            WARN(draft, CONFIG_WEBHOOK, i, "max_age",
                 "is below 1h: a short outage of the webhook makes dead letters");
    }
}

/* Return the one section of a kind without names, or NULL. */
static const struct draft_section *only_section(const struct config_draft *draft,
                                                enum config_kind kind)
{
    for (size_t i = 0; i < draft->n_sections; i++)
        if (draft->sections[i].kind == kind)
            return &draft->sections[i];
    return NULL;
}

/* Check a key that makes no sense without another one: `with` needs `without`. */
static void check_pair(struct config_draft *draft, enum config_kind kind, const char *with,
                       const char *without)
{
    const struct draft_section *section = only_section(draft, kind);
    if (section && draft_has(draft, kind, 0, with) && !draft_has(draft, kind, 0, without))
        draft_complain(draft, false, section, config_key_find(kind, with), "needs %s as well",
                       without);
}

/* Check that only this machine can reach the admin endpoint, unless allow_remote is set: requests
 * to it are not encrypted. */
static void check_admin(struct config_draft *draft)
{
    const struct config *config = draft->config;
    bool loopback;
    if (config->admin_listen && !config->admin_allow_remote &&
        server_check_listen(config->admin_listen, &loopback) == 0 && !loopback)
        COMPLAIN(draft, CONFIG_ADMIN, 0, "listen",
                 "can be reached from other machines, and nothing is encrypted: listen on "
                 "127.0.0.1 behind a proxy that speaks TLS, or say allow_remote = yes");
}

static void check_single_sections(struct config_draft *draft)
{
    const struct config *config = draft->config;
    const struct draft_section *daemon = only_section(draft, CONFIG_DAEMON);
    check_admin(draft);
    check_pair(draft, CONFIG_ALARM, "secret", "url");
    check_pair(draft, CONFIG_APPLICATION, "client_id", "client_secret");
    check_pair(draft, CONFIG_APPLICATION, "client_secret", "client_id");
    check_pair(draft, CONFIG_AWS, "access_key_id", "secret_access_key");
    check_pair(draft, CONFIG_AWS, "secret_access_key", "access_key_id");
    check_pair(draft, CONFIG_AWS, "session_token", "access_key_id");
    config_check_aws(draft);
    if (daemon && config->unknown_seller == UNKNOWN_FORWARD)
        draft_complain(draft, true, daemon, config_key_find(CONFIG_DAEMON, "unknown_seller"),
                       "forward signs and delivers what anybody publishes to a queue; hold keeps "
                       "it for a look");
    if (daemon && config->keep_bodies_usec > config->keep_delivered_usec)
        draft_complain(draft, true, daemon, config_key_find(CONFIG_DAEMON, "keep_bodies"),
                       "is longer than keep_delivered, with which bodies are removed as well");
}

static void check_queues(struct config_draft *draft)
{
    const struct config *config = draft->config;
    check_arns(draft);
    for (size_t i = 0; i < config->n_queues; i++) {
        bool used = false;
        for (size_t j = 0; j < config->n_sellers; j++)
            used = used || text_equal(config->sellers[j].queue, config->queues[i].name);
        if (!used && config->unknown_seller != UNKNOWN_FORWARD)
            draft_complain(draft, true, draft_section_of(draft, CONFIG_QUEUE, i), NULL,
                           "no seller has this queue: everything that comes is from an "
                           "unknown sender");
    }
}

void config_cross_check(struct config_draft *draft)
{
    check_required(draft);
    check_single_sections(draft);
    config_check_http(draft);
    config_check_shapes(draft);
    check_queues(draft);
    check_sellers(draft);
    check_webhooks(draft);
    for (size_t i = 0; i < draft->config->n_sellers; i++)
        check_takers(draft, i);
}

int config_check_complete(const struct config *config, struct config_findings *findings)
{
    struct config_place place = {config->path, 0};
    if (config->n_queues == 0)
        findings_add(findings, false, &place, NULL,
                     "there is no [queue NAME]: nothing could be received");
    if (config->n_webhooks == 0)
        findings_add(findings, false, &place, NULL,
                     "there is no [webhook NAME]: nothing could be delivered");
    return config->n_queues && config->n_webhooks ? 0 : -EINVAL;
}
