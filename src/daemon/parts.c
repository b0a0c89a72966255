/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "daemon.h"

static void on_clock_offset(int64_t offset_usec, void *userdata)
{
    struct daemon *d = userdata;
    trusted_time_learn(&d->time, offset_usec);
}

static void on_room(void *userdata)
{
    struct daemon *d = userdata;
    for (size_t i = 0; i < d->config->n_queues; i++)
        receiver_poke(d->receivers[i]);
}

static int make_forwarder(struct daemon *d, size_t i, struct error *error)
{
    const struct config_webhook *webhook = &d->config->webhooks[i];
    struct webhook_keys keys = {0};
    struct secret secret = {0};
    int r = 0;
    if (webhook->secret.reference)
        r = config_secret_resolve(&secret, &webhook->secret, error);
    if (!r && webhook->secret.reference)
        r = webhook_keys_parse(&keys, &secret, error);
    secret_clear(&secret);
    if (r)
        return r;
    r = forwarder_new(&d->forwarders[i], &(struct forwarder_options){
                                             .event = d->event,
                                             .http = d->http,
                                             .turn = d->turn,
                                             .webhook = d->webhook_ids[i],
                                             .name = webhook->name,
                                             .url = webhook->url,
                                             .keys = &keys,
                                             .concurrency = webhook->concurrency,
                                             .max_attempts = webhook->max_attempts,
                                             .timeout_usec = webhook->timeout_usec,
                                         });
    return r ? error_set(error, ERROR_CONFIG, "webhook %s: %s", webhook->name, strerror(-r)) : 0;
}

static int make_forwarders(struct daemon *d, struct error *error)
{
    size_t count = d->config->n_webhooks;
    d->forwarders = memory_new((count + 1) * sizeof(*d->forwarders));
    d->receiver_webhooks = memory_new((count + 1) * sizeof(*d->receiver_webhooks));
    d->janitor_webhooks = memory_new((count + 1) * sizeof(*d->janitor_webhooks));
    for (size_t i = 0; i < count; i++) {
        const struct config_webhook *webhook = &d->config->webhooks[i];
        d->receiver_webhooks[i] = (struct receiver_webhook){
            .id = d->webhook_ids[i],
            .sellers = webhook->sellers,
            .types = webhook->types,
        };
        d->janitor_webhooks[i] = (struct janitor_webhook){
            .id = d->webhook_ids[i],
            .name = webhook->name,
            .max_age_usec = webhook->max_age_usec,
        };
        int r = make_forwarder(d, i, error);
        if (r)
            return r;
    }
    return 0;
}

/* Appends the queue's sellers to the table; returns how many. */
static size_t add_sellers(struct daemon *d, const char *queue, struct receiver_seller *at)
{
    size_t count = 0;
    for (size_t i = 0; i < d->config->n_sellers; i++) {
        const struct config_seller *seller = &d->config->sellers[i];
        if (text_equal(seller->queue, queue))
            at[count++] = (struct receiver_seller){seller->name, seller->seller_id};
    }
    return count;
}

static int make_receiver(struct daemon *d, size_t i, struct receiver_seller *sellers,
                         size_t n_sellers, struct error *error)
{
    const struct config_queue *queue = &d->config->queues[i];
    struct receiver_options options = {
        .event = d->event,
        .http = d->http,
        .turn = d->turn,
        .room = &d->room,
        .credentials = &d->credentials,
        .queue = queue->name,
        .arn = queue->arn,
        .endpoint = queue->endpoint,
        .wait_s = (unsigned)(queue->wait_usec / USEC_PER_SEC),
        .max_pollers = queue->max_pollers,
        .sellers = sellers,
        .n_sellers = n_sellers,
        .webhooks = d->receiver_webhooks,
        .n_webhooks = d->config->n_webhooks,
        .forward_unknown = d->config->forward_unknown_seller,
        .hooks = {daemon_answered, on_clock_offset, daemon_seller_of, d},
    };
    int r = receiver_new(&d->receivers[i], &options);
    return r ? error_set(error, ERROR_CONFIG, "queue %s: %s", queue->name, strerror(-r)) : 0;
}

static int make_receivers(struct daemon *d, struct error *error)
{
    size_t used = 0;
    d->receivers = memory_new((d->config->n_queues + 1) * sizeof(*d->receivers));
    d->receiver_sellers = memory_new((d->config->n_sellers + 1) * sizeof(*d->receiver_sellers));
    for (size_t i = 0; i < d->config->n_queues; i++) {
        struct receiver_seller *sellers = d->receiver_sellers + used;
        size_t count = add_sellers(d, d->config->queues[i].name, sellers);
        used += count;
        int r = make_receiver(d, i, sellers, count, error);
        if (r)
            return r;
    }
    return 0;
}

static int make_janitor(struct daemon *d, struct error *error)
{
    const struct config *c = d->config;
    struct janitor_options options = {
        .event = d->event,
        .store = d->store,
        .room = &d->room,
        .time = &d->time,
        .state_directory = c->state_directory,
        .webhooks = d->janitor_webhooks,
        .n_webhooks = c->n_webhooks,
        .keep_delivered_usec = c->keep_delivered_usec,
        .keep_bodies_usec = c->keep_bodies_usec,
        .keep_dead_usec = c->keep_dead_usec,
        .max_history = c->max_history,
        .max_backlog = c->max_backlog,
        .min_free_disk = c->min_free_disk,
        .room_changed = on_room,
        .userdata = d,
    };
    int r = janitor_new(&d->janitor, &options);
    return r ? error_set(error, ERROR_CONFIG, "the event loop: %s", strerror(-r)) : 0;
}

int daemon_make_parts(struct daemon *d, struct error *error)
{
    receive_room_init(&d->room);
    int r = make_forwarders(d, error);
    if (!r)
        r = make_receivers(d, error);
    return r ? r : make_janitor(d, error);
}

void daemon_free_parts(struct daemon *d)
{
    janitor_free(d->janitor);
    for (size_t i = 0; d->receivers && i < d->config->n_queues; i++)
        receiver_free(d->receivers[i]);
    for (size_t i = 0; d->forwarders && i < d->config->n_webhooks; i++)
        forwarder_free(d->forwarders[i]);
    free(d->receivers);
    free(d->forwarders);
    free(d->receiver_webhooks);
    free(d->receiver_sellers);
    free(d->janitor_webhooks);
    free(d->webhook_ids);
}

unsigned daemon_in_flight(const struct daemon *d)
{
    unsigned in_flight = 0;
    for (size_t i = 0; i < d->config->n_webhooks; i++)
        in_flight += forwarder_in_flight(d->forwarders[i]);
    return in_flight;
}

uint64_t daemon_waiting(struct daemon *d)
{
    uint64_t waiting = 0;
    return store_waiting(d->store, &waiting) ? 0 : waiting;
}
