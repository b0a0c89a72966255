/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <time.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "daemon.h"
#include "journal/events.h"

/*
 * SIGHUP: everything is made again from the config. The parts of the old config end their work
 * under way: polls bring their messages, requests get their answers. The store keeps the two apart:
 * a delivery in flight is in flight for both. If the config cannot be used, nothing changes.
 */

/* Time between two checks whether older parts have ended. */
#define LOOK_USEC (100 * USEC_PER_MSEC)

/* Shortest time between two reloads. The parts of each config end their work under way, which
 * includes polls of up to 20 s. So there are at most about twenty configs side by side. */
#define PAUSE_USEC USEC_PER_SEC

/* ---- reading ---- */

static void tell_warnings(const struct config_findings *findings)
{
    for (size_t i = 0; i < findings->count; i++) {
        const struct config_finding *f = &findings->findings[i];
        AUTOFREE char *text =
            f->key ? memory_format("%s: %s", f->key, f->text) : memory_string(f->text);
        if (f->warning)
            event_config_warning(f->file, f->line, text);
    }
}

/* Append the errors in one line: the first one in full, the others as a number. */
static void sum_up(struct text *out, const struct config_findings *findings)
{
    for (size_t i = 0; i < findings->count && !out->size; i++)
        if (!findings->findings[i].warning)
            config_finding_print(out, &findings->findings[i]);
    if (out->size) /* without its line end */
        out->data[--out->size] = '\0';
    if (findings->errors > 1)
        text_appendf(out, " (and %zu more: dockbell check)", findings->errors - 1);
}

static int check_what_stays(const struct daemon *d, const struct config *fresh, struct text *why)
{
    const char *key = fresh->encrypt_bodies.reference, *old = d->config->encrypt_bodies.reference;
    if (!text_equal(fresh->state_directory, d->config->state_directory))
        text_appendf(why, "[daemon] state_directory has changed from %s to %s",
                     d->config->state_directory, fresh->state_directory);
    else if (!text_equal(key, old))
        text_append_string(why, "[store] encrypt_bodies has changed");
    else
        return 0;
    text_append_string(why, ": that needs a restart");
    return -EINVAL;
}

static struct config *read_config(const struct daemon *d, struct text *why)
{
    struct config_findings findings = {0};
    struct config *fresh = NULL;
    int r = config_load(&fresh, d->config->path, &findings);
    if (fresh && config_check_complete(fresh, &findings) < 0)
        r = -EINVAL;
    if (fresh)
        config_check_files(fresh, &findings);
    if (findings.errors)
        r = -EINVAL;
    config_findings_sort(&findings);
    if (r < 0)
        sum_up(why, &findings);
    else if (fresh)
        r = check_what_stays(d, fresh, why);
    if (r == 0)
        tell_warnings(&findings);
    else
        config_free(TAKE(fresh));
    config_findings_clear(&findings);
    return fresh;
}

/* ---- taking over ---- */

/* Whether a secret is missing without which no parts can be made. `why` names all missing ones. */
static bool lacks_secrets(const struct config *fresh, struct text *why)
{
    bool vital = false;
    AUTOTEXT struct text which = {0};
    size_t count = config_missing_secrets(fresh, &which, &vital);
    if (vital)
        text_appendf(why, "%zu secret%s cannot be read: %s", count, count == 1 ? "" : "s",
                     which.data);
    return vital;
}

static int make_parts(struct daemon *d, struct config *fresh, struct parts **ret, struct text *why)
{
    AUTOFREE int64_t *ids = memory_new((fresh->n_webhooks + 1) * sizeof(*ids));
    struct error error = {0};
    int r = store_begin(d->store);
    if (!r)
        r = daemon_set_webhooks(d, fresh, ids);
    if (r) {
        text_append_string(why, store_why(d->store));
        store_rollback(d->store);
        return r;
    }
    r = parts_new(ret, d, fresh, ids, &error);
    if (r) {
        text_append_string(why, error.text);
        store_rollback(d->store);
        return r;
    }
    r = store_commit(d->store);
    if (r) {
        text_append_string(why, store_why(d->store));
        parts_free(TAKE(*ret));
    }
    return r;
}

static void tell_change(const char *section, const char *what, void *userdata)
{
    unsigned *count = userdata;
    (*count)++;
    event_config_changed(section, what);
}

static void take_over(struct daemon *d, struct parts *parts, struct config *fresh)
{
    unsigned changes = 0;
    config_compare(d->config, fresh, tell_change, &changes);
    daemon_close_admin(d);
    daemon_end_registration(d);
    parts->owned = fresh;
    if (d->first)
        d->parts->owned = TAKE(d->first);
    parts_follow(parts, d->parts);
    d->parts = parts;
    d->config = fresh;
    d->loaded_usec = clock_trusted_usec();
    events_set_level(fresh->log_level);
    daemon_configure_alarms(d);
    event_reloaded(fresh->path, changes);
    (void)daemon_misses_secrets(fresh);
    daemon_report_config(fresh);
    http_renew(d->http);
    parts_start(parts);
    daemon_note_identities(d);
    turn_request(d->turn);
    daemon_register(d);
    daemon_open_admin(d);
    daemon_watch_certificates(d);
    sd_event_source_set_time_relative(d->older_timer, LOOK_USEC);
    sd_event_source_set_enabled(d->older_timer, SD_EVENT_ONESHOT);
}

/* Report to systemd that a reload begins, and when (sd_notify(3)). */
static void notify_reloading(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" PRIu64,
               (uint64_t)(now.tv_sec * (time_t)USEC_PER_SEC + now.tv_nsec / 1000));
}

void daemon_reload(struct daemon *d)
{
    AUTOTEXT struct text why = {0};
    struct parts *parts = NULL;
    notify_reloading();
    d->reloaded_boot_usec = clock_boot_usec();
    struct config *fresh = read_config(d, &why);
    bool usable = fresh && !lacks_secrets(fresh, &why) && make_parts(d, fresh, &parts, &why) == 0;
    free(d->reload_refused);
    d->reload_refused = usable ? NULL : memory_string(why.data ? why.data : "it cannot be read");
    if (usable)
        take_over(d, parts, TAKE(fresh));
    else
        event_reload_refused(d->config->path, d->reload_refused);
    config_free(fresh);
    daemon_tell_status(d);
    sd_notify(0, "READY=1");
}

/* ---- when to reload ---- */

static int on_reload_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
    struct daemon *d = userdata;
    (void)source;
    (void)usec;
    if (!d->stopping)
        daemon_reload(d);
    return 0;
}

void daemon_ask_reload(struct daemon *d)
{
    uint64_t now = clock_boot_usec(), due = d->reloaded_boot_usec + PAUSE_USEC;
    if (!d->reloaded_boot_usec || now >= due) {
        /* The timer may be due as well, and would reload a second time. */
        if (d->reload_timer)
            sd_event_source_set_enabled(d->reload_timer, SD_EVENT_OFF);
        {
            daemon_reload(d);
            return;
        }
    }
    sd_event_source_set_time(d->reload_timer, due);
    sd_event_source_set_enabled(d->reload_timer, SD_EVENT_ONESHOT);
}

static int on_older_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
    struct daemon *d = userdata;
    (void)usec;
    if (turn_unsettled(d->turn) == 0)
        parts_free_ended(d->parts);
    if (!d->parts->older) {
        /* Memory that was only needed for several configs side by side goes back to the machine. */
        malloc_trim(0);
        tallies_keep(&d->tallies, d->config);
        return 0;
    }
    sd_event_source_set_time_relative(source, LOOK_USEC);
    return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

int daemon_await_reload(struct daemon *d)
{
    int r = sd_event_add_time_relative(d->event, &d->older_timer, CLOCK_BOOTTIME, LOOK_USEC,
                                       USEC_PER_MSEC, on_older_timer, d);
    if (r >= 0)
        r = sd_event_source_set_enabled(d->older_timer, SD_EVENT_OFF);
    if (r >= 0)
        r = sd_event_add_time(d->event, &d->reload_timer, CLOCK_BOOTTIME, 0, USEC_PER_MSEC,
                              on_reload_timer, d);
    return r < 0 ? r : sd_event_source_set_enabled(d->reload_timer, SD_EVENT_OFF);
}
