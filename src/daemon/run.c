/* SPDX-License-Identifier: MIT */
#include "daemon/run.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "daemon.h"
#include "daemon/lock.h"
#include "journal/events.h"

/* At the end: tries to commit while another process writes. The store waits 50 ms for it each
 * time. */
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
    return parts_claim(d->parts, store);
}

static int on_write_facts(struct store *store, void *userdata)
{
    struct daemon *d = userdata;
    int r = daemon_write_notes(d, store);
    if (!r)
        r = daemon_write_subscriptions(d, store);
    if (!r)
        r = daemon_write_alarms(d, store);
    return r ? r : parts_write_facts(d->parts, store);
}

static void on_committed(bool elsewhere, void *userdata)
{
    struct daemon *d = userdata;
    store_each_superseded(d->store, daemon_report_superseded, NULL);
    daemon_drop_notes(d, false);
    daemon_drop_subscription_changes(d);
    daemon_alarms_committed(d);
    parts_committed(d->parts, elsewhere);
    d->room.wanted = parts_wanted(d->parts);
    parts_poke(d->parts);
    turn_gather(d->turn, parts_provided(d->parts));
    janitor_committed(d->parts->janitor);
    daemon_schedule_notes(d);
    daemon_store_works(d);
    daemon_answer_askers(d);
    daemon_look_soon(d);
}

static void on_failed(int result, const char *why, void *userdata)
{
    struct daemon *d = userdata;
    parts_void(d->parts);
    if (result == STORE_LOST) {
        daemon_lose_store(d, why);
        return;
    }
    if (result == STORE_FULL) {
        daemon_store_is_full(d, why);
        return;
    }
    daemon_report_failure(d, result, why);
    daemon_end(d, daemon_exit_for(d, result));
}

static void on_busy(uint64_t for_usec, void *userdata)
{
    daemon_store_is_locked(userdata, for_usec);
}

/* ---- making everything, top to bottom ---- */

static int attach_events(struct daemon *d)
{
    return events_attach(d->event);
}

static int make_http(struct daemon *d)
{
    return http_new(&d->http, d->event);
}

static int make_turn(struct daemon *d)
{
    struct turn_hooks hooks = {on_decide, on_claim, on_write_facts, on_committed, on_failed,
                               on_busy,   d};
    return turn_new(&d->turn, d->event, d->store, &hooks);
}

/* The parts of the loop, in the order in which they are made. The name is for the log: the errno
 * alone does not show where it comes from. */
static const struct {
    const char *name;
    int (*make)(struct daemon *d);
} loop_parts[] = {
    {"signals", daemon_handle_signals}, {"events", attach_events},
    {"HTTP client", make_http},         {"transactions", make_turn},
    {"wake socket", daemon_watch_wake}, {"status", daemon_watch_status},
    {"readiness", daemon_await_ready},  {"facts", daemon_watch_notes},
    {"reload", daemon_await_reload},    {"watchdog", daemon_watch},
    {"alarms", daemon_open_alarms},
};

static int make_loop(struct daemon *d)
{
    const char *name = "event loop";
    int r = sd_event_new(&d->event);
    if (r >= 0)
        daemon_watch_place(d);
    for (size_t i = 0; r >= 0 && i < ELEMENTS(loop_parts); i++) {
        name = loop_parts[i].name;
        r = loop_parts[i].make(d);
    }
    if (r >= 0)
        return 0;
    AUTOFREE char *why = memory_format("%s: %s", name, strerror(-r));
    event_loop_failed(why);
    return r;
}

static int make(struct daemon *d)
{
    struct error error = {0};
    AUTOFREE int64_t *webhook_ids = memory_new((d->config->n_webhooks + 1) * sizeof(*webhook_ids));
    if (daemon_misses_secrets(d->config)) {
        d->exit = DAEMON_EXIT_CONFIG;
        return -ENOENT;
    }
    int r = daemon_open_store(d, webhook_ids);
    if (r == 0)
        r = make_loop(d);
    if (r)
        return r;
    d->exit = DAEMON_EXIT_CONFIG;
    receive_room_init(&d->room);
    r = parts_new(&d->parts, d, d->config, webhook_ids, &error);
    if (r)
        event_config_refused(d->config->path, error.text);
    return r;
}

/* ---- life ---- */

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
    daemon_report_config(c);
    note_start(d);
    daemon_load_subscriptions(d);
    d->room.strangers = daemon_has_alarm(d, ID_UNKNOWN_LIMIT, NULL);
    parts_start(d->parts);
    daemon_note_identities(d);
    daemon_register(d);
    daemon_open_admin(d);
    daemon_watch_certificates(d);
}

/* Commit outcomes and decisions that no turn has written. If a command writes at this moment, this
 * waits for it. */
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
    daemon_drop_notes(d, true);
    daemon_free_subscriptions(d);
    free(d->status_line);
    free(d->writer);
    free(d->reload_refused);
    sd_event_source_disable_unref(d->ready_timer);
    sd_event_source_disable_unref(d->watchdog_timer);
    sd_event_source_disable_unref(d->drain_timer);
    sd_event_source_disable_unref(d->notes_timer);
    sd_event_source_disable_unref(d->look_timer);
    sd_event_source_disable_unref(d->older_timer);
    sd_event_source_disable_unref(d->reload_timer);
    sd_event_source_disable_unref(d->place_watch);
    certificates_clear(&d->certificates);
    sd_event_unref(d->event);
    if (d->wake_fd >= 0)
        close(d->wake_fd);
    if (d->secret_fd >= 0)
        close(d->secret_fd);
    lock_drop(&d->lock);
}

enum daemon_exit daemon_run(struct config *config)
{
    struct daemon d = {
        .config = config,
        .first = config,
        .exit = DAEMON_EXIT_FAILED,
        .started_usec = clock_trusted_usec(),
        .loaded_usec = clock_trusted_usec(),
        .lock = LOCK_NONE,
        .wake_fd = -1,
        .secret_fd = -1,
    };
    /* Both signals become errors of the write that caused them: nobody reads, or RLIMIT_FSIZE. */
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    events_set_level(config->log_level);
    if (make(&d) == 0) {
        d.exit = DAEMON_EXIT_DONE;
        start(&d);
        int r = sd_event_loop(d.event);
        if (r < 0) {
            d.exit = DAEMON_EXIT_FAILED;
            event_loop_failed(strerror(-r));
        }
        last_commit(&d);
    }
    finish(&d);
    config_free(d.first);
    return d.exit;
}
