/* SPDX-License-Identifier: MIT */
#include "retention.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/memory.h"
#include "base/text.h"
#include "journal/events.h"
#include "store/retention.h"

/* The deliveries of a webhook that are removed within three days. */
struct retention_near {
    struct store_aside dead, held; /* as this step has found them */
    char *queue;                   /* of the oldest, if no webhook is configured for it */
    uint64_t count;                /* as the last committed step has found them */
    uint64_t reported;             /* the count at the last report; 0: not reported */
};

void retention_init(struct retention *t, const struct janitor_options *options)
{
    *t = (struct retention){.o = options};
    t->near = memory_new((options->n_webhooks + 1) * sizeof(*t->near));
}

void retention_clear(struct retention *t)
{
    for (size_t i = 0; i <= t->o->n_webhooks; i++)
        free(t->near[i].queue);
    free(t->near);
    ended_clear(&t->ended);
}

bool retention_is_far(const struct retention *t, const char *webhook)
{
    for (size_t i = 0; i <= t->o->n_webhooks; i++)
        if (text_equal(i < t->o->n_webhooks ? t->o->webhooks[i].name : NULL, webhook))
            return t->known && !t->near[i].count;
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

static const struct store_aside *oldest_of(const struct retention_near *near)
{
    bool is_dead =
        near->dead.count && (!near->held.count || near->dead.since_usec <= near->held.since_usec);
    return is_dead ? &near->dead : &near->held;
}

/* Find the deliveries of a webhook that are removed soon. */
static int find_near(struct retention *t, size_t i, uint64_t dead_before, uint64_t held_before)
{
    struct retention_near *near = &t->near[i];
    bool configured = i < t->o->n_webhooks;
    int64_t id = configured ? t->o->webhooks[i].id : 0;
    int r = store_find_aside(t->o->store, id, DELIVERY_DEAD, dead_before, &near->dead);
    if (r == 0)
        r = store_find_aside(t->o->store, id, DELIVERY_HELD, held_before, &near->held);
    free(TAKE(near->queue));
    if (r || configured || near->dead.count + near->held.count == 0)
        return r;
    return store_queue_of(t->o->store, oldest_of(near)->notification, &near->queue);
}

static int find_all_near(struct retention *t, uint64_t now_usec)
{
    uint64_t then = now_usec + ANNOUNCED_AHEAD_USEC;
    uint64_t dead = due_before(t, true, then), held = due_before(t, false, then);
    int r = announced_look(&t->announced, t->o->store, dead, held);
    for (size_t i = 0; r == 0 && i <= t->o->n_webhooks; i++)
        r = find_near(t, i, dead, held);
    return r;
}

static void report_near(const struct retention *t, size_t i, uint64_t now_usec)
{
    const struct retention_near *near = &t->near[i];
    const struct store_aside *oldest = oldest_of(near);
    bool is_dead = oldest == &near->dead;
    event_removal_near(&(struct event_removal){
        .webhook = i < t->o->n_webhooks ? t->o->webhooks[i].name : NULL,
        .queue = near->queue,
        .dead = near->dead.count,
        .held = near->held.count,
        .oldest = oldest->delivery,
        .oldest_is_dead = is_dead,
        .since_usec = oldest->since_usec,
        .when_usec = end_of(t, is_dead, oldest->since_usec, now_usec),
    });
}

/* The removals are announced in the store. Report those of a webhook once, and again when there are
 * more than twice as many. */
static void judge(struct retention *t, size_t i, uint64_t now_usec)
{
    struct retention_near *near = &t->near[i];
    near->count = near->dead.count + near->held.count;
    if (!near->count && near->reported)
        event_removal_over(i < t->o->n_webhooks ? t->o->webhooks[i].name : NULL);
    if (near->count > 2 * near->reported)
        report_near(t, i, now_usec);
    else if (near->count)
        return;
    near->reported = near->count;
}

/* ---- the end ---- */

static void note_removed(struct retention *t, const struct removed *removed, enum ending ending)
{
    struct event_subject subject = {
        .webhook = removed->webhook,
        .seller = removed->seller,
        .notification_id = removed->id,
        .order_id = removed->order_id,
    };
    ended_add(&t->ended, ending, &subject, removed->delivery);
}

static void on_dead(const struct removed *removed, void *userdata)
{
    note_removed(userdata, removed, ENDED_DEAD_REMOVED);
}

static void on_held(const struct removed *removed, void *userdata)
{
    note_removed(userdata, removed, ENDED_HELD_REMOVED);
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
                               t, &dead);
    if (r == 0)
        r = store_remove_aside(t->o->store, DELIVERY_HELD, held_before, JANITOR_STEP_ROWS, on_held,
                               t, &held);
    *ret_more = dead == JANITOR_STEP_ROWS || held == JANITOR_STEP_ROWS;
    return r;
}

static int step(struct retention *t, uint64_t now_usec, bool *ret_more)
{
    int r = load(t, now_usec);
    if (r == 0)
        r = remove_due(t, now_usec, ret_more);
    return r || *ret_more ? r : find_all_near(t, now_usec);
}

static void on_committed(struct retention *t, uint64_t now_usec, bool more)
{
    ended_report(&t->ended);
    for (size_t i = 0; !more && i <= t->o->n_webhooks; i++)
        judge(t, i, now_usec);
    t->known = t->known || !more;
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
    if (r == 0) {
        on_committed(t, now_usec, more);
        return more;
    }
    ended_drop(&t->ended);
    t->loaded = false; /* the notes are not in the store */
    return r == STORE_BUSY;
}
