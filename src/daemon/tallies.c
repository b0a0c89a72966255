/* SPDX-License-Identifier: MIT */
#include "tallies.h"

#include "base/memory.h"
#include "base/text.h"

struct named_tally {
    char *name;
    struct named_tally *next;
    union {
        struct queue_tally queue;
        struct seller_tally seller;
        struct webhook_tally webhook;
    };
};

static struct named_tally *find(struct named_tally *list, const char *name)
{
    while (list && !text_equal(list->name, name))
        list = list->next;
    return list;
}

static struct named_tally *add(struct named_tally **list, const char *name)
{
    struct named_tally *tally = NEW(struct named_tally);
    tally->name = memory_string(name);
    tally->next = *list;
    *list = tally;
    return tally;
}

struct queue_tally *tallies_queue(struct tallies *tallies, const char *name)
{
    struct named_tally *tally = find(tallies->queues, name);
    if (tally)
        return &tally->queue;
    tally = add(&tallies->queues, name);
    queue_tally_init(&tally->queue);
    return &tally->queue;
}

struct seller_tally *tallies_seller(struct tallies *tallies, const char *name)
{
    struct named_tally *tally = find(tallies->sellers, name);
    return tally ? &tally->seller : &add(&tallies->sellers, name)->seller;
}

struct webhook_tally *tallies_webhook(struct tallies *tallies, const char *name)
{
    struct named_tally *tally = find(tallies->webhooks, name);
    if (tally)
        return &tally->webhook;
    tally = add(&tallies->webhooks, name);
    webhook_tally_init(&tally->webhook);
    return &tally->webhook;
}

/* ---- the end ---- */

static bool has_queue(const struct config *config, const char *name)
{
    return config_find_queue(config, name);
}

static bool has_seller(const struct config *config, const char *name)
{
    return config_find_seller(config, name);
}

static bool has_webhook(const struct config *config, const char *name)
{
    return config_find_webhook(config, name);
}

static void drop(struct named_tally **list, const struct config *config,
                 bool (*has)(const struct config *config, const char *name))
{
    while (*list) {
        struct named_tally *tally = *list;
        if (has && has(config, tally->name)) {
            list = &tally->next;
            continue;
        }
        *list = tally->next;
        free(tally->name);
        free(tally);
    }
}

void tallies_keep(struct tallies *tallies, const struct config *config)
{
    drop(&tallies->queues, config, has_queue);
    drop(&tallies->sellers, config, has_seller);
    drop(&tallies->webhooks, config, has_webhook);
}

void tallies_clear(struct tallies *tallies)
{
    drop(&tallies->queues, NULL, NULL);
    drop(&tallies->sellers, NULL, NULL);
    drop(&tallies->webhooks, NULL, NULL);
}
