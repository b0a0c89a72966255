/* SPDX-License-Identifier: MIT */
#include "delays.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/boot_id.h"
#include "base/clock.h"
#include "base/text.h"
#include "inside.h"
#include "webhook/outcome.h"
#include "wire/retry_after.h"

/* The fact: boot id, CLOCK_BOOTTIME of the writing, this clock minus that, trusted time minus that,
 * and whether trusted time was learned. */
#define SECTION "store"
#define KEY     "delays"
#define FACT    "%s %" PRIu64 " %" PRId64 " %" PRId64 " %d"
#define SCAN    "%32s %" SCNu64 " %" SCNd64 " %" SCNd64 " %d"
#define NO_BOOT "unknown"

/* The longest wait that a receiver's Retry-After can cause. */
#define LONGEST_USEC RETRY_AFTER_MAX_USEC

struct fact {
    char boot[BOOT_ID_MAX];
    uint64_t boot_usec;
    int64_t base_usec, trusted_usec;
    int learned;
};

static int read_fact(struct store *store, struct fact *ret, bool *ret_found)
{
    AUTOFREE char *text = NULL;
    int r = store_get_fact(store, SECTION, "", KEY, &text);
    *ret_found = r == 0 && text &&
                 sscanf(text, SCAN, ret->boot, &ret->boot_usec, &ret->base_usec, &ret->trusted_usec,
                        &ret->learned) == 5;
    return r;
}

static void note_kept(struct delays *d, uint64_t boot_usec, int64_t trusted_usec, bool learned)
{
    d->kept = true;
    d->kept_boot_usec = boot_usec;
    d->kept_trusted_base_usec = trusted_usec;
    d->kept_learned = learned;
}

/* Continue in the same boot: both clocks go on without a break. */
static void go_on(struct delays *d, const struct fact *fact)
{
    d->base_usec = fact->base_usec;
    note_kept(d, fact->boot_usec, fact->trusted_usec, fact->learned);
    if (fact->learned && !clock_is_learned())
        clock_trust(fact->trusted_usec, true);
}

/* Continue in a later boot: the passed time is that of trusted time, but not less than 0. */
static void go_on_later(struct delays *d, const struct fact *fact)
{
    int64_t then = (int64_t)fact->boot_usec + fact->trusted_usec;
    int64_t passed = (int64_t)clock_trusted_usec() - then;
    int64_t stood = (int64_t)fact->boot_usec + fact->base_usec;
    d->base_usec = stood + (passed > 0 ? passed : 0) - (int64_t)clock_boot_usec();
}

int delays_load(struct store *store)
{
    struct delays *d = &store->delays;
    struct fact fact;
    char boot[BOOT_ID_MAX];
    bool found = false;
    if (d->known)
        return 0;
    int r = read_fact(store, &fact, &found);
    if (r)
        return r;
    boot_id_read(boot);
    *d = (struct delays){.known = true, .first = !found, .base_usec = clock_trusted_base_usec()};
    if (found && text_equal(boot, fact.boot))
        go_on(d, &fact);
    else if (found)
        go_on_later(d, &fact);
    return 0;
}

static int end_impossible_waits(struct store *store)
{
    uint64_t now = delays_from_time(store, clock_trusted_usec());
    CLEANUP(query_end) struct query q = query_start(store, SQL_END_WAITS);
    query_number(&q, (int64_t)now);
    query_number(&q, (int64_t)(now + LONGEST_USEC));
    return query_run(&q);
}

static int write_fact(struct store *store)
{
    struct delays *d = &store->delays;
    char boot[BOOT_ID_MAX];
    note_kept(d, clock_boot_usec(), clock_trusted_base_usec(), clock_is_learned());
    d->written = true;
    boot_id_read(boot);
    AUTOFREE char *text = memory_format(FACT, boot[0] ? boot : NO_BOOT, d->kept_boot_usec,
                                        d->base_usec, d->kept_trusted_base_usec, d->kept_learned);
    return store_set_fact(store, SECTION, "", KEY, text);
}

static bool is_old(const struct delays *d)
{
    return !d->kept || d->kept_learned != clock_is_learned() ||
           d->kept_trusted_base_usec != clock_trusted_base_usec() ||
           clock_boot_usec() - d->kept_boot_usec >= DELAYS_KEEP_USEC;
}

/* A command writes it only to carry the clock on into this boot, before the daemon does. */
int delays_write(struct store *store)
{
    struct delays *d = &store->delays;
    bool daemon = store->mode == STORE_DAEMON;
    if (daemon ? !is_old(d) : d->kept || d->first)
        return 0;
    int r = d->first ? end_impossible_waits(store) : 0;
    return r ? r : write_fact(store);
}

void delays_ended(struct store *store, bool committed)
{
    struct delays *d = &store->delays;
    d->kept = d->kept && (committed || !d->written);
    d->first = d->first && !(committed && d->written);
    d->written = false;
}

/* Return how far this clock is ahead of trusted time. */
static int64_t ahead_usec(const struct store *store)
{
    return store->delays.known ? store->delays.base_usec - clock_trusted_base_usec() : 0;
}

uint64_t store_delay_usec(const struct store *store)
{
    return delays_from_time(store, clock_trusted_usec());
}

uint64_t delays_from_time(const struct store *store, uint64_t usec)
{
    return usec ? usec + (uint64_t)ahead_usec(store) : 0;
}

uint64_t delays_to_time(const struct store *store, uint64_t delay_usec)
{
    return delay_usec ? delay_usec - (uint64_t)ahead_usec(store) : 0;
}
