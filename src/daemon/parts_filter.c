/* SPDX-License-Identifier: MIT */
/* The filters of webhooks, for receive/filter_watch. */
#include "base/digest.h"
#include "base/memory.h"
#include "daemon.h"

/* A key of the filters. If it only says whose notifications or which types they are about, its name
 * is left out of the sentence. */
struct filter_key {
    const char *name; /* NULL: left out */
    char *const *values;
};

#define FILTER_KEYS 6

static void keys_of(const struct config_webhook *webhook, struct filter_key keys[FILTER_KEYS])
{
    keys[0] = (struct filter_key){NULL, webhook->sellers};
    keys[1] = (struct filter_key){NULL, webhook->types};
    keys[2] = (struct filter_key){"marketplaces", webhook->marketplaces};
    keys[3] = (struct filter_key){"fulfillments", webhook->fulfillments};
    keys[4] = (struct filter_key){"statuses", webhook->statuses};
    keys[5] = (struct filter_key){"changes", webhook->changes};
}

static void append_names(struct text *out, const struct filter_key keys[FILTER_KEYS])
{
    for (size_t i = 0; i < FILTER_KEYS; i++)
        if (keys[i].name && keys[i].values)
            text_appendf(out, "%s%s", out->size ? ", " : "", keys[i].name);
}

static uint64_t fingerprint(const struct filter_key keys[FILTER_KEYS])
{
    AUTOTEXT struct text all = {0};
    for (size_t i = 0; i < FILTER_KEYS; i++) {
        for (char *const *value = keys[i].values; value && *value; value++)
            text_appendf(&all, "%s,", *value);
        text_append_char(&all, ';');
    }
    return (uint64_t)digest_key64((const char *const[]){all.data}, 1);
}

struct filter *parts_add_filter(struct parts *p, const struct config_webhook *webhook,
                                const char *noted)
{
    struct filter_key keys[FILTER_KEYS];
    AUTOTEXT struct text names = {0};
    keys_of(webhook, keys);
    append_names(&names, keys);
    struct filter_options options = {
        .webhook = webhook->name,
        .keys = names.size ? names.data : "",
        .fingerprint = fingerprint(keys),
        .limit_usec = webhook->filter_alarm_usec,
        .noted = noted,
        .told = daemon_has_alarm(p->daemon, ID_FILTER_BLOCKS, webhook->name),
        .count = &tallies_webhook(&p->daemon->tallies, webhook->name)->filtered,
    };
    struct filter *filter = filter_add(p->filters, &options);
    return names.size ? filter : NULL;
}
