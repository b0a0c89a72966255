/* SPDX-License-Identifier: MIT */
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "alarm/sender.h"
#include "base/clock.h"
#include "base/memory.h"
#include "config/alarm.h"
#include "daemon.h"
#include "journal/events.h"

/*
 * The alarms of the process. The list gets every event and is kept in the store from one run to the
 * next. Alarms are sent by the ways that the config has. Nothing waits for any of it.
 */

/* When the process ends: time limit for sending the alarms that are not sent yet. */
#define FLUSH_USEC (5 * USEC_PER_SEC)

struct alarms {
    struct daemon *daemon;
    struct alarm_list *list;
    struct config_alarm_channels channels;
    struct alarm_sender *senders[ALARM_CHANNELS]; /* NULL: the config has no such way */
    sd_event_source *change_source;
    uint64_t changes, written, saved; /* numbers of changes of the list: all of them, given to the
                                         transaction, committed */
    char host[HOST_NAME_MAX + 1];
};

/* ---- changes ---- */

/* Note a change. It is sent and saved later, from the loop, because an event may come from
 * anywhere. */
static void changed(void *userdata)
{
    struct alarms *a = userdata;
    a->changes++;
    if (a->change_source)
        sd_event_source_set_enabled(a->change_source, SD_EVENT_ONESHOT);
}

static int on_change(sd_event_source *source, void *userdata)
{
    struct alarms *a = userdata;
    (void)source;
    for (unsigned i = 0; i < ALARM_CHANNELS; i++)
        if (a->senders[i])
            alarm_sender_look(a->senders[i]);
    turn_request(a->daemon->turn);
    return 0;
}

static void on_event(const struct record *record, const char *sentence, void *userdata)
{
    struct alarms *a = userdata;
    if (alarm_list_take(a->list, record, sentence))
        changed(a);
}

void daemon_end_alarm(struct daemon *d, const struct alarm *alarm, const char *why)
{
    AUTOFREE char *subject = memory_string(alarm->subject);
    enum journal_id raised_by = alarm->row->raised_by;
    event_alarm_ended(journal_id(raised_by)->name, subject, why);
    alarm_list_end(d->alarms->list, raised_by, subject, why);
    changed(d->alarms);
}

bool daemon_has_alarm(const struct daemon *d, enum journal_id raised_by, const char *subject)
{
    return d->alarms && alarm_list_has(d->alarms->list, raised_by, subject);
}

void daemon_each_alarm(const struct daemon *d,
                       void (*each)(const struct alarm *alarm, void *userdata), void *userdata)
{
    if (d->alarms)
        alarm_list_each(d->alarms->list, each, userdata);
}

/* ---- the store ---- */

static int save(struct alarms *a, struct store *store)
{
    AUTOTEXT struct text json = {0};
    alarm_list_save(a->list, &json);
    int r = store_set_fact(store, "alarm", "", "list", json.data);
    if (!r)
        a->written = a->changes;
    return r;
}

int daemon_write_alarms(struct daemon *d, struct store *store)
{
    return d->alarms && d->alarms->saved != d->alarms->changes ? save(d->alarms, store) : 0;
}

void daemon_alarms_committed(struct daemon *d)
{
    if (d->alarms)
        d->alarms->saved = d->alarms->written;
}

static void recall(struct alarms *a)
{
    char *json = NULL;
    if (store_get_fact(a->daemon->store, "alarm", "", "list", &json) == 0 && json)
        alarm_list_load(a->list, json);
    free(json);
}

/* ---- the ways in the config ---- */

static void free_senders(struct alarms *a)
{
    for (unsigned i = 0; i < ALARM_CHANNELS; i++) {
        alarm_sender_free(a->senders[i]);
        a->senders[i] = NULL;
    }
}

static void make_sender(struct alarms *a, enum alarm_channel_kind channel, sd_event *event,
                        struct http *http)
{
    struct alarm_sender_options options = {
        .list = a->list,
        .kind = channel,
        .channel =
            {
                .event = event,
                .http = http,
                .url = channel == ALARM_BY_URL ? a->channels.url.data : NULL,
                .keys = &a->channels.keys,
                .command = a->channels.command,
                .timeout_usec = a->channels.timeout_usec,
            },
        .host = a->host,
        .told = changed,
        .userdata = a,
    };
    alarm_sender_new(&a->senders[channel], &options);
}

static void make_senders(struct alarms *a, sd_event *event, struct http *http)
{
    if (a->channels.url.size)
        make_sender(a, ALARM_BY_URL, event, http);
    if (a->channels.command)
        make_sender(a, ALARM_BY_COMMAND, event, http);
}

void daemon_configure_alarms(struct daemon *d)
{
    struct alarms *a = d->alarms;
    const struct config *config = d->config;
    struct error error;
    free_senders(a);
    config_alarm_channels_clear(&a->channels);
    if (config_alarm_channels(&a->channels, config, &error))
        event_alarm_failed("[alarm]", error.text, "");
    alarm_list_filter(a->list,
                      &(struct alarm_filter){
                          .channels = {a->channels.url.size > 0, a->channels.command != NULL},
                          .level = config->alarm_level,
                          .events = config->alarm_events,
                          .repeat_usec = config->alarm_repeat_usec,
                      });
    make_senders(a, d->event, d->http);
    changed(a);
}

/* ---- life ---- */

int daemon_open_alarms(struct daemon *d)
{
    struct alarms *a = d->alarms = NEW(struct alarms);
    a->daemon = d;
    a->list = alarm_list_new();
    if (gethostname(a->host, sizeof(a->host) - 1) < 0)
        text_copy(a->host, sizeof(a->host), "?");
    recall(a);
    int r = sd_event_add_defer(d->event, &a->change_source, on_change, a);
    if (r >= 0)
        r = sd_event_source_set_enabled(a->change_source, SD_EVENT_OFF);
    if (r < 0)
        return r;
    record_listen(on_event, a);
    daemon_configure_alarms(d);
    return 0;
}

static bool has_news(const struct alarms *a)
{
    for (unsigned i = 0; i < ALARM_CHANNELS; i++)
        if (a->senders[i] && !alarm_sender_idle(a->senders[i]))
            return true;
    return false;
}

/* Send the alarms that are not sent yet. This uses a loop of its own, because the daemon's loop has
 * ended. */
static void send_the_rest(struct alarms *a)
{
    uint64_t end = clock_boot_usec() + FLUSH_USEC, now;
    sd_event *event = NULL;
    struct http *http = NULL;
    free_senders(a);
    int r = sd_event_new(&event);
    if (r >= 0)
        r = http_new(&http, event);
    if (r >= 0)
        make_senders(a, event, http);
    for (unsigned i = 0; i < ALARM_CHANNELS; i++)
        if (a->senders[i])
            alarm_sender_look(a->senders[i]);
    while (r >= 0 && has_news(a) && (now = clock_boot_usec()) < end)
        r = sd_event_run(event, end - now);
    free_senders(a);
    http_free(http);
    sd_event_unref(event);
}

static void save_the_rest(struct alarms *a)
{
    struct store *store = a->daemon->store;
    if (a->saved == a->changes || store_begin(store))
        return;
    if (save(a, store) || store_commit(store))
        store_rollback(store);
}

void daemon_close_alarms(struct daemon *d, bool in_order)
{
    struct alarms *a = d->alarms;
    if (!a)
        return;
    record_listen(NULL, NULL);
    a->change_source = sd_event_source_disable_unref(a->change_source);
    if (!d->hurried && has_news(a))
        send_the_rest(a);
    if (in_order)
        save_the_rest(a);
    free_senders(a);
    config_alarm_channels_clear(&a->channels);
    alarm_list_free(a->list);
    free(a);
    d->alarms = NULL;
}
