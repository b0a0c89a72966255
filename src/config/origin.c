/* SPDX-License-Identifier: MIT */
/* Given values and their places: to compare two configs, and to show one. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/memory.h"
#include "draft.h"
#include "values.h"

/* Shown in place of a literal secret. */
#define HIDDEN "(hidden)"

struct shown {
    struct text *out;
    bool more;
};

static void append_reference(const struct config_secret *secret, const char *reference,
                             void *userdata)
{
    struct shown *shown = userdata;
    (void)secret;
    text_appendf(shown->out, "%s%s", shown->more ? ", " : "",
                 config_secret_is_literal(reference) ? HIDDEN : reference);
    shown->more = true;
}

/* Append a secret: its references, but no literal. */
static void append_secret(struct text *out, const char *value, bool whole)
{
    struct config_secret secret = {.reference = (char *)value, .whole = whole};
    struct shown shown = {.out = out};
    config_secret_each_reference(&secret, append_reference, &shown);
}

/* Return the value in a form that may be shown. The caller frees it. */
static char *shown_of(const struct config_key *key, const char *value)
{
    struct text out = {0};
    const char *colon = strchr(value, ':');
    if (key->parse == config_parse_secret || key->parse == config_parse_alarm_url) {
        append_secret(&out, value, false);
    } else if (key->parse == config_parse_headers && colon) {
        text_append(&out, value, (size_t)(colon + 1 - value));
        text_append_char(&out, ' ');
        append_secret(&out, colon + 1 + strspn(colon + 1, " \t"), true);
    } else {
        text_append_string(&out, value);
    }
    text_reserve(&out, 1);
    return text_take(&out);
}

/* Whether each value has a line of its own, because the values may contain commas. */
static bool has_lines(const struct config_key *key)
{
    return key->parse == config_parse_headers || key->parse == config_parse_filter;
}

static void set(struct config_value *at, const struct config_key *key, const char *value,
                const struct config_place *place)
{
    free(at->shown);
    at->shown = shown_of(key, value);
    at->digest = digest_key64(&value, 1);
    at->place = *place;
}

/* Extend the recorded value of a list: it is reported with all its values. */
static void add(struct config_value *at, const struct config_key *key, const char *value,
                const struct config_place *place)
{
    AUTOFREE char *digest = memory_format("%" PRId64, at->digest);
    AUTOFREE char *shown = shown_of(key, value), *before = TAKE(at->shown);
    const char *between = has_lines(key) ? "\n" : ", ";
    at->shown = value[0] ? memory_format("%s%s%s", before, before[0] ? between : "", shown)
                         : memory_string("");
    at->digest = digest_key64((const char *[]){digest, value}, 2);
    at->place = *place;
}

/* Find the recorded value of a key, from the end; NULL: none. */
static struct config_value *find(const struct config *config, const char *section,
                                 const struct config_key *key)
{
    for (size_t i = config->n_values; i > 0; i--)
        if (config->values[i - 1].key == key->name &&
            strcmp(config->values[i - 1].section, section) == 0)
            return &config->values[i - 1];
    return NULL;
}

void draft_note_value(struct config_draft *draft, const struct draft_section *section,
                      const struct config_key *key, const char *value,
                      const struct config_place *place, bool again)
{
    struct config *config = draft->config;
    AUTOTEXT struct text label = {0};
    draft_append_section(&label, section);
    struct config_value *before = again ? find(config, label.data, key) : NULL;
    if (before && key->list) {
        add(before, key, value, place);
        return;
    }
    if (!before) {
        config->values =
            memory_resize(config->values, config->n_values + 1, sizeof(*config->values));
        before = &config->values[config->n_values++];
        *before = (struct config_value){.section = text_take(&label), .key = key->name};
    }
    set(before, key, value, place);
}

void draft_forget_value(struct config_draft *draft, const struct draft_section *section,
                        const struct config_key *key)
{
    struct config *config = draft->config;
    AUTOTEXT struct text label = {0};
    draft_append_section(&label, section);
    struct config_value *value = find(config, label.data, key);
    if (!value)
        return;
    free(value->section);
    free(value->shown);
    *value = config->values[--config->n_values];
}
