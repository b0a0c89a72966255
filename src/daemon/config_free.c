/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "config_headers.h"

static void clear_secret(struct config_secret *secret)
{
    if (secret->reference)
        explicit_bzero(secret->reference, strlen(secret->reference)); /* it may be a literal */
    free(secret->reference);
    free(secret->label);
}

void config_headers_clear(struct config_headers *headers)
{
    for (size_t i = 0; i < headers->count; i++) {
        clear_secret(&headers->items[i].value);
        free(headers->items[i].name);
    }
    free(headers->items);
    *headers = (struct config_headers){0};
}

static void clear_seller(struct config_seller *seller)
{
    free(seller->name);
    free(seller->seller_id);
    free(seller->region);
    free(seller->queue);
    clear_secret(&seller->refresh_token);
    text_list_free(seller->subscribe);
    text_list_free(seller->order_change_types);
    text_list_free(seller->marketplaces);
    free(seller->aggregation);
    text_list_free(seller->filters);
}

static void clear_webhook(struct config_webhook *webhook)
{
    free(webhook->name);
    free(webhook->url);
    clear_secret(&webhook->secret);
    text_list_free(webhook->sellers);
    text_list_free(webhook->types);
    text_list_free(webhook->marketplaces);
    text_list_free(webhook->fulfillments);
    text_list_free(webhook->statuses);
    text_list_free(webhook->changes);
    clear_secret(&webhook->password);
    clear_secret(&webhook->bearer);
    clear_secret(&webhook->hmac_secret);
    config_headers_clear(&webhook->headers);
    clear_secret(&webhook->oauth_client_secret);
    free(webhook->oauth_token_url);
    free(webhook->oauth_client_id);
    free(webhook->oauth_scope);
    free(webhook->oauth_audience);
    free(webhook->oauth_client_auth);
    free(webhook->oauth_ca_file);
    free(webhook->user);
    free(webhook->hmac_header);
    free(webhook->hmac_encoding);
    free(webhook->ca_file);
    free(webhook->client_certificate);
    free(webhook->client_key);
    free(webhook->proxy);
    text_list_free(webhook->no_proxy);
    text_list_free(webhook->success.accept);
    text_list_free(webhook->success.already_done);
    success_test_clear(&webhook->success.accept_if);
    success_test_clear(&webhook->success.refuse_if);
    success_test_clear(&webhook->success.done_if);
}

static void clear_sections(struct config *config)
{
    for (size_t i = 0; i < config->n_queues; i++) {
        free(config->queues[i].name);
        free(config->queues[i].arn);
        free(config->queues[i].endpoint);
    }
    for (size_t i = 0; i < config->n_sellers; i++)
        clear_seller(&config->sellers[i]);
    for (size_t i = 0; i < config->n_webhooks; i++)
        clear_webhook(&config->webhooks[i]);
    free(config->queues);
    free(config->sellers);
    free(config->webhooks);
}

void config_free(struct config *config)
{
    if (!config)
        return;
    clear_sections(config);
    free(config->admin_listen);
    clear_secret(&config->admin_token_key);
    clear_secret(&config->alarm_url);
    clear_secret(&config->alarm_secret);
    text_list_free(config->alarm_command);
    text_list_free(config->alarm_events);
    clear_secret(&config->client_secret);
    clear_secret(&config->secret_access_key);
    clear_secret(&config->session_token);
    for (size_t i = 0; i < config->n_values; i++)
        free(config->values[i].section);
    free(config->values);
    text_list_free(config->files);
    free(config->path);
    free(config->state_directory);
    free(config->client_id);
    free(config->lwa_endpoint);
    free(config->endpoint);
    free(config->access_key_id);
    free(config);
}
