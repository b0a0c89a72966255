/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "base/secret.h"
#include "headers.h"
#include "secret.h"

void config_secret_clear(struct config_secret *secret)
{
    secret_free_string(secret->reference); /* it may be a literal */
    free(secret->label);
    *secret = (struct config_secret){0};
}

void config_headers_clear(struct config_headers *headers)
{
    for (size_t i = 0; i < headers->count; i++) {
        config_secret_clear(&headers->items[i].value);
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
    config_secret_clear(&seller->refresh_token);
    text_list_free(seller->subscribe);
    text_list_free(seller->subscriptions);
    text_list_free(seller->order_change_types);
    text_list_free(seller->marketplaces);
    free(seller->aggregation);
    text_list_free(seller->filters);
}

static void clear_webhook(struct config_webhook *webhook)
{
    free(webhook->name);
    free(webhook->url);
    config_secret_clear(&webhook->secret);
    text_list_free(webhook->sellers);
    text_list_free(webhook->types);
    text_list_free(webhook->marketplaces);
    text_list_free(webhook->fulfillments);
    text_list_free(webhook->statuses);
    text_list_free(webhook->changes);
    config_secret_clear(&webhook->password);
    config_secret_clear(&webhook->bearer);
    config_secret_clear(&webhook->hmac_secret);
    config_headers_clear(&webhook->headers);
    config_secret_clear(&webhook->oauth_client_secret);
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
        free(config->queues[i].profile);
        free(config->queues[i].role_arn);
        free(config->queues[i].external_id);
    }
    for (size_t i = 0; i < config->n_sellers; i++)
        clear_seller(&config->sellers[i]);
    for (size_t i = 0; i < config->n_webhooks; i++)
        clear_webhook(&config->webhooks[i]);
    free(config->queues);
    free(config->sellers);
    free(config->webhooks);
}

static void clear_aws(struct config_aws *aws)
{
    free(aws->profile);
    free(aws->role_arn);
    free(aws->external_id);
    free(aws->region);
    free(aws->config_file);
    free(aws->credentials_file);
    text_list_free(aws->process);
}

void config_free(struct config *config)
{
    if (!config)
        return;
    clear_sections(config);
    free(config->admin_listen);
    config_secret_clear(&config->admin_token_key);
    config_secret_clear(&config->alarm_url);
    config_secret_clear(&config->alarm_secret);
    text_list_free(config->alarm_command);
    text_list_free(config->alarm_events);
    config_secret_clear(&config->client_secret);
    config_secret_clear(&config->secret_access_key);
    config_secret_clear(&config->session_token);
    config_secret_clear(&config->encrypt_bodies);
    for (size_t i = 0; i < config->n_values; i++) {
        free(config->values[i].section);
        free(config->values[i].shown);
    }
    free(config->values);
    for (size_t i = 0; i < config->n_overrides; i++)
        free(config->overrides[i].key);
    free(config->overrides);
    text_list_free(config->files);
    free(config->path);
    free(config->state_directory);
    free(config->client_id);
    free(config->lwa_endpoint);
    free(config->endpoint);
    free(config->access_key_id);
    clear_aws(&config->aws);
    free(config);
}
