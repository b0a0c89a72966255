/* SPDX-License-Identifier: MIT */
#include "alarm/list.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "daemon.h"

/*
 * An alarm is raised by an event and ended by another event, its all-clear. Neither event comes if
 * the state changed while the daemon did not run, or if the config has changed. So every alarm that
 * lasts has one function here, which checks the state that the alarm is about.
 */

/* Return why an alarm is over; NULL: it is not over, or the state is not known yet. */
typedef const char *(*state_fn)(struct daemon *d, const char *subject);

static const char *if_over(bool over, const char *why)
{
    return over ? why : NULL;
}

/* ---- queues ---- */

static bool look_at_queue(struct daemon *d, const char *name, struct receiver_view *ret)
{
    const struct config_queue *queue = config_find_queue(d->config, name);
    if (queue)
        receiver_look(d->parts->receivers[queue - d->config->queues], ret);
    return queue;
}

static const char *reads(struct daemon *d, const char *queue)
{
    struct receiver_view view;
    return if_over(look_at_queue(d, queue, &view) && view.answered && !view.trouble,
                   "the queue can be read");
}

static const char *deletes(struct daemon *d, const char *queue)
{
    struct receiver_view view;
    return if_over(look_at_queue(d, queue, &view) && view.deletes,
                   "messages can be deleted from the queue");
}

static const char *is_in_time(struct daemon *d, const char *queue)
{
    struct receiver_view view;
    return if_over(look_at_queue(d, queue, &view) && !view.late,
                   "the last notification came within lag_alarm");
}

static const char *queue_is_heard(struct daemon *d, const char *queue)
{
    return if_over(!quiet_is_silent(d->parts->quiet, false, queue),
                   "the last message is not older than quiet_alarm");
}

static const char *seller_is_heard(struct daemon *d, const char *seller)
{
    return if_over(!quiet_is_silent(d->parts->quiet, true, seller),
                   "the last notification is not older than quiet_alarm");
}

/* ---- webhooks ---- */

static const struct forwarder *forwarder_of(const struct daemon *d, const char *name)
{
    const struct config_webhook *webhook = config_find_webhook(d->config, name);
    return webhook ? d->parts->forwarders[webhook - d->config->webhooks] : NULL;
}

static const char *webhook_works(struct daemon *d, const char *name)
{
    const struct forwarder *forwarder = forwarder_of(d, name);
    struct forwarder_view view;
    if (!forwarder)
        return NULL;
    forwarder_look(forwarder, &view);
    return if_over(view.breaker == BREAKER_CLOSED, "deliveries are sent to the webhook");
}

static const char *webhook_is_resumed(struct daemon *d, const char *name)
{
    const struct forwarder *forwarder = forwarder_of(d, name);
    return if_over(forwarder && !forwarder_is_gone(forwarder), "the webhook was resumed");
}

static const char *something_passes(struct daemon *d, const char *webhook)
{
    return if_over(!filter_watch_blocks(d->parts->filters, webhook),
                   "the filters of the webhook have changed, or filter_alarm is longer or off");
}

static const char *nothing_is_removed(struct daemon *d, const char *webhook)
{
    return if_over(janitor_removal_is_far(d->parts->janitor, webhook),
                   "no dead or held delivery is removed within three days");
}

static bool has_certificate(const struct daemon *d, const char *path, enum certificate_state least,
                            enum certificate_state most)
{
    const struct certificates *all = &d->certificates;
    for (size_t i = 0; i < all->count; i++) {
        const struct certificate *certificate = &all->list[i];
        if (text_equal(certificate->path, path) && certificate->state >= least &&
            certificate->state <= most)
            return true;
    }
    return false;
}

static const char *certificate_is_good(struct daemon *d, const char *path)
{
    return if_over(!has_certificate(d, path, CERTIFICATE_MONTH, CERTIFICATE_UNREADABLE),
                   "no webhook uses this file with a certificate that ends soon");
}

static const char *certificate_is_valid(struct daemon *d, const char *path)
{
    return if_over(!has_certificate(d, path, CERTIFICATE_EXPIRED, CERTIFICATE_UNREADABLE),
                   "no webhook uses this file with a certificate that has ended");
}

static const char *certificate_is_readable(struct daemon *d, const char *path)
{
    return if_over(!has_certificate(d, path, CERTIFICATE_UNREADABLE, CERTIFICATE_UNREADABLE),
                   "no webhook uses this file, or it can be read");
}

/* ---- Amazon ---- */

static bool registers(const struct daemon *d, const char *name)
{
    for (size_t i = 0; i < d->config->n_sellers; i++) {
        const struct config_seller *seller = &d->config->sellers[i];
        if ((!name || text_equal(seller->name, name)) && application_registers(d->config, seller))
            return true;
    }
    return false;
}

/* Only the config is checked here: a success ends the alarm by an event. */
static const char *is_not_registered(struct daemon *d, const char *seller)
{
    return if_over(!registers(d, seller), "Dockbell does not register this any more");
}

static const char *is_not_asked(struct daemon *d, const char *seller)
{
    bool asked = seller ? registers(d, seller) : d->config->client_id != NULL;
    return if_over(!asked, "Dockbell does not log in for this any more");
}

static const char *secret_lasts(struct daemon *d, const char *subject)
{
    (void)subject;
    return if_over(!d->secret.expires_usec, "the configuration has another client secret");
}

static const char *rotation_is_not_due(struct daemon *d, const char *subject)
{
    uint64_t now = 0, before = d->config->rotate_secret_usec, end = d->secret.expires_usec;
    (void)subject;
    if (d->secret.rotation_failure != ERROR_NONE || !trusted_time_now(&d->time, &now))
        return NULL;
    return if_over(!before || !end || now + before < end, "no new client secret is needed now");
}

/* ---- the daemon ---- */

static const char *store_has_room(struct daemon *d, const char *subject)
{
    (void)subject;
    return if_over(!d->full_since_usec, "the store can be written");
}

static const char *store_is_unlocked(struct daemon *d, const char *subject)
{
    (void)subject;
    return if_over(!d->locked_since_usec, "the store can be written");
}

static const char *disk_has_room(struct daemon *d, const char *subject)
{
    (void)subject;
    return if_over(!janitor_disk_is_low(d->parts->janitor), "more than min_free_disk is free");
}

static const char *backlog_is_normal(struct daemon *d, const char *subject)
{
    (void)subject;
    return if_over(janitor_backlog_is_normal(d->parts->janitor),
                   "fewer deliveries wait than four fifths of max_backlog");
}

static const char *backlog_has_room(struct daemon *d, const char *subject)
{
    (void)subject;
    return if_over(janitor_backlog_is_known(d->parts->janitor) &&
                       !janitor_backlog_is_full(d->parts->janitor),
                   "fewer deliveries wait than max_backlog");
}

static const char *strangers_have_room(struct daemon *d, const char *subject)
{
    (void)subject;
    return if_over(janitor_unknown_is_normal(d->parts->janitor),
                   "fewer notifications from unknown senders are kept than max_unknown and "
                   "max_unknown_size allow");
}

static const char *config_is_taken(struct daemon *d, const char *subject)
{
    (void)subject;
    return if_over(!d->reload_refused, "the configuration is in use");
}

static const char *clock_is_right(struct daemon *d, const char *subject)
{
    (void)subject;
    return if_over(d->time.known && !d->time.off, "the clock agrees with that of Amazon");
}

/* ---- the table ---- */

static const state_fn states[JOURNAL_ID_COUNT] = {
    [ID_RECEIVE_FAILED] = reads,
    [ID_QUEUE_SILENT] = reads,
    [ID_GAP_NEAR] = reads,
    [ID_DELETE_FAILED] = deletes,
    [ID_QUEUE_QUIET] = queue_is_heard,
    [ID_SELLER_QUIET] = seller_is_heard,
    [ID_LAG_HIGH] = is_in_time,
    [ID_BREAKER_OPENED] = webhook_works,
    [ID_WEBHOOK_GONE] = webhook_is_resumed,
    [ID_FILTER_BLOCKS] = something_passes,
    [ID_REMOVAL_NEAR] = nothing_is_removed,
    [ID_CERTIFICATE_EXPIRES] = certificate_is_good,
    [ID_CERTIFICATE_EXPIRED] = certificate_is_valid,
    [ID_CERTIFICATE_UNREADABLE] = certificate_is_readable,
    [ID_CREDENTIALS_EXPIRE] = daemon_identity_is_good,
    [ID_REGISTRATION_FAILED] = is_not_registered,
    [ID_REGISTRATION_DIFFERS] = is_not_registered,
    [ID_LWA_REFUSED] = is_not_asked,
    [ID_CLIENT_SECRET_EXPIRES] = secret_lasts,
    [ID_ROTATION_FAILED] = rotation_is_not_due,
    [ID_STORE_FULL] = store_has_room,
    [ID_STORE_LOCKED] = store_is_unlocked,
    [ID_DISK_LOW] = disk_has_room,
    [ID_BACKLOG_HIGH] = backlog_is_normal,
    [ID_BACKLOG_FULL] = backlog_has_room,
    [ID_UNKNOWN_LIMIT] = strangers_have_room,
    [ID_RELOAD_REFUSED] = config_is_taken,
    [ID_CLOCK_OFF] = clock_is_right,
};

static bool is_configured(const struct config *config, enum journal_field field, const char *name)
{
    switch (field) {
    case FIELD_QUEUE:
        return config_find_queue(config, name);
    case FIELD_SELLER:
        return config_find_seller(config, name);
    case FIELD_WEBHOOK:
        return config_find_webhook(config, name);
    default:
        return true;
    }
}

struct search {
    struct daemon *d;
    const struct alarm *over;
    const char *why;
};

/* Find an alarm that is over. If its subject is not configured any more, no event raises or ends
 * it. */
static void find_over(const struct alarm *alarm, void *userdata)
{
    struct search *search = userdata;
    state_fn state = states[alarm->row->raised_by];
    bool here =
        !alarm->subject || is_configured(search->d->config, alarm->row->subject, alarm->subject);
    const char *why = "it is not in the configuration any more";
    if (here)
        why = state ? state(search->d, alarm->subject) : NULL;
    if (!search->over && why) {
        search->over = alarm;
        search->why = why;
    }
}

void daemon_judge_alarms(struct daemon *d)
{
    struct search search;
    do {
        search = (struct search){.d = d};
        daemon_each_alarm(d, find_over, &search);
        if (search.over)
            daemon_end_alarm(d, search.over, search.why);
    } while (search.over);
}
