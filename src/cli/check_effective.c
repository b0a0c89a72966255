/* SPDX-License-Identifier: MIT */
#include "check_effective.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "config/keys.h"

/* Callbacks for each section and each of its values. value NULL: it is the default. */
struct printer {
    void (*section)(struct text *out, const char *section, bool first);
    void (*value)(struct text *out, const struct config_key *key, const char *shown,
                  const struct config_value *value);
    void (*end)(struct text *out);
};

static void put_section(struct text *out, const struct printer *printer,
                        const struct config *config, enum config_kind kind, const char *name)
{
    size_t count;
    const struct config_key *keys = config_keys(&count);
    AUTOFREE char *section =
        memory_format("[%s%s%s]", config_kind_name(kind), name ? " " : "", name ? name : "");
    bool any = false;
    for (size_t i = 0; i < count; i++) {
        const struct config_value *value =
            keys[i].kind == kind ? config_find_value(config, section, keys[i].name) : NULL;
        if (keys[i].kind != kind || (!value && !keys[i].fallback))
            continue;
        if (!any)
            printer->section(out, section, out->size == 0);
        any = true;
        printer->value(out, &keys[i], value ? value->shown : keys[i].fallback, value);
    }
    if (any)
        printer->end(out);
}

static void put_all(struct text *out, const struct printer *printer, const struct config *config)
{
    for (enum config_kind kind = 0; kind < CONFIG_KINDS; kind++)
        if (!config_kind_is_named(kind))
            put_section(out, printer, config, kind, NULL);
    for (size_t i = 0; i < config->n_queues; i++)
        put_section(out, printer, config, CONFIG_QUEUE, config->queues[i].name);
    for (size_t i = 0; i < config->n_sellers; i++)
        put_section(out, printer, config, CONFIG_SELLER, config->sellers[i].name);
    for (size_t i = 0; i < config->n_webhooks; i++)
        put_section(out, printer, config, CONFIG_WEBHOOK, config->webhooks[i].name);
}

/* ---- as a file ---- */

static void text_section(struct text *out, const char *section, bool first)
{
    text_appendf(out, "%s%s\n", first ? "" : "\n", section);
}

/* Append a value as text. If it has several lines, each one begins with the key. */
static void text_value(struct text *out, const struct config_key *key, const char *shown,
                       const struct config_value *value)
{
    if (value)
        text_appendf(out, "# %s:%u\n", value->place.file, value->place.line);
    else
        text_append_string(out, "# default\n");
    for (const char *line = shown; line;) {
        size_t size = strcspn(line, "\n");
        text_appendf(out, "%s = ", key->name);
        text_append_escaped(out, line, size, CONFIG_LINE_MAX);
        text_append_char(out, '\n');
        line = line[size] ? line + size + 1 : NULL;
    }
}

static void text_end(struct text *out)
{
    (void)out;
}

void effective_print(const struct config *config)
{
    static const struct printer printer = {text_section, text_value, text_end};
    AUTOTEXT struct text out = {0};
    put_all(&out, &printer, config);
    fputs(out.data, stdout);
}

/* ---- as JSON ---- */

static void json_section(struct text *out, const char *section, bool first)
{
    (void)first;
    json_open(out, NULL, '{');
    json_string(out, "section", section);
    json_open(out, "values", '[');
}

static void json_value(struct text *out, const struct config_key *key, const char *shown,
                       const struct config_value *value)
{
    json_open(out, NULL, '{');
    json_string(out, "key", key->name);
    json_string(out, "value", shown);
    json_string(out, "file", value ? value->place.file : NULL);
    if (value)
        json_number(out, "line", value->place.line);
    else
        json_null(out, "line");
    json_close(out, '}');
}

static void json_end(struct text *out)
{
    json_close(out, ']');
    json_close(out, '}');
}

void effective_put(struct text *out, const struct config *config)
{
    static const struct printer printer = {json_section, json_value, json_end};
    json_open(out, "sections", '[');
    put_all(out, &printer, config);
    json_close(out, ']');
}
