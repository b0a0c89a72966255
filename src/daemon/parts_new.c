/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "config/auth.h"
#include "config/aws.h"
#include "daemon.h"

static void on_dated(void *userdata)
{
    struct daemon *d = userdata;
    trusted_time_learn(&d->time);
}

static void on_room(void *userdata)
{
    parts_poke(userdata);
}

/* ---- facts of an earlier run ---- */

static char *fact(const struct parts *p, const char *section, const char *name, const char *key)
{
    char *value = NULL;
    return store_get_fact(p->daemon->store, section, name, key, &value) == 0 ? value : NULL;
}

/* Return a fact that is a time; 0: not known. */
static uint64_t fact_time(const struct parts *p, const char *section, const char *name,
                          const char *key)
{
    uint64_t usec = 0;
    AUTOFREE char *value = fact(p, section, name, key);
    return value && clock_parse_rfc3339(value, strlen(value), &usec) == 0 ? usec : 0;
}

static uint64_t fact_number(const struct parts *p, const char *section, const char *name,
                            const char *key)
{
    uint64_t number = 0;
    AUTOFREE char *value = fact(p, section, name, key);
    return value && text_to_u64(value, &number) == 0 ? number : 0;
}

/* Return since when the breaker of a webhook is open, by the facts of an earlier run; 0: it is
 * not. */
static uint64_t open_since(const struct parts *p, const char *webhook)
{
    uint64_t since = fact_time(p, "webhook", webhook, "breaker_since");
    return daemon_has_alarm(p->daemon, ID_BREAKER_OPENED, webhook) && since <= clock_trusted_usec()
               ? since
               : 0;
}

/* ---- forwarders ---- */

static int make_forwarder(struct parts *p, size_t i, struct error *error)
{
    const struct config_webhook *webhook = &p->config->webhooks[i];
    struct webhook_keys keys = {0};
    struct secret secret = {0};
    int r = 0;
    if (webhook->secret.reference)
        r = config_secret_resolve(&secret, &webhook->secret, error);
    if (!r && webhook->secret.reference)
        r = webhook_keys_parse(&keys, &secret, error);
    struct webhook_auth auth = {0};
    if (!r)
        r = config_webhook_auth(&auth, webhook, error);
    int64_t destination = config_webhook_destination(webhook, &secret, &auth);
    secret_clear(&secret);
    if (r) {
        webhook_keys_clear(&keys);
        webhook_auth_clear(&auth);
        return r;
    }
    struct webhook_tally *tally = tallies_webhook(&p->daemon->tallies, webhook->name);
    p->ways[i] = config_webhook_way(webhook);
    p->token_ways[i] = config_webhook_token_way(webhook);
    AUTOFREE char *last_error = fact(p, "webhook", webhook->name, "last_error");
    uint64_t last_error_usec = fact_time(p, "webhook", webhook->name, "last_error_at");
    r = forwarder_new(&p->forwarders[i], &(struct forwarder_options){
                                             .event = p->daemon->event,
                                             .http = p->daemon->http,
                                             .turn = p->daemon->turn,
                                             .webhook = p->webhook_ids[i],
                                             .name = webhook->name,
                                             .url = webhook->url,
                                             .keys = &keys,
                                             .auth = &auth,
                                             .transport = p->ways[i],
                                             .token_transport = p->token_ways[i],
                                             .success = webhook->success,
                                             .tally = tally,
                                             .concurrency = webhook->concurrency,
                                             .max_attempts = webhook->max_attempts,
                                             .timeout_usec = webhook->timeout_usec,
                                             .schedule = webhook->schedule,
                                             .destination = destination,
                                             .pace = webhook->pace,
                                             .open_since_usec = open_since(p, webhook->name),
                                             .last_error = last_error,
                                             .last_error_usec = last_error_usec,
                                         });
    return r ? error_set(error, ERROR_CONFIG, "webhook %s: %s", webhook->name, strerror(-r)) : 0;
}

static int make_forwarders(struct parts *p, struct error *error)
{
    size_t count = p->config->n_webhooks;
    p->forwarders = memory_new((count + 1) * sizeof(*p->forwarders));
    p->ways = memory_new((count + 1) * sizeof(*p->ways));
    p->token_ways = memory_new((count + 1) * sizeof(*p->token_ways));
    p->receiver_webhooks = memory_new((count + 1) * sizeof(*p->receiver_webhooks));
    p->janitor_webhooks = memory_new((count + 1) * sizeof(*p->janitor_webhooks));
    p->filters = filter_watch_new();
    for (size_t i = 0; i < count; i++) {
        const struct config_webhook *webhook = &p->config->webhooks[i];
        AUTOFREE char *noted = fact(p, "webhook", webhook->name, FILTER_FACT);
        p->receiver_webhooks[i] = (struct receiver_webhook){
            .id = p->webhook_ids[i],
            .sellers = webhook->sellers,
            .types = webhook->types,
            .marketplaces = webhook->marketplaces,
            .fulfillments = webhook->fulfillments,
            .statuses = webhook->statuses,
            .changes = webhook->changes,
            .format = webhook->format,
            .filter = parts_add_filter(p, webhook, noted),
        };
        p->janitor_webhooks[i] = (struct janitor_webhook){
            .id = p->webhook_ids[i],
            .name = webhook->name,
            .max_age_usec = webhook->max_age_usec,
        };
        int r = make_forwarder(p, i, error);
        if (r)
            return r;
    }
    return 0;
}

/* ---- receivers ---- */

static struct quiet *make_quiet(struct parts *p, const char *name, const struct quiet *queue,
                                uint64_t limit_usec)
{
    enum journal_id alarm = queue ? ID_SELLER_QUIET : ID_QUEUE_QUIET;
    struct quiet_options options = {
        .name = name,
        .queue = queue,
        .limit_usec = limit_usec,
        .heard_usec = fact_time(p, queue ? "seller" : "queue", name, "last_message"),
        .told = daemon_has_alarm(p->daemon, alarm, name),
    };
    return quiet_add(p->quiet, &options);
}

/* Append the queue's sellers to the table. Returns their number. */
static size_t add_sellers(struct parts *p, const char *queue, const struct quiet *quiet,
                          struct receiver_seller *at)
{
    size_t count = 0;
    for (size_t i = 0; i < p->config->n_sellers; i++) {
        const struct config_seller *seller = &p->config->sellers[i];
        if (!text_equal(seller->queue, queue))
            continue;
        at[count++] = (struct receiver_seller){
            .name = seller->name,
            .seller_id = seller->seller_id,
            .subscribes = seller->subscribe || seller->subscriptions,
            .tally = tallies_seller(&p->daemon->tallies, seller->name),
            .quiet = make_quiet(p, seller->name, quiet, seller->quiet_alarm_usec),
        };
    }
    return count;
}

static int make_identities(struct parts *p, struct error *error)
{
    struct identities_options options = {
        .event = p->daemon->event,
        .http = p->daemon->http,
        .changed = daemon_identity_changed,
        .userdata = p->daemon,
    };
    config_aws_options(&options, &p->aws_files, p->config);
    return identities_new(&p->identities, &options, error);
}

static int make_receiver(struct parts *p, size_t i, struct quiet *quiet,
                         struct receiver_seller *sellers, size_t n_sellers, struct error *error)
{
    const struct config_queue *queue = &p->config->queues[i];
    const struct identity_want want = config_aws_want(queue);
    struct identity *identity = NULL;
    struct error why;
    if (identities_get(p->identities, &want, &identity, &why) < 0)
        return error_set(error, ERROR_CONFIG, "queue %s: %s", queue->name, why.text);
    struct receiver_options options = {
        .event = p->daemon->event,
        .http = p->daemon->http,
        .turn = p->daemon->turn,
        .room = &p->daemon->room,
        .identity = identity,
        .queue = queue->name,
        .arn = queue->arn,
        .endpoint = queue->endpoint,
        .wait_s = (unsigned)(queue->wait_usec / USEC_PER_SEC),
        .max_pollers = queue->max_pollers,
        .sellers = sellers,
        .n_sellers = n_sellers,
        .webhooks = p->receiver_webhooks,
        .n_webhooks = p->config->n_webhooks,
        .unknown_seller = p->config->unknown_seller,
        .unknown_limits = {p->config->max_unknown, p->config->max_unknown_size},
        .tally = tallies_queue(&p->daemon->tallies, queue->name),
        .quiet = quiet,
        .lag_alarm_usec = queue->lag_alarm_usec,
        .read_usec = fact_time(p, "queue", queue->name, "last_read"),
        .retention_usec = fact_number(p, "queue", queue->name, "retention") * USEC_PER_SEC,
        .lag_usec = fact_number(p, "queue", queue->name, "lag") * USEC_PER_SEC,
        .lag_told = daemon_has_alarm(p->daemon, ID_LAG_HIGH, queue->name),
        .gap_told = daemon_has_alarm(p->daemon, ID_GAP_NEAR, queue->name),
        .hooks =
            {
                .answered = daemon_answered,
                .works_again = daemon_answers_again,
                .dated = on_dated,
                .seller_of = daemon_seller_of,
                .look_up = daemon_look_up_subscription,
                .knows_subscriptions = daemon_knows_subscriptions,
                .learnt_id = daemon_learnt_id,
                .learn = daemon_learn_id,
                .unknown_subscription = daemon_unknown_subscription,
                .new_secret = daemon_new_secret,
                .secret_expiry = daemon_secret_expiry,
                .in_place = daemon_in_place,
                .userdata = p->daemon,
            },
    };
    int r = receiver_new(&p->receivers[i], &options);
    return r ? error_set(error, ERROR_CONFIG, "queue %s: %s", queue->name, strerror(-r)) : 0;
}

static int make_receivers(struct parts *p, struct error *error)
{
    size_t used = 0;
    p->receivers = memory_new((p->config->n_queues + 1) * sizeof(*p->receivers));
    p->receiver_sellers = memory_new((p->config->n_sellers + 1) * sizeof(*p->receiver_sellers));
    int r = quiet_watch_new(&p->quiet, p->daemon->event, &p->daemon->time);
    if (r < 0)
        return error_set(error, ERROR_CONFIG, "the event loop: %s", strerror(-r));
    for (size_t i = 0; i < p->config->n_queues; i++) {
        const struct config_queue *queue = &p->config->queues[i];
        struct receiver_seller *sellers = p->receiver_sellers + used;
        struct quiet *quiet = make_quiet(p, queue->name, NULL, queue->quiet_alarm_usec);
        size_t count = add_sellers(p, queue->name, quiet, sellers);
        used += count;
        r = make_receiver(p, i, quiet, sellers, count, error);
        if (r)
            return r;
    }
    return 0;
}

static int make_janitor(struct parts *p, struct error *error)
{
    const struct config *c = p->config;
    struct janitor_options options = {
        .event = p->daemon->event,
        .store = p->daemon->store,
        .room = &p->daemon->room,
        .time = &p->daemon->time,
        .state_directory = c->state_directory,
        .webhooks = p->janitor_webhooks,
        .n_webhooks = c->n_webhooks,
        .keep_delivered_usec = c->keep_delivered_usec,
        .keep_bodies_usec = c->keep_bodies_usec,
        .keep_dead_usec = c->keep_dead_usec,
        .keep_held_usec = c->keep_held_usec,
        .keep_unknown_usec = c->keep_unknown_usec,
        .unknown_limits = {c->max_unknown, c->max_unknown_size},
        .max_history = c->max_history,
        .max_backlog = c->max_backlog,
        .min_free_disk = c->min_free_disk,
        .room_changed = on_room,
        .userdata = p,
    };
    int r = janitor_new(&p->janitor, &options);
    return r ? error_set(error, ERROR_CONFIG, "the event loop: %s", strerror(-r)) : 0;
}

int parts_new(struct parts **ret, struct daemon *d, const struct config *config,
              const int64_t webhook_ids[], struct error *error)
{
    struct parts *p = NEW(struct parts);
    size_t size = config->n_webhooks * sizeof(*webhook_ids);
    p->daemon = d;
    p->config = config;
    p->webhook_ids = memory_new(size);
    memcpy(p->webhook_ids, webhook_ids, size);
    int r = make_identities(p, error);
    if (!r)
        r = make_forwarders(p, error);
    if (!r)
        r = make_receivers(p, error);
    if (!r)
        r = make_janitor(p, error);
    if (!r)
        *ret = TAKE(p);
    parts_free(p);
    return r;
}
