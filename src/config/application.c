/* SPDX-License-Identifier: MIT */
#include "config/application.h"

#include <errno.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "spapi/notifications.h"

bool application_registers(const struct config *config, const struct config_seller *seller)
{
    return config->client_id && config->client_secret.reference &&
           seller->refresh_token.reference && text_list_size(seller->subscribe) > 0;
}

static bool is_wanted(const struct config *config, const struct config_seller *seller,
                      const char *const only[])
{
    if (!only)
        return application_registers(config, seller);
    for (size_t i = 0; only[i]; i++)
        if (text_equal(only[i], seller->name))
            return true;
    return false;
}

static const char *arn_of(const struct config *config, const char *queue)
{
    const struct config_queue *section = config_find_queue(config, queue);
    return section ? section->arn : NULL;
}

static void append_two(struct text *out, bool one, const char *first, bool other,
                       const char *second)
{
    text_appendf(out, "%s%s%s", one ? first : "", one && other ? " and " : "", other ? second : "");
}

static int say_what_is_missing(const struct config *config, const struct config_seller *seller,
                               struct error *error)
{
    bool id = !config->client_id, secret = !config->client_secret.reference;
    bool token = !seller->refresh_token.reference, types = !text_list_size(seller->subscribe);
    AUTOTEXT struct text missing = {0};
    append_two(&missing, id, "client_id", secret, "client_secret");
    if (id || secret)
        text_append_string(&missing, " in [application]");
    if ((id || secret) && (token || types))
        text_append_string(&missing, " and ");
    append_two(&missing, token, "refresh_token", types, "subscribe");
    if (token || types)
        text_appendf(&missing, " in [seller %s]", seller->name);
    return error_set(error, ERROR_CONFIG, "seller %s: registering needs %s", seller->name,
                     missing.data);
}

static int add_seller(struct application *a, const struct config *config,
                      const struct config_seller *seller, struct error *error)
{
    struct secret *token = &a->tokens[a->n_sellers];
    struct error *trouble = &a->troubles[a->n_sellers];
    if (!application_registers(config, seller))
        return say_what_is_missing(config, seller, error);
    bool readable = config_secret_resolve(token, &seller->refresh_token, trouble) == 0;
    a->sellers[a->n_sellers++] = (struct registrar_seller){
        .name = seller->name,
        .region = seller->region,
        .arn = arn_of(config, seller->queue),
        .refresh_token = token,
        .types = seller->subscribe,
        .order_change_types = seller->order_change_types,
        .marketplaces = seller->marketplaces,
        .aggregation = seller->aggregation,
        .expressions = seller->filters,
        .broken = readable ? NULL : trouble,
    };
    return 0;
}

/* ---- client secrets ---- */

const char *application_source_name(enum application_source source)
{
    static const char *const names[] = {
        [APPLICATION_SECRET_FILE] = "file",
        [APPLICATION_SECRET_CONFIG] = "config",
        [APPLICATION_SECRET_OLD] = "old",
    };
    return names[source];
}

static void add_secret(struct application_secrets *s, const struct secret *secret,
                       enum application_source source)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->secrets[i].size == secret->size &&
            memcmp(s->secrets[i].data, secret->data, secret->size) == 0)
            return;
    if (!secret->data)
        return;
    secret_set(&s->secrets[s->count], secret->data, secret->size);
    s->sources[s->count++] = source;
}

int application_secrets_load(struct application_secrets *ret, const struct config *config,
                             struct error *error)
{
    struct secret own = {0};
    *ret = (struct application_secrets){.count = 0};
    int r = config_secret_resolve(&own, &config->client_secret, error);
    if (r >= 0)
        r = secret_file_read(&ret->file, config->state_directory, &own, error);
    if (r == SECRET_FILE_LOCKED)
        ret->locked = memory_string(error->text);
    if (!text_equal(ret->file.client_id, config->client_id))
        secret_file_clear(&ret->file);
    if (r >= 0) {
        add_secret(ret, &ret->file.secret, APPLICATION_SECRET_FILE);
        add_secret(ret, &own, APPLICATION_SECRET_CONFIG);
        add_secret(ret, &ret->file.old, APPLICATION_SECRET_OLD);
    }
    secret_clear(&own);
    return r < 0 ? r : 0;
}

void application_secrets_clear(struct application_secrets *secrets)
{
    for (size_t i = 0; i < secrets->count; i++)
        secret_clear(&secrets->secrets[i]);
    secret_file_clear(&secrets->file);
    free(TAKE(secrets->locked));
    secrets->count = 0;
}

int application_reload_secrets(struct application *a, const struct config *config,
                               struct error *error)
{
    struct application_secrets fresh;
    int r = application_secrets_load(&fresh, config, error);
    if (r) {
        application_secrets_clear(&fresh);
        return r;
    }
    application_secrets_clear(&a->secrets);
    a->secrets = fresh;
    if (a->lwa)
        lwa_set_secrets(a->lwa, fresh.secrets, fresh.count);
    return 0;
}

void application_reload_token(struct application *a, size_t seller,
                              const struct config_secret *reference)
{
    struct error *trouble = &a->troubles[seller];
    struct secret fresh = {0};
    bool readable = config_secret_resolve(&fresh, reference, trouble) == 0;
    if (readable) {
        secret_clear(&a->tokens[seller]);
        a->tokens[seller] = fresh;
    }
    a->sellers[seller].broken = readable ? NULL : trouble;
}

const char *application_endpoint(const struct config *config)
{
    if (config->endpoint)
        return config->endpoint;
    for (size_t i = 0; i < config->n_sellers; i++)
        if (config->sellers[i].region)
            return notifications_endpoint(config->sellers[i].region);
    return notifications_endpoint("na");
}

int application_open_lwa(struct application *a, const struct config *config, sd_event *event,
                         struct http *http, struct error *error)
{
    if (a->lwa || !config->client_id || !config->client_secret.reference)
        return 0;
    int r = application_secrets_load(&a->secrets, config, error);
    if (r)
        return r;
    r = lwa_new(&a->lwa, &(struct lwa_options){
                             .event = event,
                             .http = http,
                             .endpoint = config->lwa_endpoint,
                             .client_id = config->client_id,
                             .client_secret = &a->secrets.secrets[0],
                             .fallbacks = &a->secrets.secrets[1],
                             .n_fallbacks = a->secrets.count - 1,
                         });
    return r ? error_set(error, ERROR_CONFIG, "[application] lwa_endpoint is no URL that works")
             : 0;
}

/* ---- the application as a whole ---- */

int application_open(struct application *ret, const struct config *config, const char *const only[],
                     sd_event *event, struct http *http, struct error *error)
{
    *ret = (struct application){
        .tokens = memory_new((config->n_sellers + 1) * sizeof(*ret->tokens)),
        .troubles = memory_new((config->n_sellers + 1) * sizeof(*ret->troubles)),
        .sellers = memory_new((config->n_sellers + 1) * sizeof(*ret->sellers)),
    };
    for (size_t i = 0; i < config->n_sellers; i++) {
        const struct config_seller *seller = &config->sellers[i];
        int r = is_wanted(config, seller, only) ? add_seller(ret, config, seller, error) : 0;
        if (r)
            return r;
    }
    return ret->n_sellers ? application_open_lwa(ret, config, event, http, error) : 0;
}

void application_close(struct application *a)
{
    lwa_free(a->lwa);
    for (size_t i = 0; a->tokens && i < a->n_sellers; i++)
        secret_clear(&a->tokens[i]);
    free(a->tokens);
    free(a->troubles);
    free(a->sellers);
    application_secrets_clear(&a->secrets);
    *a = (struct application){0};
}
