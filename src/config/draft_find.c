/* SPDX-License-Identifier: MIT */
/* The sections of a draft: where their values are, their names, and findings about them. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "draft.h"

struct config_place *draft_place(struct draft_section *section, const struct config_key *key)
{
    size_t count, at = 0;
    const struct config_key *keys = config_keys(&count);
    for (size_t i = 0; i < count && &keys[i] != key; i++)
        at += keys[i].kind == key->kind;
    if (at >= DRAFT_KEYS_MAX)
        abort();
    return &section->places[at];
}

struct draft_section *draft_section_of(const struct config_draft *draft, enum config_kind kind,
                                       size_t index)
{
    for (size_t i = 0; i < draft->n_sections; i++)
        if (draft->sections[i].kind == kind && draft->sections[i].index == index)
            return &draft->sections[i];
    abort();
}

bool draft_has(const struct config_draft *draft, enum config_kind kind, size_t index,
               const char *name)
{
    return draft_place(draft_section_of(draft, kind, index), config_key_find(kind, name))->line !=
           0;
}

void draft_append_section(struct text *out, const struct draft_section *section)
{
    text_appendf(out, "[%s%s%s]", config_kind_name(section->kind), section->name ? " " : "",
                 section->name ? section->name : "");
}

void draft_complain(struct config_draft *draft, bool warning, const struct draft_section *section,
                    const struct config_key *key, const char *format, ...)
{
    AUTOTEXT struct text name = {0}, text = {0};
    struct config_place place = section->place;
    draft_append_section(&name, section);
    if (key) {
        text_appendf(&name, " %s", key->name);
        const struct config_place *given = draft_place((struct draft_section *)section, key);
        place = given->line ? *given : place;
    }
    va_list arguments;
    va_start(arguments, format);
    text_appendv(&text, format, arguments);
    va_end(arguments);
    findings_add(draft->findings, warning, &place, name.data, text.data);
}
