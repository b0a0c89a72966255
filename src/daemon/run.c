/* SPDX-License-Identifier: MIT */
#include "daemon/run.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "daemon.h"
#include "daemon/lock.h"
#include "journal/events.h"

/* At the end, while another process writes; the store waits 50 ms for it each time. */
#define LAST_COMMIT_TRIES 20

/* ---- the turn: where receivers and forwarders meet the store ---- */

static int on_decide(struct store *store, void *userdata)
{
    struct daemon *d = userdata;
    return parts_decide(d->parts, store);
}

static int on_claim(struct store *store, void *userdata)
{
    struct daemon *d = userdata;
    int r = daemon_write_notes(d, store);
    if (!r)
        r = daemon_write_alarms(d, store);
    return r ? r : parts_claim(d->parts, store);
}

static void tell_superseded(const struct superseded *superseded, void *userdata)
{
    (void)userdata;
    struct event_subject subject = {
        .webhook = superseded->webhook,
        .seller = superseded->seller,
        .notification_id = superseded->id,
        .order_id = superseded->order_id,
        .type = superseded->type,
    };
    event_superseded(&subject, superseded->by);
}

static void has_room(struct daemon *d)
{
    event_store_works_again(clock_boot_usec() - d->full_since_usec);
    d->full_since_usec = 0;
    d->room.full = false;
    parts_poke(d->parts);
}

static void on_committed(bool elsewhere, void *userdata)
{
    struct daemon *d = userdata;
    store_each_superseded(d->store, tell_superseded, NULL);
    daemon_drop_notes(d);
    daemon_alarms_committed(d);
    parts_committed(d->parts, elsewhere);
    d->room.wanted = parts_wanted(d->parts);
    parts_poke(d->parts);
    turn_gather(d->turn, parts_provided(d->parts));
    janitor_backlog(d->parts->janitor);
    daemon_schedule_notes(d);
    if (d->full_since_usec)
        has_room(d);
    daemon_answer_askers(d);
    daemon_look_soon(d);
}

static enum daemon_exit exit_for(int store_result)
{
    bool hopeless = store_result == STORE_NEWER || store_result == STORE_CORRUPT ||
                    store_result == STORE_READONLY;
    return hopeless ? DAEMON_EXIT_CONFIG : DAEMON_EXIT_FAILED;
}

static void on_failed(int result, const char *why, void *userdata)
{
    struct daemon *d = userdata;
    parts_void(d->parts);
    if (result == STORE_LOST) {
        daemon_lose_store(d, why);
        return;
    }
    if (result != STORE_FULL) {
        event_store_failed(why);
        daemon_end(d, exit_for(result));
        return;
    }
    if (!d->full_since_usec) {
        d->full_since_usec = clock_boot_usec();
        d->room.full = true;
        event_store_full(why);
        daemon_tell_status(d);
    }
    daemon_answer_askers(d);
}

/* ---- the store at start ---- */

int daemon_set_webhooks(struct daemon *d, const struct config *config, int64_t ret_ids[])
{
    AUTOFREE const char **names = memory_new((config->n_webhooks + 1) * sizeof(*names));
    for (size_t i = 0; i < config->n_webhooks; i++)
        names[i] = config->webhooks[i].name;
    int r = store_set_webhooks(d->store, names, config->n_webhooks, ret_ids);
    for (size_t i = 0; r == 0 && i < config->n_webhooks; i++)
        r = store_set_coalesce(d->store, ret_ids[i], config->webhooks[i].coalesce);
    return r;
}

static int prepare_store(struct daemon *d, int64_t ret_ids[], size_t *ret_recovered,
                         uint64_t *ret_newest)
{
    int r = store_begin(d->store);
    if (!r)
        r = daemon_set_webhooks(d, d->config, ret_ids);
    if (!r)
        r = store_recover(d->store, clock_trusted_usec(), ret_recovered);
    if (!r)
        r = store_newest_usec(d->store, ret_newest);
    if (!r) {
        r = store_commit(d->store);
        store_each_superseded(d->store, tell_superseded, NULL);
        return r;
    }
    store_rollback(d->store);
    return r;
}

static void tell_orphans(const struct store_webhook *webhook, void *userdata)
{
    uint64_t open = 0;
    (void)userdata;
    for (unsigned state = 0; state < DELIVERY_STATES; state++)
        open += delivery_state_is_open(state) ? webhook->counts[state] : 0;
    if (webhook->id && !webhook->configured && open)
        event_orphans(webhook->name, open);
}

static int open_store(struct daemon *d, int64_t ret_ids[])
{
    struct error error;
    size_t recovered = 0;
    uint64_t newest = 0;
    int r = store_open(&d->store, d->config->state_directory, STORE_DAEMON, &error);
    if (r) {
        event_store_failed(error.text);
        d->exit = exit_for(r);
        return r;
    }
    r = prepare_store(d, ret_ids, &recovered, &newest);
    if (r) {
        event_store_failed(store_why(d->store));
        d->exit = exit_for(r);
        return r;
    }
    trusted_time_init(&d->time, newest);
    if (recovered)
        event_recovered(recovered);
    return store_each_webhook(d->store, tell_orphans, NULL);
}

/* Why the state directory cannot be used, and what to do. */
static char *state_trouble(const char *directory, int why)
{
    if (why == EROFS)
        return memory_format("%s cannot be written: %s. As a service only the directory of "
                             "StateDirectory= can be: leave state_directory out, or name it in "
                             "ReadWritePaths= (systemctl edit dockbell)",
                             directory, strerror(why));
    return memory_format("the lock file in %s cannot be taken: %s. state_directory must be a "
                         "directory that the daemon's user (uid %u) can write",
                         directory, strerror(why), (unsigned)geteuid());
}

/* Whether somebody has to change it: trying again does not help. */
static bool is_lasting(int why)
{
    return why == EROFS || why == EACCES || why == EPERM || why == ENOENT || why == ENOTDIR;
}

static int take_lock(struct daemon *d)
{
    const char *directory = d->config->state_directory;
    pid_t other = 0;
    int r = lock_take(directory, &d->lock, &other);
    AUTOFREE char *why = NULL;
    if (r == 1)
        why = memory_format("another dockbell (pid %d) runs on %s; only one may", (int)other,
                            directory);
    else if (r < 0)
        why = state_trouble(directory, -r);
    if (why)
        event_store_failed(why);
    d->exit = r < 0 && is_lasting(-r) ? DAEMON_EXIT_CONFIG : DAEMON_EXIT_FAILED;
    return r;
}

/* ---- making everything, top to bottom ---- */

static int make_loop(struct daemon *d)
{
    AUTOFREE char *agent = memory_format("dockbell/%s", DOCKBELL_VERSION);
    struct turn_hooks hooks = {on_decide, on_claim, on_committed, on_failed, d};
    int r = daemon_handle_signals(d);
    if (r >= 0)
        r = events_attach(d->event);
    if (r >= 0)
        r = http_new(&d->http, d->event, agent);
    if (r >= 0)
        r = turn_new(&d->turn, d->event, d->store, &hooks);
    if (r >= 0)
        r = daemon_watch_wake(d);
    if (r >= 0)
        r = daemon_watch_status(d);
    daemon_watch_place(d);
    if (r >= 0)
        r = daemon_await_ready(d);
    if (r >= 0)
        r = daemon_watch_notes(d);
    if (r >= 0)
        r = daemon_await_reload(d);
    return r < 0 ? r : daemon_watch(d);
}

static int make(struct daemon *d)
{
    struct error error = {0};
    AUTOFREE int64_t *webhook_ids = memory_new((d->config->n_webhooks + 1) * sizeof(*webhook_ids));
    if (daemon_misses_secrets(d->config)) {
        d->exit = DAEMON_EXIT_CONFIG;
        return -ENOENT;
    }
    int r = take_lock(d);
    if (!r)
        r = open_store(d, webhook_ids);
    if (r)
        return r;
    r = sd_event_new(&d->event);
    if (r >= 0)
        r = make_loop(d);
    if (r < 0) {
        AUTOFREE char *why = memory_format("the event loop: %s", strerror(-r));
        event_store_failed(why);
        return r;
    }
    r = daemon_open_alarms(d);
    if (r < 0)
        return r;
    d->exit = DAEMON_EXIT_CONFIG;
    receive_room_init(&d->room);
    r = parts_new(&d->parts, d, d->config, webhook_ids, &error);
    if (r)
        event_config_refused(d->config->path, error.text);
    return r;
}

/* ---- life ---- */

uint64_t daemon_waiting(struct daemon *d)
{
    uint64_t waiting = 0;
    return store_waiting(d->store, &waiting) ? 0 : waiting;
}

static void note_start(struct daemon *d)
{
    char now[CLOCK_TEXT_MAX], pid[16];
    clock_rfc3339(now, clock_trusted_usec());
    snprintf(pid, sizeof(pid), "%d", (int)getpid());
    daemon_note(d, "daemon", "", "started", now);
    daemon_note(d, "daemon", "", "pid", pid);
    daemon_note(d, "daemon", "", "version", DOCKBELL_VERSION);
}

static void start(struct daemon *d)
{
    const struct config *c = d->config;
    event_started(DOCKBELL_VERSION, c->path, (unsigned)c->n_queues, (unsigned)c->n_sellers,
                  (unsigned)c->n_webhooks);
    daemon_report_overrides(c);
    note_start(d);
    parts_start(d->parts);
    daemon_register(d);
    daemon_open_admin(d);
    daemon_watch_certificates(d);
}

/* Outcomes and decisions that no turn has written. A command that writes at this moment is waited
 * for. */
static void last_commit(struct daemon *d)
{
    int r = d->exit == DAEMON_EXIT_DONE ? STORE_BUSY : 0;
    for (unsigned tries = 0; r == STORE_BUSY && tries < LAST_COMMIT_TRIES; tries++)
        r = turn_flush(d->turn);
    daemon_close_alarms(d, d->exit == DAEMON_EXIT_DONE);
    events_detach();
    event_stopped(parts_abandoned(d->parts), daemon_waiting(d));
}

static void finish(struct daemon *d)
{
    daemon_close_admin(d);
    daemon_close_alarms(d, false);
    daemon_end_registration(d);
    turn_free(d->turn);
    parts_free(d->parts);
    tallies_clear(&d->tallies);
    http_free(d->http);
    store_free(d->store);
    events_detach();
    daemon_drop_notes(d);
    free(d->status_line);
    sd_event_source_disable_unref(d->ready_timer);
    sd_event_source_disable_unref(d->watchdog_timer);
    sd_event_source_disable_unref(d->drain_timer);
    sd_event_source_disable_unref(d->notes_timer);
    sd_event_source_disable_unref(d->look_timer);
    sd_event_source_disable_unref(d->older_timer);
    certificates_clear(&d->certificates);
    sd_event_unref(d->event);
    if (d->wake_fd >= 0)
        close(d->wake_fd);
    lock_drop(&d->lock);
}

enum daemon_exit daemon_run(const struct config *config)
{
    struct daemon d = {
        .config = config,
        .exit = DAEMON_EXIT_FAILED,
        .started_usec = clock_trusted_usec(),
        .loaded_usec = clock_trusted_usec(),
        .lock = LOCK_NONE,
        .wake_fd = -1,
    };
    events_set_level(config->log_level);
    if (make(&d) == 0) {
        d.exit = DAEMON_EXIT_DONE;
        start(&d);
        int r = sd_event_loop(d.event);
        if (r < 0)
            d.exit = DAEMON_EXIT_FAILED;
        last_commit(&d);
    }
    finish(&d);
    return d.exit;
}
