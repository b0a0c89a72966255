/* SPDX-License-Identifier: MIT */
#include "announced.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"

#define SECTION "store"
#define RAN     "ran"
#define LIST    "announced"
#define ENTRY   " %" PRIu64 " %" PRIu64 " %" PRIu64
#define SCAN    " %" SCNu64 " %" SCNu64 " %" SCNu64 "%n"

/* ---- facts ---- */

static void parse(struct announced *a, const char *text, int64_t webhooks)
{
    char *at = NULL;
    struct announcement entry;
    int size;
    if (strtoll(text, &at, 10) != webhooks)
        return;
    while (a->count < ANNOUNCED_MAX &&
           sscanf(at, SCAN, &entry.ran_usec, &entry.dead_usec, &entry.held_usec, &size) == 3) {
        a->list[a->count++] = entry;
        at += size;
    }
}

int announced_load(struct announced *a, struct store *store, int64_t webhooks)
{
    AUTOFREE char *ran = NULL, *list = NULL;
    *a = (struct announced){.webhooks = webhooks, .boot_usec = a->boot_usec};
    int r = store_get_fact(store, SECTION, "", RAN, &ran);
    if (r == 0)
        r = store_get_fact(store, SECTION, "", LIST, &list);
    if (r)
        return r;
    if (ran && text_to_u64(ran, &a->ran_usec) < 0)
        a->ran_usec = 0;
    if (list)
        parse(a, list, webhooks);
    return 0;
}

static int write_list(const struct announced *a, struct store *store)
{
    AUTOTEXT struct text text = {0};
    text_appendf(&text, "%" PRId64, a->webhooks);
    for (size_t i = 0; i < a->count; i++)
        text_appendf(&text, ENTRY, a->list[i].ran_usec, a->list[i].dead_usec, a->list[i].held_usec);
    return store_set_fact(store, SECTION, "", LIST, text.data);
}

/* ---- looks ---- */

static void count_time(struct announced *a)
{
    uint64_t boot = clock_boot_usec(), passed = a->boot_usec ? boot - a->boot_usec : 0;
    a->ran_usec += passed < ANNOUNCED_LOOK_MAX_USEC ? passed : ANNOUNCED_LOOK_MAX_USEC;
    a->boot_usec = boot;
}

static bool is_ripe(const struct announced *a, const struct announcement *entry)
{
    return entry->ran_usec + ANNOUNCED_AHEAD_USEC <= a->ran_usec;
}

/* Keep only the newest of the announcements that are ripe. */
static void sweep(struct announced *a)
{
    while (a->count > 1 && is_ripe(a, &a->list[1]))
        memmove(a->list, a->list + 1, --a->count * sizeof(*a->list));
}

/* Whether enough has changed since the last announcement, because Dockbell ran for a long time or
 * was off. */
static bool is_due(const struct announced *a, const struct announcement *now)
{
    const struct announcement *last = a->count ? &a->list[a->count - 1] : NULL;
    return !last || last->ran_usec + ANNOUNCED_EVERY_USEC <= now->ran_usec ||
           last->dead_usec + ANNOUNCED_EVERY_USEC <= now->dead_usec ||
           last->held_usec + ANNOUNCED_EVERY_USEC <= now->held_usec;
}

int announced_look(struct announced *a, struct store *store, uint64_t dead_usec, uint64_t held_usec)
{
    count_time(a);
    AUTOFREE char *ran = memory_format("%" PRIu64, a->ran_usec);
    int r = store_set_fact(store, SECTION, "", RAN, ran);
    if (r)
        return r;
    struct announcement now = {a->ran_usec, dead_usec, held_usec};
    sweep(a);
    if (!is_due(a, &now) || a->count == ANNOUNCED_MAX)
        return 0;
    a->list[a->count++] = now;
    return write_list(a, store);
}

struct announcement announced_ripe(const struct announced *a)
{
    struct announcement ripe = {0};
    for (size_t i = 0; i < a->count && is_ripe(a, &a->list[i]); i++)
        ripe = a->list[i];
    return ripe;
}

uint64_t announced_wait(const struct announced *a, bool dead, uint64_t since_usec)
{
    for (size_t i = 0; i < a->count; i++) {
        const struct announcement *entry = &a->list[i];
        if (since_usec < (dead ? entry->dead_usec : entry->held_usec))
            return is_ripe(a, entry) ? 0 : entry->ran_usec + ANNOUNCED_AHEAD_USEC - a->ran_usec;
    }
    return ANNOUNCED_AHEAD_USEC;
}
