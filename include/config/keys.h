/* SPDX-License-Identifier: MIT */
#ifndef CONFIG_KEYS_H
#define CONFIG_KEYS_H

#include "config/config.h"

/*
 * The one table of all keys of the configuration. Reader, messages, man page and sample follow it
 * (the latter two by test).
 */
enum config_kind {
    CONFIG_DAEMON,
    CONFIG_ADMIN,
    CONFIG_ALARM,
    CONFIG_APPLICATION,
    CONFIG_AWS,
    CONFIG_STORE,
    CONFIG_QUEUE,
    CONFIG_SELLER,
    CONFIG_WEBHOOK,
    CONFIG_KINDS,
};

/* The name of a kind, such as "queue", and whether such sections have a name: [queue orders-eu]. */
const char *config_kind_name(enum config_kind kind);
bool config_kind_is_named(enum config_kind kind);

struct config_key;

/* Read a value into target. It replaces the old value; a list gets further values. 0, or -EIO with
 * the reason in *error, which may repeat the value unless that is a secret; then nothing has
 * changed. */
typedef int (*config_parse_fn)(const struct config_key *key, const char *value,
                               const struct config_place *place, void *target, struct error *error);

struct config_key {
    enum config_kind kind;
    const char *name;
    config_parse_fn parse;
    size_t offset;        /* of the target in struct config, config_queue, ... */
    uint64_t min, max;    /* for numbers, durations (microseconds) and sizes (bytes) */
    const char *fallback; /* the default as it would be written in the file; NULL: none */
    bool list, required;
    const char *help; /* half a sentence */
};

/* Return the table of keys and its length. */
const struct config_key *config_keys(size_t *ret_count);

/* Find a key; NULL: sections of that kind have no such key. */
const struct config_key *config_key_find(enum config_kind kind, const char *name);

#endif
