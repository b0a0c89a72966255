/* SPDX-License-Identifier: MIT */
#include "retention.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/memory.h"
#include "base/text.h"
#include "journal/events.h"
#include "store/retention.h"

void retention_init(struct retention *t, const struct janitor_options *options)
{
    *t = (struct retention){.o = options};
    t->near_count = memory_new((options->n_webhooks + 1) * sizeof(*t->near_count));
    t->reported = memory_new((options->n_webhooks + 1) * sizeof(*t->reported));
}

void retention_clear(struct retention *t)
{
    free(t->near_count);
    free(t->reported);
}

bool retention_is_far(const struct retention *t, const char *webhook)
{
    for (size_t i = 0; i <= t->o->n_webhooks; i++)
        if (text_equal(i < t->o->n_webhooks ? t->o->webhooks[i].name : NULL, webhook))
            return t->known && !t->near_count[i];
    return false;
}

/* ---- the periods ---- */

static int64_t hash_of_webhooks(const struct retention *t)
{
    size_t count = t->o->n_webhooks;
    AUTOFREE const char **names = memory_new((count + 1) * sizeof(*names));
    for (size_t i = 0; i < count; i++)
        names[i] = t->o->webhooks[i].name;
    return digest_key64(names, count);
}

/* Load the first trusted time after an upgrade, or of a new store. */
static int load_since(struct retention *t, uint64_t now_usec)
{
    AUTOFREE char *known = NULL, *now = memory_format("%" PRIu64, now_usec);
    int r = store_get_fact(t->o->store, "store", "", "keep_since", &known);
    if (r)
        return r;
    if (known && text_to_u64(known, &t->since_usec) == 0)
        return 0;
    t->since_usec = now_usec;
    return store_set_fact(t->o->store, "store", "", "keep_since", now);
}

static int load(struct retention *t, uint64_t now_usec)
{
    if (t->loaded)
        return 0;
    int r = load_since(t, now_usec);
    if (r == 0)
        r = announced_load(&t->announced, t->o->store, hash_of_webhooks(t));
    t->loaded = r == 0;
    return r;
}

/* Return the period. No period is shorter than the days between the alarm and the end. */
static uint64_t keep_of(const struct retention *t, bool dead)
{
    uint64_t keep = dead ? t->o->keep_dead_usec : t->o->keep_held_usec;
    return keep && keep < ANNOUNCED_AHEAD_USEC ? ANNOUNCED_AHEAD_USEC : keep;
}

/* Return the time before which dead or held deliveries have become due at `then_usec`; 0: none are
 * due. */
static uint64_t due_before(const struct retention *t, bool dead, uint64_t then_usec)
{
    uint64_t keep = keep_of(t, dead);
    if (!keep || then_usec <= keep || t->since_usec >= then_usec - keep)
        return 0;
    return then_usec - keep;
}

/* ---- the alarm ---- */

/* Return the earliest time at which a delivery is removed. */
static uint64_t end_of(const struct retention *t, bool dead, uint64_t since_usec, uint64_t now_usec)
{
    uint64_t from = since_usec > t->since_usec ? since_usec : t->since_usec;
    uint64_t end = from + keep_of(t, dead);
    uint64_t announced = now_usec + announced_wait(&t->announced, dead, since_usec);
    return end > announced ? end : announced;
}

static int report(const struct retention *t, const char *webhook, const struct store_aside *dead,
                  const struct store_aside *held, uint64_t now_usec)
{
    bool is_dead = dead->count && (!held->count || dead->since_usec <= held->since_usec);
    const struct store_aside *oldest = is_dead ? dead : held;
    AUTOFREE char *queue = NULL;
    int r = webhook ? 0 : store_queue_of(t->o->store, oldest->notification, &queue);
    struct event_removal removal = {
        .webhook = webhook,
        .queue = queue,
        .dead = dead->count,
        .held = held->count,
        .oldest = oldest->delivery,
        .oldest_is_dead = is_dead,
        .since_usec = oldest->since_usec,
        .when_usec = end_of(t, is_dead, oldest->since_usec, now_usec),
    };
    if (r == 0)
        event_removal_near(&removal);
    return r;
}

/* Report the removals of a webhook once, and again when there are more than twice as many. */
static int judge(struct retention *t, size_t i, uint64_t dead_before, uint64_t held_before,
                 uint64_t now_usec)
{
    bool configured = i < t->o->n_webhooks;
    const char *name = configured ? t->o->webhooks[i].name : NULL;
    int64_t id = configured ? t->o->webhooks[i].id : 0;
    struct store_aside dead, held;
    int r = store_find_aside(t->o->store, id, DELIVERY_DEAD, dead_before, &dead);
    if (r == 0)
        r = store_find_aside(t->o->store, id, DELIVERY_HELD, held_before, &held);
    if (r)
        return r;
    uint64_t count = t->near_count[i] = dead.count + held.count;
    if (!count && t->reported[i])
        event_removal_over(name);
    if (count > 2 * t->reported[i])
        r = report(t, name, &dead, &held, now_usec);
    if (!count || count > 2 * t->reported[i])
        t->reported[i] = count;
    return r;
}

static int judge_all(struct retention *t, uint64_t now_usec)
{
    uint64_t then = now_usec + ANNOUNCED_AHEAD_USEC;
    uint64_t dead = due_before(t, true, then), held = due_before(t, false, then);
    int r = announced_look(&t->announced, t->o->store, dead, held);
    for (size_t i = 0; r == 0 && i <= t->o->n_webhooks; i++)
        r = judge(t, i, dead, held, now_usec);
    t->known = t->known || r == 0;
    return r;
}

/* ---- the end ---- */

static void tell_removed(const struct removed *removed, bool dead)
{
    struct event_subject subject = {
        .webhook = removed->webhook,
        .seller = removed->seller,
        .notification_id = removed->id,
        .order_id = removed->order_id,
    };
    event_delivery_removed(&subject, removed->delivery, dead);
}

static void on_dead(const struct removed *removed, void *userdata)
{
    (void)userdata;
    tell_removed(removed, true);
}

static void on_held(const struct removed *removed, void *userdata)
{
    (void)userdata;
    tell_removed(removed, false);
}

static uint64_t lower(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static int remove_due(struct retention *t, uint64_t now_usec, bool *ret_more)
{
    size_t dead = 0, held = 0;
    struct announcement ripe = announced_ripe(&t->announced);
    uint64_t dead_before = lower(due_before(t, true, now_usec), ripe.dead_usec);
    uint64_t held_before = lower(due_before(t, false, now_usec), ripe.held_usec);
    int r = store_remove_aside(t->o->store, DELIVERY_DEAD, dead_before, JANITOR_STEP_ROWS, on_dead,
                               NULL, &dead);
    if (r == 0)
        r = store_remove_aside(t->o->store, DELIVERY_HELD, held_before, JANITOR_STEP_ROWS, on_held,
                               NULL, &held);
    *ret_more = dead == JANITOR_STEP_ROWS || held == JANITOR_STEP_ROWS;
    return r;
}

static int step(struct retention *t, uint64_t now_usec, bool *ret_more)
{
    int r = load(t, now_usec);
    if (r == 0)
        r = remove_due(t, now_usec, ret_more);
    return r || *ret_more ? r : judge_all(t, now_usec);
}

bool retention_work(struct retention *t, uint64_t now_usec)
{
    bool more = false;
    int r = store_begin(t->o->store);
    if (r == 0) {
        r = step(t, now_usec, &more);
        if (r)
            store_rollback(t->o->store);
        else
            r = store_commit(t->o->store);
    }
    if (r)
        t->loaded = false; /* the notes are not in the store */
    return r == STORE_BUSY || (r == 0 && more);
}
