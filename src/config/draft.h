/* SPDX-License-Identifier: MIT */
#ifndef SRC_CONFIG_DRAFT_H
#define SRC_CONFIG_DRAFT_H

#include "config/keys.h"

/* Most keys that sections of one kind have. */
#define DRAFT_KEYS_MAX 64

/* A section as it was read, with the places of its keys, so that later checks can name them. */
struct draft_section {
    enum config_kind kind;
    size_t index;               /* in the config's array of that kind */
    char *name;                 /* NULL: the kind has no names */
    struct config_place place;  /* where it begins */
    struct config_place opened; /* where it was opened last: drop-ins can continue it */
    /* By the key's number among its kind's; line 0: not given. */
    struct config_place places[DRAFT_KEYS_MAX];
};

/* A config while it is being read and checked. */
struct config_draft {
    struct config *config;
    struct config_findings *findings;
    const char *file; /* being read; owned by the config */
    struct draft_section *sections;
    size_t n_sections;
    size_t current;   /* the section that gets the values */
    bool in_section;  /* there is one; else values are ignored */
    bool past_header; /* a header of this file was read, right or wrong */
};

/* Set every key of a kind to its default. */
void draft_defaults(enum config_kind kind, void *target);

/* Read the bytes of draft->file into the draft. */
void draft_read(struct config_draft *draft, const char *bytes, size_t size);

/* Add a finding about a section (key NULL) or about one of its keys, at its line. */
void draft_complain(struct config_draft *draft, bool warning, const struct draft_section *section,
                    const struct config_key *key, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* Add an error, or a warning, about a key of the index-th section of a kind. */
#define COMPLAIN(draft, kind, index, name, ...)                                                    \
    draft_complain(draft, false, draft_section_of(draft, kind, index),                             \
                   config_key_find(kind, name), __VA_ARGS__)
#define WARN(draft, kind, index, name, ...)                                                        \
    draft_complain(draft, true, draft_section_of(draft, kind, index), config_key_find(kind, name), \
                   __VA_ARGS__)

/* Return the place of the key in the section; line 0: the key was not given. */
struct config_place *draft_place(struct draft_section *section, const struct config_key *key);

/* Append "[kind name]". */
void draft_append_section(struct text *out, const struct draft_section *section);

/* Return the section of an element of the config's arrays; never NULL. */
struct draft_section *draft_section_of(const struct config_draft *draft, enum config_kind kind,
                                       size_t index);

/* Whether the index-th section of a kind has the key. */
bool draft_has(const struct config_draft *draft, enum config_kind kind, size_t index,
               const char *name);

/* Return the struct that a section's keys are offsets into. */
void *draft_target(const struct config_draft *draft, const struct draft_section *section);

/* ---- config_override.c: changes of earlier values by a drop-in ---- */

/* Record that a value at `to` changes the one at `from`. */
void draft_note_override(struct config_draft *draft, const struct draft_section *section,
                         const struct config_key *key, const struct config_place *from,
                         const struct config_place *to, const char *verb);

/* Reset a key that is not a list: to its default, or to the value that it has if it is never
 * given. */
void draft_reset(const struct config_key *key, void *target);

/* ---- config_origin.c: given values and their places ---- */

/* Record the value that a key was given in the section. `again`: the key has a value already, which
 * is replaced or, in a list, extended. */
void draft_note_value(struct config_draft *draft, const struct draft_section *section,
                      const struct config_key *key, const char *value,
                      const struct config_place *place, bool again);

/* Delete the recorded value of a key. */
void draft_forget_value(struct config_draft *draft, const struct draft_section *section,
                        const struct config_key *key);

/* Check everything that concerns more than one value. */
void config_cross_check(struct config_draft *draft);

/* Check a seller's subscriptions: whether Amazon would accept them. */
void config_check_subscribe(struct config_draft *draft, size_t seller);

/* Check for URLs that are not encrypted. */
void config_check_http(struct config_draft *draft);

/* Check the filters of a webhook: whether anything can pass them. */
void config_check_filters(struct config_draft *draft, size_t webhook);

/* Check marketplaces: whether they are known, and in the regions of the sellers. */
void config_check_webhook_marketplaces(struct config_draft *draft, size_t webhook);
void config_check_seller_marketplaces(struct config_draft *draft, size_t seller);

/* Check for ids and URLs that have the form of something else. */
void config_check_shapes(struct config_draft *draft);

/* Check that the keys about AWS credentials fit together. */
void config_check_aws(struct config_draft *draft);

/* Check when a webhook is tried again. */
void config_check_schedule(struct config_draft *draft, size_t webhook);

/* Check how many requests a webhook gets. */
void config_check_rate(struct config_draft *draft, size_t webhook);

/* Check how a webhook learns who sends: only one of the ways may be used. */
void config_check_authorization(struct config_draft *draft, size_t webhook);

/* Give every secret its label. */
void config_label_secrets(struct config *config);

/* Sort the given values into the order that config_compare needs. */
void config_values_sort(struct config *config);

/* Complain about files and directories of the configuration that others can write. */
void config_check_writers(const struct config *config, struct config_findings *findings);

/* Whether the reference is a literal secret and not the name of one. */
bool config_secret_is_literal(const char *reference);

#endif
