/* SPDX-License-Identifier: MIT */
#include "draft.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/nearest.h"
#include "reader.h"
#include "values.h"

void *draft_target(const struct config_draft *draft, const struct draft_section *section)
{
    switch (section->kind) {
    case CONFIG_QUEUE:
        return &draft->config->queues[section->index];
    case CONFIG_SELLER:
        return &draft->config->sellers[section->index];
    case CONFIG_WEBHOOK:
        return &draft->config->webhooks[section->index];
    case CONFIG_DAEMON:
    case CONFIG_ADMIN:
    case CONFIG_ALARM:
    case CONFIG_APPLICATION:
    case CONFIG_AWS:
    case CONFIG_STORE:
    case CONFIG_KINDS:
        break;
    }
    return draft->config;
}

/* Add a finding about a line of the file that is being read. */
static void complain_at(struct config_draft *draft, unsigned line, const char *text)
{
    findings_add(draft->findings, false, &(struct config_place){draft->file, line}, NULL, text);
}

void draft_defaults(enum config_kind kind, void *target)
{
    size_t count;
    const struct config_key *keys = config_keys(&count);
    for (size_t i = 0; i < count; i++)
        if (keys[i].kind == kind && keys[i].fallback &&
            keys[i].parse(&keys[i], keys[i].fallback, NULL, (char *)target + keys[i].offset, NULL) <
                0)
            abort();
}

/* Add one more named section with its defaults. Returns its index in the config's array. */
static size_t add_element(struct config *config, enum config_kind kind, const char *name,
                          const struct config_place *place)
{
#define ADD(type, array, count)                                                                    \
    do {                                                                                           \
        config->array = memory_resize(config->array, config->count + 1, sizeof(*config->array));   \
        config->array[config->count] =                                                             \
            (struct type){.name = memory_string(name), .place = *place};                           \
        draft_defaults(kind, &config->array[config->count]);                                       \
        return config->count++;                                                                    \
    } while (0)

    if (kind == CONFIG_QUEUE)
        ADD(config_queue, queues, n_queues);
    if (kind == CONFIG_SELLER)
        ADD(config_seller, sellers, n_sellers);
    if (kind == CONFIG_WEBHOOK)
        ADD(config_webhook, webhooks, n_webhooks);
#undef ADD
    return 0;
}

static void unknown_section(struct config_draft *draft, unsigned line, const char *kind)
{
    const char *names[CONFIG_KINDS];
    for (unsigned i = 0; i < CONFIG_KINDS; i++)
        names[i] = config_kind_name(i);
    const char *near = nearest_word(kind, names, CONFIG_KINDS);
    AUTOFREE char *text = near
                              ? memory_format("unknown section [%.60s]; is [%s] meant?", kind, near)
                              : memory_format("unknown section [%.60s]", kind);
    complain_at(draft, line, text);
}

/* Return the kind that a header names; CONFIG_KINDS: the header is wrong. */
static enum config_kind read_header(struct config_draft *draft, unsigned line, const char *word,
                                    const char *name)
{
    AUTOFREE char *problem = NULL;
    enum config_kind kind = 0;
    while (kind < CONFIG_KINDS && strcmp(word, config_kind_name(kind)) != 0)
        kind++;
    if (kind == CONFIG_KINDS)
        unknown_section(draft, line, word);
    else if (config_kind_is_named(kind) && !name)
        problem = memory_format("[%s] needs a name: [%s NAME]", word, word);
    else if (!config_kind_is_named(kind) && name)
        problem = memory_format("[%s] has no name", word);
    else if (name && !config_name_is_valid(name))
        problem = memory_format("\"%.100s\" cannot be a name: letters, digits, dots, dashes and "
                                "underscores, starting with a letter or digit, at most %d",
                                name, CONFIG_NAME_MAX);
    if (problem)
        complain_at(draft, line, problem);
    return problem ? CONFIG_KINDS : kind;
}

/* Find the section of that kind and name that was read before, or return NULL. */
static struct draft_section *find_section(const struct config_draft *draft, enum config_kind kind,
                                          const char *name)
{
    for (size_t i = 0; i < draft->n_sections; i++)
        if (draft->sections[i].kind == kind && text_equal(draft->sections[i].name, name))
            return &draft->sections[i];
    return NULL;
}

static void add_section(struct config_draft *draft, enum config_kind kind, const char *name,
                        const struct config_place *place)
{
    draft->sections =
        memory_resize(draft->sections, draft->n_sections + 1, sizeof(*draft->sections));
    draft->sections[draft->n_sections] = (struct draft_section){
        .kind = kind,
        .index = add_element(draft->config, kind, name, place),
        .name = memory_string(name),
        .place = *place,
        .opened = *place,
    };
    draft->current = draft->n_sections++;
}

static void on_section(unsigned line, const char *word, const char *name, void *userdata)
{
    struct config_draft *draft = userdata;
    draft->in_section = false;
    draft->past_header = true;
    enum config_kind kind = word ? read_header(draft, line, word, name) : CONFIG_KINDS;
    if (kind == CONFIG_KINDS)
        return;
    if (draft->n_sections == CONFIG_SECTIONS_MAX) {
        complain_at(draft, line, "too many sections (10000 at most)");
        return;
    }
    struct config_place place = {draft->file, line};
    struct draft_section *before = find_section(draft, kind, name);
    if (before && before->opened.file != draft->file) {
        before->opened = place;
        draft->current = (size_t)(before - draft->sections);
    } else {
        unsigned first = before ? before->opened.line : 0;
        add_section(draft, kind, name, &place);
        /* A second one in the same file is read like the first, so that its errors are found. */
        if (first)
            draft_complain(draft, false, &draft->sections[draft->current], NULL,
                           "this section is at %s:%u already", place.file, first);
    }
    draft->in_section = true;
}

static void unknown_key(struct config_draft *draft, const struct draft_section *section,
                        unsigned line, const char *name)
{
    size_t count, n_names = 0;
    const struct config_key *keys = config_keys(&count), *elsewhere = NULL;
    const char *names[DRAFT_KEYS_MAX];
    for (size_t i = 0; i < count; i++) {
        if (keys[i].kind == section->kind)
            names[n_names++] = keys[i].name;
        else if (strcmp(keys[i].name, name) == 0)
            elsewhere = &keys[i];
    }
    const char *near = nearest_word(name, names, n_names);
    AUTOTEXT struct text key = {0}, text = {0};
    draft_append_section(&key, section);
    text_appendf(&key, " %.60s", name);
    text_append_string(&text, "unknown key");
    if (near)
        text_appendf(&text, "; is %s meant?", near);
    else if (elsewhere)
        text_appendf(&text, "; it belongs to [%s]", config_kind_name(elsewhere->kind));
    findings_add(draft->findings, false, &(struct config_place){draft->file, line}, key.data,
                 text.data);
}

/* Return why a value cannot be read as it is; NULL: no problem. The caller frees it. */
static char *problem_of(const struct config_key *key, const char *value,
                        const struct config_place *before, bool same_file)
{
    size_t size = strlen(value);
    if (before->line && !key->list && same_file)
        return memory_format("given at %s:%u already", before->file, before->line);
    if (size == 0 && !key->list && !before->line)
        return memory_format("has no value; without the line %s",
                             key->fallback ? "the default holds" : "it is not set");
    if (size >= 2 && value[0] == '"' && value[size - 1] == '"')
        return memory_string("do not quote values");
    return NULL;
}

/* Return the verb for the effect of a value on an earlier one, for messages. */
static const char *verb_of(const struct config_key *key, const char *value)
{
    return value[0] == '\0' ? "clears" : key->list ? "adds to" : "replaces";
}

/* Return a hint about a value that cannot be read: some people write comments behind values. */
static const char *hint_for(const char *value)
{
    return strstr(value, " #") || strstr(value, "\t#") || strstr(value, " ;")
               ? " (a comment needs a line of its own)"
               : "";
}

static void take_value(struct config_draft *draft, struct draft_section *section,
                       const struct config_key *key, const char *value,
                       const struct config_place *place)
{
    struct error error;
    struct config_place *at = draft_place(section, key), before = *at;
    void *target = (char *)draft_target(draft, section) + key->offset;
    AUTOFREE char *problem = problem_of(key, value, &before, before.file == place->file);
    *at = *place;
    if (problem) {
        draft_complain(draft, false, section, key, "%s", problem);
        return;
    }
    if (before.line && before.file != place->file)
        draft_note_override(draft, section, key, &before, place, verb_of(key, value));
    if (value[0] == '\0' && !key->list) {
        draft_reset(key, target);
        draft_forget_value(draft, section, key);
        *at = (struct config_place){0};
    } else if (key->parse(key, value, place, target, &error) < 0) {
        draft_complain(draft, false, section, key, "%s%s", error.text, hint_for(value));
    } else {
        draft_note_value(draft, section, key, value, place, before.line != 0);
    }
}

static void on_value(unsigned line, const char *name, const char *value, void *userdata)
{
    struct config_draft *draft = userdata;
    if (!draft->in_section) {
        AUTOFREE char *text =
            memory_format("the key %.60s is before the first section of this file", name);
        if (!draft->past_header)
            complain_at(draft, line, text);
        return;
    }
    struct draft_section *section = &draft->sections[draft->current];
    const struct config_key *key = config_key_find(section->kind, name);
    if (key)
        take_value(draft, section, key, value, &(struct config_place){draft->file, line});
    else
        unknown_key(draft, section, line, name);
}

static void on_problem(unsigned line, const char *text, void *userdata)
{
    complain_at(userdata, line, text);
}

void draft_read(struct config_draft *draft, const char *bytes, size_t size)
{
    draft->in_section = false;
    draft->past_header = false;
    config_read_lines(bytes, size, &(struct config_lines){on_section, on_value, on_problem, draft});
}
