/* SPDX-License-Identifier: MIT */
#include "receive/filter_watch.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "journal/events.h"

/* The fact: fingerprint, running time since the first blocked notification, their number, trusted
 * time of the first one. */
#define FACT "%016" PRIx64 " %" PRIu64 " %" PRIu64 " %" PRIu64
#define SCAN "%16" SCNx64 " %" SCNu64 " %" SCNu64 " %" SCNu64

/* The notifications that were blocked since the last one that passed. */
struct blocked {
    uint64_t count;      /* 0: none */
    uint64_t since_usec; /* trusted time of the first */
    uint64_t begun_usec; /* the boot clock then, plus the time in which Dockbell did not run */
};

struct filter {
    struct filter_watch *watch;
    char *webhook, *keys;
    uint64_t fingerprint, limit_usec;
    uint64_t *count;
    struct blocked blocked;
    bool told, dirty;
};

struct filter_watch {
    struct filter **filters;
    size_t n_filters;
    bool followed;
    uint64_t noted_boot_usec; /* 0: not yet, or the notes are to be written at once */
};

/* ---- passed and blocked notifications ---- */

static uint64_t blocked_usec(const struct filter *f)
{
    return f->blocked.count ? clock_boot_usec() - f->blocked.begun_usec : 0;
}

static bool is_over_limit(const struct filter *f)
{
    return f->limit_usec && f->blocked.count && blocked_usec(f) >= f->limit_usec;
}

void filter_passed(struct filter *f)
{
    if (!f->blocked.count)
        return;
    if (f->told && !f->watch->followed) {
        event_filter_passes(f->webhook, f->blocked.count, blocked_usec(f));
        filter_watch_hurry_facts(f->watch);
    }
    f->told = false;
    f->blocked = (struct blocked){0};
    f->dirty = true;
}

void filter_blocked(struct filter *f)
{
    struct blocked *b = &f->blocked;
    if (!b->count)
        *b = (struct blocked){.since_usec = clock_trusted_usec(), .begun_usec = clock_boot_usec()};
    b->count++;
    (*f->count)++;
    f->dirty = true;
    if (f->told || f->watch->followed || !is_over_limit(f))
        return;
    f->told = true;
    filter_watch_hurry_facts(f->watch);
    event_filter_blocks(f->webhook, f->keys, b->count, blocked_usec(f), b->since_usec);
}

/* Whether the filter still blocks. A limit that was raised or removed ends the alarm. */
bool filter_watch_blocks(struct filter_watch *watch, const char *webhook)
{
    for (size_t i = 0; i < watch->n_filters; i++) {
        struct filter *f = watch->filters[i];
        if (text_equal(f->webhook, webhook))
            return f->told = f->told && is_over_limit(f);
    }
    return false;
}

/* ---- from one run to the next ---- */

static int write_note(struct filter *f, struct store *store)
{
    AUTOFREE char *text = NULL;
    if (f->blocked.count)
        text = memory_format(FACT, f->fingerprint, blocked_usec(f), f->blocked.count,
                             f->blocked.since_usec);
    int r = store_set_fact(store, "webhook", f->webhook, FILTER_FACT, text);
    f->dirty = r != 0;
    return r;
}

int filter_watch_write_facts(struct filter_watch *watch, struct store *store)
{
    uint64_t boot = clock_boot_usec();
    int r = 0;
    if (watch->followed ||
        (watch->noted_boot_usec && boot - watch->noted_boot_usec < FILTER_FACTS_USEC))
        return 0;
    watch->noted_boot_usec = boot;
    for (size_t i = 0; i < watch->n_filters && !r; i++)
        if (watch->filters[i]->dirty)
            r = write_note(watch->filters[i], store);
    return r;
}

void filter_watch_hurry_facts(struct filter_watch *watch)
{
    watch->noted_boot_usec = 0;
}

static void recall(struct filter *f, const char *noted)
{
    uint64_t fingerprint, ran_usec;
    struct blocked b = {0};
    if (!noted || sscanf(noted, SCAN, &fingerprint, &ran_usec, &b.count, &b.since_usec) != 4)
        return;
    f->dirty = fingerprint != f->fingerprint;
    if (f->dirty)
        return;
    b.begun_usec = clock_boot_usec() - ran_usec;
    f->blocked = b;
}

/* ---- life ---- */

struct filter_watch *filter_watch_new(void)
{
    return NEW(struct filter_watch);
}

void filter_watch_free(struct filter_watch *watch)
{
    if (!watch)
        return;
    for (size_t i = 0; i < watch->n_filters; i++) {
        free(watch->filters[i]->webhook);
        free(watch->filters[i]->keys);
        free(watch->filters[i]);
    }
    free(watch->filters);
    free(watch);
}

struct filter *filter_add(struct filter_watch *watch, const struct filter_options *options)
{
    struct filter *f = NEW(struct filter);
    *f = (struct filter){
        .watch = watch,
        .webhook = memory_string(options->webhook),
        .keys = memory_string(options->keys),
        .fingerprint = options->fingerprint,
        .limit_usec = options->limit_usec,
        .count = options->count,
    };
    recall(f, options->noted);
    f->told = options->told && f->blocked.count;
    watch->filters = memory_resize(watch->filters, watch->n_filters + 1, sizeof(*watch->filters));
    return watch->filters[watch->n_filters++] = f;
}

static const struct filter *find_same(const struct filter_watch *watch, const struct filter *f)
{
    for (size_t i = 0; i < watch->n_filters; i++)
        if (text_equal(watch->filters[i]->webhook, f->webhook) &&
            watch->filters[i]->fingerprint == f->fingerprint)
            return watch->filters[i];
    return NULL;
}

void filter_watch_follow(struct filter_watch *watch, struct filter_watch *older)
{
    older->followed = true;
    for (size_t i = 0; i < watch->n_filters; i++) {
        struct filter *f = watch->filters[i];
        const struct filter *before = find_same(older, f);
        if (!before)
            continue;
        f->blocked = before->blocked;
        f->told = before->told;
        f->dirty = before->dirty;
    }
}
