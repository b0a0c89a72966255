/* SPDX-License-Identifier: MIT */
#ifndef CONFIG_DRAFT_H
#define CONFIG_DRAFT_H

#include "daemon/config_keys.h"

/* Keys that sections of one kind have at most. */
#define DRAFT_KEYS_MAX 64

/* A section as it was met, with the places of its keys, so that later checks can name them. */
struct draft_section {
    enum config_kind kind;
    size_t index;                               /* in the config's array of that kind */
    char *name;                                 /* NULL: a kind without names */
    struct config_place place;                  /* where it begins */
    struct config_place opened;                 /* where it was opened last: drop-ins continue it */
    struct config_place places[DRAFT_KEYS_MAX]; /* by the key's number among its kind's; line 0: not
                                                   given */
};

/* A config while it is being read and checked. */
struct config_draft {
    struct config *config;
    struct config_findings *findings;
    const char *file; /* being read; owned by the config */
    struct draft_section *sections;
    size_t n_sections;
    size_t current;   /* the section that values belong to */
    bool in_section;  /* there is one; else values are passed over */
    bool past_header; /* of the first section of this file, be it right or wrong */
};

/* Gives every key of a kind its default. */
void draft_defaults(enum config_kind kind, void *target);

/* Reads the bytes of draft->file. */
void draft_read(struct config_draft *draft, const char *bytes, size_t size);

/* Adds a finding about a section (key NULL) or about one of its keys, at its line. */
void draft_complain(struct config_draft *draft, bool warning, const struct draft_section *section,
                    const struct config_key *key, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* Adds an error, or a warning, about a key of the index-th section of a kind. */
#define COMPLAIN(draft, kind, index, name, ...)                                                    \
    draft_complain(draft, false, draft_section_of(draft, kind, index),                             \
                   config_key_find(kind, name), __VA_ARGS__)
#define WARN(draft, kind, index, name, ...)                                                        \
    draft_complain(draft, true, draft_section_of(draft, kind, index), config_key_find(kind, name), \
                   __VA_ARGS__)

/* Where the section has the key; line 0: it was not given. */
struct config_place *draft_place(struct draft_section *section, const struct config_key *key);

/* Appends "[kind name]". */
void draft_append_section(struct text *out, const struct draft_section *section);

/* The section that stands for an element of the config's arrays; never NULL. */
struct draft_section *draft_section_of(const struct config_draft *draft, enum config_kind kind,
                                       size_t index);

/* Whether the key stands in the index-th section of a kind. */
bool draft_has(const struct config_draft *draft, enum config_kind kind, size_t index,
               const char *name);

/* The struct that a section's keys are offsets into. */
void *draft_target(const struct config_draft *draft, const struct draft_section *section);

/* ---- config_override.c: what a drop-in does to values of earlier files ---- */

/* Remembers that a value at `to` changes the one at `from`. */
void draft_note_override(struct config_draft *draft, const struct draft_section *section,
                         const struct config_key *key, const struct config_place *from,
                         const struct config_place *to, const char *verb);

/* Gives a key that is no list its default, or what it has when nobody gives it. */
void draft_reset(const struct config_key *key, void *target);

/* ---- config_origin.c: what was given, and where ---- */

/* Remembers the value that a key was given in the section; `again`: it has one already, which is
 * replaced or, in a list, added to. */
void draft_note_value(struct config_draft *draft, const struct draft_section *section,
                      const struct config_key *key, const char *value,
                      const struct config_place *place, bool again);

/* Forgets what was noted for a key. */
void draft_forget_value(struct config_draft *draft, const struct draft_section *section,
                        const struct config_key *key);

/* Everything that concerns more than one value. */
void config_cross_check(struct config_draft *draft);

/* The same for what a seller subscribes to: whether Amazon would take it. */
void config_check_subscribe(struct config_draft *draft, size_t seller);

/* The same for URLs that are not encrypted. */
void config_check_http(struct config_draft *draft);

/* The same for a webhook's filters: whether something can pass them. */
void config_check_filters(struct config_draft *draft, size_t webhook);

/* The same for marketplaces: whether they are known, and of the sellers' regions. */
void config_check_webhook_marketplaces(struct config_draft *draft, size_t webhook);
void config_check_seller_marketplaces(struct config_draft *draft, size_t seller);

/* The same for ids and URLs that have the form of something else. */
void config_check_shapes(struct config_draft *draft);

/* The same for when a webhook is tried again. */
void config_check_schedule(struct config_draft *draft, size_t webhook);

/* The same for how many requests it gets. */
void config_check_rate(struct config_draft *draft, size_t webhook);

/* The same for how a webhook is told who sends: of several ways only one. */
void config_check_authorization(struct config_draft *draft, size_t webhook);

/* Gives every secret its label. */
void config_label_secrets(struct config *config);

/* Puts what was given into the order that config_compare needs. */
void config_values_sort(struct config *config);

/* Complains of files and directories of the configuration that others can write. */
void config_check_writers(const struct config *config, struct config_findings *findings);

/* Whether the reference is a literal secret and not the name of one. */
bool config_secret_is_literal(const char *reference);

#endif
