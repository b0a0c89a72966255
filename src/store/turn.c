/* SPDX-License-Identifier: MIT */
#include "store/turn.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/trace.h"
#include "store/place.h"

/* After STORE_BUSY, if nothing else wakes the loop: the busy timeout has waited already. */
#define TURN_BUSY_PAUSE_USEC 10000
/* How late the loop may be with our timer; the default is a quarter of a second. */
#define TURN_ACCURACY_USEC 500

/* From a fast disk to a disk that needs attention. */
static const uint64_t duration_bounds_usec[] = {
    250,
    500,
    1 * USEC_PER_MSEC,
    2500,
    5 * USEC_PER_MSEC,
    10 * USEC_PER_MSEC,
    25 * USEC_PER_MSEC,
    50 * USEC_PER_MSEC,
    100 * USEC_PER_MSEC,
    250 * USEC_PER_MSEC,
    1 * USEC_PER_SEC,
    5 * USEC_PER_SEC,
};

struct turn {
    sd_event *event;
    struct store *store;
    struct turn_hooks hooks;
    sd_event_source *post;  /* at the end of every turn of the loop */
    sd_event_source *timer; /* for settles that have waited, or a pause that is over */
    sd_event_source *defer; /* causes a turn of the loop if none would come */

    struct accept *accepts, **last_accept;
    struct settle *settles;
    size_t n_accepts, n_settles, room;
    bool gather; /* there is no hurry */
    bool wanted; /* a commit at the end of this turn */
    bool timer_is_set;
    uint64_t busy_usec;  /* the first STORE_BUSY in a row; 0: the last transaction was not busy */
    uint64_t pause_usec; /* no transaction before this (CLOCK_BOOTTIME) */
    uint64_t group_usec; /* when the oldest waiting one has waited long enough */
    uint64_t progress_usec;
    bool inside; /* in a commit or its callbacks */
    bool lost;   /* STORE_LOST was reported */
    struct turn_tally tally;
};

static void set_timer(struct turn *turn, uint64_t at_usec)
{
    uint64_t now = clock_boot_usec();
    if (turn->timer_is_set)
        return;
    sd_event_source_set_time_relative(turn->timer, at_usec > now ? at_usec - now : 0);
    sd_event_source_set_enabled(turn->timer, SD_EVENT_ONESHOT);
    turn->timer_is_set = true;
}

static bool anything_waits(const struct turn *turn)
{
    return turn->n_settles || turn->n_accepts;
}

/* The first of a group has just come: set the time of the group's commit. */
static void start_waiting(struct turn *turn)
{
    turn->group_usec = clock_boot_usec() + TURN_SETTLE_DELAY_USEC;
    set_timer(turn, turn->group_usec);
}

/* Make sure that a turn of the loop comes. The post source follows every turn, but needs a push
 * outside of one, and inside of its own. */
static void see_to_a_turn(struct turn *turn)
{
    if (turn->inside || sd_event_get_state(turn->event) != SD_EVENT_RUNNING)
        sd_event_source_set_enabled(turn->defer, SD_EVENT_ONESHOT);
}

static bool group_is_full(const struct turn *turn)
{
    if (turn->gather)
        return turn->n_settles + turn->n_accepts >= TURN_GATHER_GROUP;
    return turn->n_settles >= TURN_SETTLE_GROUP;
}

void turn_accept(struct turn *turn, struct accept *accept)
{
    if (turn->gather && !anything_waits(turn))
        start_waiting(turn);
    accept->next = NULL;
    *turn->last_accept = accept;
    turn->last_accept = &accept->next;
    turn->n_accepts++;
    if (!turn->gather || group_is_full(turn))
        turn_request(turn);
}

void turn_settle(struct turn *turn, struct settle *settle)
{
    if (turn->n_settles == turn->room) {
        turn->room = turn->room ? turn->room * 2 : TURN_SETTLE_GROUP;
        turn->settles = memory_resize(turn->settles, turn->room, sizeof(*turn->settles));
    }
    if (!anything_waits(turn))
        start_waiting(turn);
    turn->settles[turn->n_settles++] = *settle;
    settle->answer = NULL;
    if (group_is_full(turn))
        turn_request(turn);
}

void turn_gather(struct turn *turn, bool gather)
{
    turn->gather = gather;
}

void turn_request(struct turn *turn)
{
    turn->wanted = true;
    see_to_a_turn(turn);
}

const struct turn_tally *turn_tally(const struct turn *turn)
{
    return &turn->tally;
}

uint64_t turn_delay_usec(const struct turn *turn)
{
    return store_delay_usec(turn->store);
}

size_t turn_unsettled(const struct turn *turn)
{
    return turn->n_settles;
}

uint64_t turn_progress_usec(const struct turn *turn)
{
    return turn->progress_usec;
}

/* The work of one transaction. Hooks and callbacks may queue more meanwhile. */
struct batch {
    struct accept *accepts, **last_accept;
    size_t n_accepts, n_settles;
    bool last; /* of turn_flush: nothing is claimed, and no facts are written */
};

static struct batch take_batch(struct turn *turn, bool last)
{
    struct batch batch = {turn->accepts, turn->last_accept, turn->n_accepts, turn->n_settles, last};
    turn->accepts = NULL;
    turn->n_accepts = 0;
    turn->last_accept = &turn->accepts;
    return batch;
}

static void put_back(struct turn *turn, const struct batch *batch)
{
    if (!batch->accepts)
        return;
    *batch->last_accept = turn->accepts;
    if (!turn->accepts)
        turn->last_accept = batch->last_accept;
    turn->accepts = batch->accepts;
    turn->n_accepts += batch->n_accepts;
}

static int write_batch(struct turn *turn, const struct batch *batch)
{
    uint64_t now = clock_trusted_usec();
    int r = 0;
    for (size_t i = 0; r == 0 && i < batch->n_settles; i++)
        r = store_settle(turn->store, &turn->settles[i], now);
    for (struct accept *a = batch->accepts; r == 0 && a; a = a->next)
        r = store_accept(turn->store, a, now);
    if (r == 0 && turn->hooks.decide)
        r = turn->hooks.decide(turn->store, turn->hooks.userdata);
    if (batch->last)
        return r;
    if (r == 0 && turn->hooks.claim)
        r = turn->hooks.claim(turn->store, turn->hooks.userdata);
    if (r == 0 && turn->hooks.write_facts)
        r = turn->hooks.write_facts(turn->store, turn->hooks.userdata);
    return r;
}

/* Look whether the store is still in place: a commit into a file that has lost its place counts for
 * nothing. Once that is known, outcomes are written all the same, because store_save takes them
 * along. */
static int look(struct turn *turn)
{
    if (turn->lost)
        return 0;
    int r = store_look(turn->store);
    turn->lost = r != 0;
    return r;
}

/* Run one transaction. If this returns nonzero, it is rolled back or lost. */
static int transact(struct turn *turn, const struct batch *batch, bool *ret_elsewhere)
{
    int r = store_begin(turn->store);
    if (r)
        return r;
    *ret_elsewhere = store_changed_elsewhere(turn->store);
    r = write_batch(turn, batch);
    if (r) {
        store_rollback(turn->store);
        return r;
    }
    r = store_commit(turn->store);
    return r ? r : look(turn);
}

static void tell_accepts(struct accept *accept, int result)
{
    while (accept) {
        struct accept *next = accept->next;
        accept->done(accept, result);
        accept = next;
    }
}

static void drop_settles(struct turn *turn, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(turn->settles[i].answer);
    turn->n_settles -= count;
    if (turn->n_settles)
        memmove(turn->settles, turn->settles + count, turn->n_settles * sizeof(*turn->settles));
}

static void pause_until(struct turn *turn, uint64_t at_usec)
{
    turn->pause_usec = at_usec;
    turn->wanted = true;
    turn->timer_is_set = false;
    set_timer(turn, at_usec);
}

static void fail(struct turn *turn, const struct batch *batch, int result)
{
    if (result == STORE_BUSY) {
        put_back(turn, batch);
        if (!turn->busy_usec)
            turn->busy_usec = turn->progress_usec;
        if (turn->hooks.busy)
            turn->hooks.busy(turn->progress_usec - turn->busy_usec, turn->hooks.userdata);
        pause_until(turn, turn->progress_usec + TURN_BUSY_PAUSE_USEC);
        return;
    }
    if (result != STORE_LOST)
        pause_until(turn, turn->progress_usec + TURN_FULL_PAUSE_USEC);
    AUTOFREE char *why = memory_string(store_why(turn->store));
    tell_accepts(batch->accepts, result);
    if (turn->hooks.failed)
        turn->hooks.failed(result, why, turn->hooks.userdata);
}

/* Make a checkpoint. The commit is on disk, whatever the result is; a full disk will show in the
 * next commit. */
static void checkpoint(struct turn *turn)
{
    int r = store_checkpoint(turn->store);
    if (r && r != STORE_BUSY && r != STORE_FULL && r != STORE_LOST && turn->hooks.failed)
        turn->hooks.failed(r, store_why(turn->store), turn->hooks.userdata);
}

static void succeed(struct turn *turn, const struct batch *batch, bool elsewhere)
{
    turn->pause_usec = turn->busy_usec = 0;
    drop_settles(turn, batch->n_settles);
    if (anything_waits(turn))
        start_waiting(turn);
    tell_accepts(batch->accepts, 0);
    if (turn->hooks.committed)
        turn->hooks.committed(elsewhere, turn->hooks.userdata);
    checkpoint(turn);
}

static void tally(struct turn *turn, const struct batch *batch, int result, uint64_t took_usec)
{
    struct turn_tally *t = &turn->tally;
    if (result == 0) {
        t->committed++;
        t->settles += batch->n_settles;
        t->accepts += batch->n_accepts;
        histogram_add(&t->duration, took_usec);
        return;
    }
    t->busy += result == STORE_BUSY;
    t->full += result == STORE_FULL;
    t->failed += result != STORE_BUSY && result != STORE_FULL;
}

static int commit(struct turn *turn, bool last)
{
    bool elsewhere = false;
    uint64_t begun = clock_boot_usec();
    struct batch batch = take_batch(turn, last);
    turn->inside = true;
    turn->wanted = false;
    int r = transact(turn, &batch, &elsewhere);
    turn->progress_usec = clock_boot_usec();
    TRACE("turn: %zu accepted, %zu settled, result %d, %llu usec", batch.n_accepts, batch.n_settles,
          r, (unsigned long long)(turn->progress_usec - begun));
    tally(turn, &batch, r, turn->progress_usec - begun);
    if (r)
        fail(turn, &batch, r);
    else
        succeed(turn, &batch, elsewhere);
    turn->inside = false;
    return r;
}

static bool is_time(const struct turn *turn, uint64_t now)
{
    return turn->wanted || (anything_waits(turn) && now >= turn->group_usec);
}

static int on_post(sd_event_source *source, void *userdata)
{
    struct turn *turn = userdata;
    uint64_t now = clock_boot_usec();
    (void)source;
    if (now >= turn->pause_usec && is_time(turn, now))
        commit(turn, false);
    else if (!turn->wanted)
        turn->progress_usec = now;
    return 0;
}

/* The post source follows and does the work that is due. For work that is not due yet, set the
 * timer again. */
static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
    struct turn *turn = userdata;
    uint64_t now = clock_boot_usec();
    (void)source;
    (void)usec;
    turn->timer_is_set = false;
    if (now < turn->pause_usec)
        set_timer(turn, turn->pause_usec);
    else if (anything_waits(turn) && now < turn->group_usec)
        set_timer(turn, turn->group_usec);
    return 0;
}

static int on_defer(sd_event_source *source, void *userdata)
{
    (void)source;
    (void)userdata;
    return 0;
}

static int add_sources(struct turn *turn)
{
    int r = sd_event_add_post(turn->event, &turn->post, on_post, turn);
    if (r >= 0)
        r = sd_event_add_time_relative(turn->event, &turn->timer, CLOCK_BOOTTIME, 0,
                                       TURN_ACCURACY_USEC, on_timer, turn);
    if (r >= 0)
        r = sd_event_source_set_enabled(turn->timer, SD_EVENT_OFF);
    if (r >= 0)
        r = sd_event_add_defer(turn->event, &turn->defer, on_defer, turn);
    if (r >= 0)
        r = sd_event_source_set_enabled(turn->defer, SD_EVENT_OFF);
    if (r < 0)
        return r;
    /* The post source comes first: among equals, a defer source that is enabled again and again
     * would always be dispatched before it, as it keeps the age of its first enabling. */
    sd_event_source_set_priority(turn->post, SD_EVENT_PRIORITY_NORMAL - 1);
    sd_event_source_set_description(turn->post, "turn-commit");
    sd_event_source_set_description(turn->timer, "turn-timer");
    sd_event_source_set_description(turn->defer, "turn-request");
    return 0;
}

int turn_new(struct turn **ret, sd_event *event, struct store *store,
             const struct turn_hooks *hooks)
{
    struct turn *turn = NEW(struct turn);
    turn->event = sd_event_ref(event);
    turn->store = store;
    turn->hooks = *hooks;
    turn->last_accept = &turn->accepts;
    histogram_init(&turn->tally.duration, duration_bounds_usec, ELEMENTS(duration_bounds_usec));
    turn->progress_usec = clock_boot_usec();
    int r = add_sources(turn);
    if (r < 0) {
        turn_free(turn);
        return r;
    }
    *ret = turn;
    return 0;
}

void turn_free(struct turn *turn)
{
    if (!turn)
        return;
    sd_event_source_disable_unref(turn->post);
    sd_event_source_disable_unref(turn->timer);
    sd_event_source_disable_unref(turn->defer);
    tell_accepts(turn->accepts, -ECANCELED);
    drop_settles(turn, turn->n_settles);
    free(turn->settles);
    sd_event_unref(turn->event);
    free(turn);
}

int turn_flush(struct turn *turn)
{
    return turn->wanted || anything_waits(turn) ? commit(turn, true) : 0;
}
