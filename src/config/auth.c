/* SPDX-License-Identifier: MIT */
#include "config/auth.h"

#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/memory.h"

static int resolve_authorization(struct webhook_auth *auth, const struct config_webhook *webhook,
                                 struct error *error)
{
    bool basic = webhook->user && webhook->password.reference;
    CLEANUP(secret_clear) struct secret secret = {0};
    if (!basic && !webhook->bearer.reference)
        return 0;
    int r = config_secret_resolve(&secret, basic ? &webhook->password : &webhook->bearer, error);
    if (r)
        return r;
    return basic ? webhook_auth_basic(auth, webhook->user, &secret, error)
                 : webhook_auth_bearer(auth, &secret, error);
}

static int resolve_header(struct webhook_extra *extra, const struct config_header *header,
                          struct error *error)
{
    CLEANUP(secret_clear) struct secret value = {0};
    struct error why;
    int r = config_secret_resolve(&value, &header->value, error);
    if (r == 0 && webhook_extra_add(extra, header->name, &value, &why))
        r = error_set(error, ERROR_CONFIG, "%s:%u: %s", header->value.place.file,
                      header->value.place.line, why.text);
    return r;
}

static int resolve_headers(struct webhook_auth *auth, const struct config_webhook *webhook,
                           struct error *error)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < webhook->headers.count; i++)
        r = resolve_header(&auth->extra, &webhook->headers.items[i], error);
    return r;
}

int config_webhook_oauth(struct webhook_oauth *ret, const struct config_webhook *webhook,
                         struct error *error)
{
    *ret = (struct webhook_oauth){0};
    if (!webhook->oauth_token_url)
        return 0;
    ret->url = memory_string(webhook->oauth_token_url);
    ret->client_id = memory_string(webhook->oauth_client_id);
    ret->scope = memory_string(webhook->oauth_scope);
    ret->audience = memory_string(webhook->oauth_audience);
    ret->post = text_equal(webhook->oauth_client_auth, "post");
    return config_secret_resolve(&ret->client_secret, &webhook->oauth_client_secret, error);
}

int config_webhook_auth(struct webhook_auth *ret, const struct config_webhook *webhook,
                        struct error *error)
{
    *ret = (struct webhook_auth){0};
    int r = resolve_authorization(ret, webhook, error);
    if (!r)
        r = resolve_headers(ret, webhook, error);
    if (!r)
        r = config_webhook_oauth(&ret->oauth, webhook, error);
    if (r || !webhook->hmac_header || !webhook->hmac_secret.reference)
        return r;
    ret->hmac_header = memory_string(webhook->hmac_header);
    ret->hmac_base64 = text_equal(webhook->hmac_encoding, "base64");
    return config_secret_resolve(&ret->hmac_key, &webhook->hmac_secret, error);
}

/* Join the items with commas. NULL for none. The caller frees it. */
static char *join(char *const *list)
{
    struct text joined = {0};
    for (; list && *list; list++)
        text_appendf(&joined, "%s%s", joined.size ? "," : "", *list);
    return text_take(&joined);
}

static struct http_transport *way_with(const struct config_webhook *webhook, const char *ca_file)
{
    bool environment = text_equal(webhook->proxy, CONFIG_PROXY_ENVIRONMENT);
    AUTOFREE char *no_proxy = join(webhook->no_proxy);
    return http_transport_new(&(struct http_transport_options){
        .ca_file = ca_file,
        .certificate = webhook->client_certificate,
        .key = webhook->client_key,
        .proxy = environment ? NULL : webhook->proxy,
        .no_proxy = no_proxy,
        .environment = environment,
        .connect_timeout_ms = webhook->connect_timeout_usec / USEC_PER_MSEC,
        .lookup_timeout_ms = webhook->dns_timeout_usec / USEC_PER_MSEC,
        .tls_timeout_ms = webhook->tls_timeout_usec / USEC_PER_MSEC,
        .no_link_local = true,
    });
}

struct http_transport *config_webhook_way(const struct config_webhook *webhook)
{
    return way_with(webhook, webhook->ca_file);
}

struct http_transport *config_webhook_token_way(const struct config_webhook *webhook)
{
    return way_with(webhook, webhook->oauth_ca_file ? webhook->oauth_ca_file : webhook->ca_file);
}

/* Most values that go into one digest. */
#define DESTINATION_PARTS 32

int64_t config_webhook_destination(const struct config_webhook *webhook,
                                   const struct secret *signing, const struct webhook_auth *auth)
{
    AUTOFREE char *no_proxy = join(webhook->no_proxy);
    const char *parts[DESTINATION_PARTS] = {
        webhook->url,
        signing->data,
        webhook->ca_file,
        webhook->client_certificate,
        webhook->client_key,
        webhook->proxy,
        no_proxy,
        auth->authorization.data,
        auth->oauth.url,
        auth->oauth.client_id,
        auth->oauth.client_secret.data,
        auth->oauth.scope,
        auth->oauth.audience,
        auth->hmac_key.data,
        auth->hmac_header,
        webhook->hmac_encoding,
    };
    size_t count = DESTINATION_PARTS - WEBHOOK_EXTRA_MAX;
    for (size_t i = 0; i < auth->extra.count; i++)
        parts[count++] = auth->extra.lines[i].data;
    for (size_t i = 0; i < count; i++)
        parts[i] = parts[i] ? parts[i] : "";
    return digest_key64(parts, count);
}
