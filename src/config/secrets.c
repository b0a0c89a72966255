/* SPDX-License-Identifier: MIT */
/* All secrets of a config, found by the table of keys. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "config/keys.h"
#include "draft.h"
#include "values.h"

/* A visit of all secrets: the function to call, and its userdata. */
struct visit {
    void (*each)(struct config_secret *secret, const char *section, const char *name,
                 const char *key, void *userdata);
    void *userdata;
};

/* Whether a header is secret. Most values are not; these are, and so is every reference. */
static bool is_secret_header(const struct config_header *header)
{
    return strcasecmp(header->name, "authorization") == 0 ||
           strcasecmp(header->name, "cookie") == 0 ||
           !config_secret_is_literal(header->value.reference);
}

static void visit_headers(const struct visit *visit, struct config_headers *headers,
                          const char *section)
{
    for (size_t i = 0; i < headers->count; i++) {
        AUTOFREE char *name = memory_format("headers: %s", headers->items[i].name);
        if (is_secret_header(&headers->items[i]))
            visit->each(&headers->items[i].value, section, name, "headers", visit->userdata);
    }
}

/* Visit the secrets of one section: those of its keys that name one. */
static void visit_section(const struct visit *visit, enum config_kind kind, void *target,
                          const char *name)
{
    size_t count;
    const struct config_key *keys = config_keys(&count);
    AUTOFREE char *section =
        memory_format("[%s%s%s]", config_kind_name(kind), name ? " " : "", name ? name : "");
    for (size_t i = 0; i < count; i++) {
        const struct config_key *key = &keys[i];
        void *at = (char *)target + key->offset;
        if (key->kind != kind)
            continue;
        if (key->parse == config_parse_headers)
            visit_headers(visit, at, section);
        else if ((key->parse == config_parse_secret || key->parse == config_parse_alarm_url) &&
                 ((struct config_secret *)at)->reference)
            visit->each(at, section, key->name, key->name, visit->userdata);
    }
}

static void visit_all(const struct visit *visit, struct config *config)
{
    for (enum config_kind kind = 0; kind < CONFIG_KINDS; kind++)
        if (!config_kind_is_named(kind))
            visit_section(visit, kind, config, NULL);
    for (size_t i = 0; i < config->n_sellers; i++)
        visit_section(visit, CONFIG_SELLER, &config->sellers[i], config->sellers[i].name);
    for (size_t i = 0; i < config->n_webhooks; i++)
        visit_section(visit, CONFIG_WEBHOOK, &config->webhooks[i], config->webhooks[i].name);
}

static void label(struct config_secret *secret, const char *section, const char *name,
                  const char *key, void *userdata)
{
    (void)key, (void)userdata;
    secret->label = memory_format("%s %s", section, name);
}

void config_label_secrets(struct config *config)
{
    visit_all(&(struct visit){label, NULL}, config);
}

struct public_visit {
    config_secret_fn each;
    void *userdata;
};

static void pass_on(struct config_secret *secret, const char *section, const char *name,
                    const char *key, void *userdata)
{
    const struct public_visit *visit = userdata;
    (void)section, (void)name;
    visit->each(secret, key, visit->userdata);
}

void config_each_secret(const struct config *config, config_secret_fn each, void *userdata)
{
    /* pass_on changes nothing. */
    visit_all(&(struct visit){pass_on, &(struct public_visit){each, userdata}},
              (struct config *)config);
}

/* ---- missing secrets ---- */

bool config_secret_is_vital(const struct config_secret *secret)
{
    return text_starts(secret->label, "[webhook ") || text_starts(secret->label, "[aws]") ||
           text_starts(secret->label, "[store]");
}

struct missing {
    struct text *out;
    size_t count;
    bool vital;
};

static void note_missing(const struct config_secret *secret, const char *key, void *userdata)
{
    struct missing *missing = userdata;
    CLEANUP(secret_clear) struct secret value = {0};
    struct error error;
    (void)key;
    if (config_secret_fetch(&value, secret, &error) == 0)
        return;
    text_appendf(missing->out, "%s%s (%s:%u): %s", missing->count ? "; " : "", secret->label,
                 secret->place.file, secret->place.line, error.text);
    missing->count++;
    missing->vital = missing->vital || config_secret_is_vital(secret);
}

size_t config_missing_secrets(const struct config *config, struct text *out, bool *ret_vital)
{
    struct missing missing = {.out = out};
    config_each_secret(config, note_missing, &missing);
    *ret_vital = missing.vital;
    return missing.count;
}
