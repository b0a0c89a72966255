/* SPDX-License-Identifier: MIT */
#include "upkeep/janitor.h"

#include "base/clock.h"
#include "base/disk.h"
#include "base/memory.h"
#include "base/text.h"
#include "ended.h"
#include "journal/events.h"
#include "retention.h"
#include "store/forget.h"
#include "store/unknown.h"

#define BACKLOG_LOOK_USEC   USEC_PER_SEC
#define EXPIRY_WARNING_USEC USEC_PER_HOUR
#define VACUUM_PAGES        250
/* Calls of store_reclaim in a step: some for each kind of row. */
#define RECLAIM_CALLS_MAX 10
/* The disk is not low any more when the minimum, and one part in this many of it, is free. */
#define DISK_SLACK_PART 8

/* The chores of one look, in this order. */
enum chore {
    CHORE_EXPIRE,
    CHORE_RETENTION,
    CHORE_UNKNOWN,
    CHORE_BODIES,
    CHORE_HISTORY,
    CHORE_RECLAIM,
    CHORE_VACUUM,
    CHORES
};

struct janitor {
    struct janitor_options o;
    sd_event *event;
    sd_event_source *timer;
    enum chore chore;
    size_t webhook; /* the one that expires next */

    bool disk_low, backlog_high, backlog_full;
    bool backlog_known; /* it was counted */
    bool sheds;         /* bodies are still removed while the disk is low, so receiving may go on */
    uint64_t backlog_boot_usec; /* of the last look */
    bool unknown_normal;        /* there is clearly room for unknown senders */
    bool *warned;               /* per webhook: an expiry is near and was reported */

    uint64_t hour_boot_usec, pruned_this_hour;
    bool kept_told;

    struct ended ended; /* by the step that is not committed yet */
    struct retention retention;
};

/* ---- transactions of its own ---- */

typedef int (*step_fn)(struct janitor *j, uint64_t now_usec, size_t *ret_count);

static int in_transaction(struct janitor *j, step_fn step, uint64_t now_usec, size_t *ret_count)
{
    int r = store_begin(j->o.store);
    if (r)
        return r;
    r = step(j, now_usec, ret_count);
    if (r)
        store_rollback(j->o.store);
    else
        r = store_commit(j->o.store);
    if (r)
        ended_drop(&j->ended);
    else
        ended_report(&j->ended);
    return r;
}

/* ---- room ---- */

static void set_room(struct janitor *j)
{
    bool closed = (j->disk_low && !j->sheds) || j->backlog_full;
    bool opens = j->o.room->closed && !closed;
    j->o.room->closed = closed;
    if (opens)
        j->o.room_changed(j->o.userdata);
}

static void look_at_disk(struct janitor *j)
{
    struct disk disk;
    if (disk_look(j->o.state_directory, &disk) < 0)
        return;
    uint64_t bytes = disk.free_bytes;
    uint64_t enough = j->o.min_free_disk + j->o.min_free_disk / DISK_SLACK_PART;
    if (!j->disk_low && bytes < j->o.min_free_disk) {
        j->disk_low = true;
        event_disk_low(bytes, j->o.min_free_disk);
    } else if (j->disk_low && bytes >= enough) {
        j->disk_low = false;
        event_disk_enough(bytes);
    }
    set_room(j);
}

static void judge_backlog(struct janitor *j, uint64_t waiting)
{
    uint64_t high = j->o.max_backlog / 5 * 4;
    j->backlog_known = true;
    if (waiting >= j->o.max_backlog && !j->backlog_full) {
        j->backlog_full = j->backlog_high = true;
        event_backlog_full(waiting, j->o.max_backlog);
    } else if (waiting >= high && !j->backlog_high) {
        j->backlog_high = true;
        event_backlog_high(waiting, j->o.max_backlog);
    } else if (waiting < high / 5 * 4 && j->backlog_high) {
        j->backlog_full = j->backlog_high = false;
        event_backlog_normal(waiting);
    }
    set_room(j);
}

static void judge_unknown(struct janitor *j)
{
    uint64_t count = 0, bytes = 0;
    const struct accept_limits *limits = &j->o.unknown_limits;
    if (store_unknown(j->o.store, &count, &bytes))
        return;
    j->unknown_normal =
        count < limits->count - limits->count / 5 && bytes < limits->bytes - limits->bytes / 5;
    if (!j->unknown_normal || !j->o.room->strangers)
        return;
    j->o.room->strangers = false;
    event_unknown_room(count);
}

void janitor_committed(struct janitor *j)
{
    uint64_t boot = clock_boot_usec(), waiting = 0;
    look_at_disk(j); /* each commit takes room: a small disk can be full within a second */
    if (boot - j->backlog_boot_usec < BACKLOG_LOOK_USEC)
        return;
    j->backlog_boot_usec = boot;
    if (store_backlog(j->o.store, &waiting) == 0)
        judge_backlog(j, waiting);
    judge_unknown(j);
}

bool janitor_disk_is_low(const struct janitor *j)
{
    return j->disk_low;
}

bool janitor_backlog_is_full(const struct janitor *j)
{
    return j->backlog_full;
}

bool janitor_backlog_is_known(const struct janitor *j)
{
    return j->backlog_known;
}

bool janitor_backlog_is_normal(const struct janitor *j)
{
    return j->backlog_known && !j->backlog_high;
}

bool janitor_removal_is_far(const struct janitor *j, const char *webhook)
{
    return retention_is_far(&j->retention, webhook);
}

bool janitor_unknown_is_normal(const struct janitor *j)
{
    /* An older look does not end an alarm that has just been raised. */
    return j->unknown_normal && !j->o.room->strangers;
}

/* ---- expiry ---- */

static void on_expired(const struct expired *expired, void *userdata)
{
    struct janitor *j = userdata;
    struct event_subject subject = {
        .webhook = j->o.webhooks[j->webhook].name,
        .seller = expired->seller,
        .notification_id = expired->id,
        .order_id = expired->order_id,
    };
    ended_add(&j->ended, ENDED_EXPIRED, &subject, expired->delivery);
}

static int warn_of_expiry(struct janitor *j, const struct janitor_webhook *webhook,
                          uint64_t now_usec)
{
    uint64_t soon = 0;
    int r = store_expiring(j->o.store, webhook->id, now_usec, webhook->max_age_usec,
                           EXPIRY_WARNING_USEC, &soon);
    if (r)
        return r;
    if (soon && !j->warned[j->webhook])
        event_expiring(webhook->name, soon);
    j->warned[j->webhook] = soon > 0;
    return 0;
}

static int expire_step(struct janitor *j, uint64_t now_usec, size_t *ret_count)
{
    const struct janitor_webhook *webhook = &j->o.webhooks[j->webhook];
    int r = store_expire(j->o.store, webhook->id, now_usec, webhook->max_age_usec,
                         JANITOR_STEP_ROWS, on_expired, j, ret_count);
    return r ? r : warn_of_expiry(j, webhook, now_usec);
}

/* ---- pruning ---- */

static bool too_large(struct janitor *j)
{
    uint64_t bytes = 0, free_bytes = 0;
    return store_size(j->o.store, &bytes, &free_bytes) == 0 &&
           bytes - free_bytes > j->o.max_history;
}

static uint64_t ago(uint64_t now_usec, uint64_t span_usec)
{
    return now_usec > span_usec ? now_usec - span_usec : 0;
}

/* Delete the rows of removed bodies. They take room until then, and the next step looks at the
 * room. */
static int reclaim(struct janitor *j, bool *ret_more)
{
    int r = 0;
    *ret_more = true;
    for (int i = 0; r == 0 && *ret_more && i < RECLAIM_CALLS_MAX; i++)
        r = store_reclaim(j->o.store, JANITOR_STEP_ROWS, ret_more);
    return r;
}

static int bodies_step(struct janitor *j, uint64_t now_usec, size_t *ret_count)
{
    bool more;
    uint64_t before = ago(now_usec, j->o.keep_bodies_usec);
    if (j->disk_low || too_large(j))
        before = UINT64_MAX;
    int r = store_prune_bodies(j->o.store, before, JANITOR_STEP_ROWS, ret_count);
    j->sheds = r == 0 && *ret_count > 0;
    return j->sheds ? reclaim(j, &more) : r;
}

static int unknown_step(struct janitor *j, uint64_t now_usec, size_t *ret_count)
{
    uint64_t before = ago(now_usec, j->o.keep_unknown_usec);
    return store_prune_unknown(j->o.store, before, JANITOR_STEP_ROWS, ret_count);
}

static bool remove_unknown(struct janitor *j, uint64_t now_usec)
{
    size_t count = 0;
    int r = in_transaction(j, unknown_step, now_usec, &count);
    if (r == 0 && count)
        event_unknown_removed(count);
    return r == STORE_BUSY || (r == 0 && count >= JANITOR_STEP_ROWS);
}

/* Return how many more rows may be pruned in this hour; *ret_due: how many there are to prune. */
static uint64_t hourly_rest(struct janitor *j, uint64_t before_usec, uint64_t *ret_due)
{
    uint64_t boot = clock_boot_usec(), all = 0;
    if (!j->hour_boot_usec || boot - j->hour_boot_usec >= USEC_PER_HOUR) {
        j->hour_boot_usec = boot;
        j->pruned_this_hour = 0;
        j->kept_told = false;
    }
    *ret_due = 0;
    if (store_prune_share(j->o.store, before_usec, &all, ret_due))
        return 0;
    uint64_t allowed = all / JANITOR_HOURLY_SHARE;
    if (allowed < JANITOR_HOURLY_MIN)
        allowed = JANITOR_HOURLY_MIN;
    return allowed > j->pruned_this_hour ? allowed - j->pruned_this_hour : 0;
}

static int history_step(struct janitor *j, uint64_t now_usec, size_t *ret_count)
{
    uint64_t before = ago(now_usec, j->o.keep_delivered_usec);
    if (too_large(j))
        before = ago(now_usec, JANITOR_YOUNG_USEC);
    uint64_t due, rest = hourly_rest(j, before, &due);
    size_t limit = rest < JANITOR_STEP_ROWS ? (size_t)rest : JANITOR_STEP_ROWS;
    if (!limit) {
        if (due && !j->kept_told)
            event_history_kept("more than a tenth of the history would go within an hour");
        j->kept_told = j->kept_told || due;
        return 0;
    }
    int r = store_prune_history(j->o.store, before, limit, ret_count);
    j->pruned_this_hour += r ? 0 : *ret_count;
    return r ? r : store_prune_forgotten(j->o.store, ago(now_usec, j->o.keep_delivered_usec));
}

static int reclaim_step(struct janitor *j, uint64_t now_usec, size_t *ret_count)
{
    bool more;
    (void)now_usec;
    int r = reclaim(j, &more);
    *ret_count = more ? JANITOR_STEP_ROWS : 0;
    return r;
}

/* ---- one step at a time ---- */

static bool step_of(struct janitor *j, step_fn step, uint64_t now_usec)
{
    size_t count = 0;
    int r = in_transaction(j, step, now_usec, &count);
    return r == STORE_BUSY || (r == 0 && count >= JANITOR_STEP_ROWS);
}

static bool vacuum_step(struct janitor *j)
{
    uint64_t bytes = 0, free_bytes = 0;
    /* Free pages are used again anyway. They are given back to the disk only when it is low. */
    if (!j->disk_low || store_size(j->o.store, &bytes, &free_bytes) || !free_bytes)
        return false;
    return store_vacuum(j->o.store, VACUUM_PAGES) == 0;
}

static bool expire_more(struct janitor *j, uint64_t now_usec)
{
    if (j->webhook < j->o.n_webhooks && step_of(j, expire_step, now_usec))
        return true;
    if (++j->webhook < j->o.n_webhooks)
        return true;
    j->webhook = 0;
    return false;
}

/* Do one step of the chore. Return whether it wants another. */
static bool work(struct janitor *j, uint64_t now_usec)
{
    switch (j->chore) {
    case CHORE_EXPIRE:
        return expire_more(j, now_usec);
    case CHORE_RETENTION:
        return retention_work(&j->retention, now_usec);
    case CHORE_UNKNOWN:
        return remove_unknown(j, now_usec);
    case CHORE_BODIES:
        return step_of(j, bodies_step, now_usec);
    case CHORE_HISTORY:
        return step_of(j, history_step, now_usec);
    case CHORE_RECLAIM:
        return step_of(j, reclaim_step, now_usec);
    case CHORE_VACUUM:
        return vacuum_step(j);
    case CHORES:
        break;
    }
    return false;
}

/* Whether the chore may be done. Without a trusted time, only chores that do not depend on the time
 * are done. */
static bool may_work(const struct janitor *j, bool trusted)
{
    return trusted || j->chore == CHORE_RECLAIM || j->chore == CHORE_VACUUM ||
           (j->chore == CHORE_BODIES && j->disk_low);
}

/* Go through the chores up to the first that did something. Return whether there is more to do. */
static bool work_on(struct janitor *j)
{
    uint64_t now = 0;
    bool trusted = trusted_time_now(j->o.time, &now);
    do {
        if (may_work(j, trusted) && work(j, now))
            return true;
        j->chore = (j->chore + 1) % CHORES;
    } while (j->chore != CHORE_EXPIRE);
    return false;
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
    struct janitor *j = userdata;
    (void)usec;
    janitor_committed(j);
    bool more = work_on(j);
    if (!more && store_wipe_log(j->o.store) == 0)
        store_checkpoint(j->o.store);
    sd_event_source_set_time_accuracy(source, more ? USEC_PER_MSEC : USEC_PER_SEC);
    sd_event_source_set_time_relative(source, more ? JANITOR_STEP_USEC : JANITOR_LOOK_USEC);
    return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

/* ---- life ---- */

int janitor_new(struct janitor **ret, const struct janitor_options *options)
{
    struct janitor *j = NEW(struct janitor);
    j->o = *options;
    j->event = sd_event_ref(options->event);
    j->warned = memory_new((options->n_webhooks + 1) * sizeof(*j->warned));
    retention_init(&j->retention, &j->o);
    look_at_disk(j);
    int r = sd_event_add_time_relative(j->event, &j->timer, CLOCK_BOOTTIME, USEC_PER_SEC,
                                       USEC_PER_SEC, on_timer, j);
    if (r < 0) {
        janitor_free(j);
        return r;
    }
    *ret = j;
    return 0;
}

void janitor_free(struct janitor *j)
{
    if (!j)
        return;
    sd_event_source_disable_unref(j->timer);
    sd_event_unref(j->event);
    ended_clear(&j->ended);
    retention_clear(&j->retention);
    free(j->warned);
    free(j);
}
