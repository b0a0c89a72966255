/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "config/config.h"

const struct config_queue *config_find_queue(const struct config *config, const char *name)
{
    for (size_t i = 0; i < config->n_queues; i++)
        if (text_equal(config->queues[i].name, name))
            return &config->queues[i];
    return NULL;
}

const struct config_seller *config_find_seller(const struct config *config, const char *name)
{
    for (size_t i = 0; i < config->n_sellers; i++)
        if (text_equal(config->sellers[i].name, name))
            return &config->sellers[i];
    return NULL;
}

const struct config_webhook *config_find_webhook(const struct config *config, const char *name)
{
    for (size_t i = 0; i < config->n_webhooks; i++)
        if (text_equal(config->webhooks[i].name, name))
            return &config->webhooks[i];
    return NULL;
}

const struct config_value *config_find_value(const struct config *config, const char *section,
                                             const char *key)
{
    size_t low = 0, high = config->n_values;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct config_value *value = &config->values[middle];
        int order = strcmp(value->section, section);
        if (order == 0)
            order = strcmp(value->key, key);
        if (order == 0)
            return value;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

char *config_directory(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? memory_format("%.*s/conf.d", (int)(slash - path), path)
                 : memory_string("conf.d");
}
