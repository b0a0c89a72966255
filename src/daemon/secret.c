/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/memory.h"
#include "base/text.h"
#include "daemon.h"
#include "journal/events.h"

/*
 * The application's client secret must be replaced before its 180 days are over. A new one is asked
 * for in time (register/secret_rotator.h). When a queue brings it, it is proved and kept
 * (register/secret_keeper.h), and given to the LWA client. The answers of LWA are reported and
 * noted.
 */

/* Time between two checks whether a secret ends, and while the time is not known yet. */
#define LOOK_USEC    USEC_PER_HOUR
#define LOOK_AT_USEC USEC_PER_SEC

static void arm(struct daemon *d, uint64_t delay_usec)
{
    sd_event_source_set_time_relative(d->secret.timer, delay_usec);
    sd_event_source_set_enabled(d->secret.timer, SD_EVENT_ONESHOT);
}

static void note(struct daemon *d, const char *key, const char *value)
{
    daemon_note(d, "application", "", key, value);
}

static void note_time(struct daemon *d, const char *key, uint64_t usec)
{
    char text[CLOCK_TEXT_MAX];
    clock_rfc3339(text, usec);
    note(d, key, usec ? text : NULL);
}

/* ---- answers of LWA ---- */

static void on_refused(struct daemon *d, const char *seller, const struct error *error)
{
    event_lwa_refused(seller, error);
    if (seller) {
        daemon_note(d, "seller", seller, "lwa_error", error->text);
        return;
    }
    d->secret.refused = true;
    note(d, "lwa_error", error->text);
}

static void on_works(struct daemon *d, size_t secret)
{
    enum application_source source = d->application.secrets.sources[secret];
    if (daemon_has_alarm(d, ID_LWA_REFUSED, NULL))
        event_lwa_works_again(NULL);
    d->secret.refused = false;
    note(d, "lwa_error", NULL);
    note(d, "secret", application_source_name(source));
    if (secret > 0)
        event_client_secret_fallback(source == APPLICATION_SECRET_CONFIG
                                         ? "the one in the configuration"
                                         : "the one that it has replaced");
}

static void on_lwa_news(const struct lwa_news *news, void *userdata)
{
    struct daemon *d = userdata;
    if (news->error) {
        on_refused(d, news->seller, news->error);
    } else if (!news->seller) {
        on_works(d, news->secret);
    } else {
        if (daemon_has_alarm(d, ID_LWA_REFUSED, news->seller))
            event_lwa_works_again(news->seller);
        daemon_note(d, "seller", news->seller, "lwa_error", NULL);
    }
}

/* ---- a new secret ---- */

/* Return a fingerprint of the config's secret that Amazon's message was about. It does not help to
 * guess the secret, which is long and random. */
static char *fingerprint(const struct daemon *d)
{
    const char *const parts[] = {d->config->client_id, d->secret.configured.data};
    if (!parts[0] || !parts[1])
        return NULL;
    return memory_format("%016" PRIx64, (uint64_t)digest_key64(parts, ELEMENTS(parts)));
}

static void note_expiry(struct daemon *d)
{
    AUTOFREE char *of = d->secret.expires_usec ? fingerprint(d) : NULL;
    note_time(d, "secret_expires", d->secret.expires_usec);
    note(d, "secret_expires_of", of);
}

static void learn_expiry(struct daemon *d)
{
    const struct secret_file *file = &d->application.secrets.file;
    if (file->client_id && file->expires_usec)
        d->secret.expires_usec = file->expires_usec;
    note_expiry(d);
}

static void use_new_secret(struct daemon *d, const char *queue)
{
    struct error error;
    if (application_reload_secrets(&d->application, d->config, &error)) {
        event_config_warning(NULL, 0, error.text);
        return;
    }
    learn_expiry(d);
    note(d, "secret", application_source_name(APPLICATION_SECRET_FILE));
    event_client_secret_kept(queue, d->secret.expires_usec);
    d->secret.again = d->secret.refused;
    if (d->secret.again && d->secret.timer)
        arm(d, 0);
}

static void on_outcome(const struct secret_outcome *outcome, void *userdata)
{
    struct daemon *d = userdata;
    AUTOFREE char *receipt = TAKE(d->secret.receipt);
    bool alive = parts_have_receiver(d->parts, d->secret.receiver);
    if (outcome->kept)
        use_new_secret(d, alive ? receiver_queue(d->secret.receiver) : NULL);
    if (alive)
        receiver_secret_done(d->secret.receiver, receipt, outcome->hide_s, outcome->why);
}

void daemon_new_secret(struct receiver *receiver, const char *receipt,
                       struct new_client_secret *secret, void *userdata)
{
    struct daemon *d = userdata;
    if (d->secret.receipt || !d->secret.keeper || d->stopping)
        return; /* SQS brings it again */
    d->secret.receiver = receiver;
    d->secret.receipt = memory_string(receipt);
    secret_keeper_offer(d->secret.keeper, secret, on_outcome, d);
}

/* ---- its end ---- */

static void on_rotated(const struct error *error, bool asked, void *userdata)
{
    struct daemon *d = userdata;
    enum error_kind told = d->secret.rotation_failure;
    (void)asked;
    d->secret.rotated = true;
    d->secret.rotation_failure = error->kind;
    if (error->kind == ERROR_NONE)
        event_rotation_asked(d->secret.expires_usec);
    else if (error->kind != told)
        event_rotation_failed(error);
}

static bool is_time_to_rotate(const struct daemon *d, uint64_t now)
{
    uint64_t before = d->config->rotate_secret_usec, expires = d->secret.expires_usec;
    if (!before || !expires || !d->application.lwa || d->secret.rotator || now + before < expires)
        return false;
    uint64_t last = secret_rotator_last(d->config->state_directory);
    return now > last + SECRET_ROTATOR_INTERVAL_USEC || last > now + SECRET_ROTATOR_INTERVAL_USEC;
}

static void rotate(struct daemon *d, uint64_t now)
{
    struct secret_rotator_options options = {
        .http = d->http,
        .lwa = d->application.lwa,
        .endpoint = application_endpoint(d->config),
        .directory = d->config->state_directory,
        .now_usec = now,
        .done = on_rotated,
        .userdata = d,
    };
    d->secret.rotated = false;
    secret_rotator_new(&d->secret.rotator, &options);
}

static int write_file(struct daemon *d, const struct secret_file *file)
{
    return secret_file_write(file, d->config->state_directory, &d->secret.configured);
}

/* If the old secret has ended, remove it from the file: it is of no use. */
static void drop_old(struct daemon *d, uint64_t now)
{
    struct secret_file *file = &d->application.secrets.file;
    struct error error;
    if (!file->old.data || now < file->old_expires_usec)
        return;
    secret_clear(&file->old);
    file->old_expires_usec = 0;
    if (write_file(d, file) == 0)
        application_reload_secrets(&d->application, d->config, &error);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
    struct daemon *d = userdata;
    uint64_t now;
    (void)source;
    (void)usec;
    if (d->stopping)
        return 0;
    if (d->secret.again) {
        d->secret.register_again(d); /* this frees the timer too */
        return 0;
    }
    if (d->secret.rotated)
        secret_rotator_free(TAKE(d->secret.rotator));
    note_expiry(d);
    bool known = trusted_time_now(&d->time, &now);
    if (known) {
        drop_old(d, now);
        if (is_time_to_rotate(d, now))
            rotate(d, now);
    }
    arm(d, known ? LOOK_USEC : LOOK_AT_USEC);
    return 0;
}

void daemon_secret_expiry(const struct client_secret_expiry *expiry, void *userdata)
{
    struct daemon *d = userdata;
    const struct secret_file *file = &d->application.secrets.file;
    bool ours = text_equal(expiry->client_id, d->config->client_id);
    if (!ours || (file->client_id && file->expires_usec > expiry->expires_usec))
        return; /* of another application, or of a secret that is replaced already */
    /* The timer notes it: this call comes from inside the commit, whose end drops notes. */
    d->secret.expires_usec = expiry->expires_usec;
    event_client_secret_expires(expiry->expires_usec, expiry->reason[0] ? expiry->reason : NULL);
    if (d->secret.timer)
        arm(d, 0);
}

/* ---- life ---- */

/* Whether the config now has another secret than the one that Amazon's message was about. */
static bool is_replaced(struct daemon *d)
{
    AUTOFREE char *now = fingerprint(d);
    AUTOFREE char *then = NULL;
    int r = store_get_fact(d->store, "application", "", "secret_expires_of", &then);
    return r == 0 && now && then && !text_equal(now, then);
}

/* Recall the expiry that Amazon announced in an earlier run. */
static void recall_expiry(struct daemon *d)
{
    AUTOFREE char *stored = NULL;
    uint64_t usec = 0;
    if (!is_replaced(d) &&
        store_get_fact(d->store, "application", "", "secret_expires", &stored) == 0 && stored &&
        clock_parse_rfc3339(stored, strlen(stored), &usec) == 0)
        d->secret.expires_usec = usec;
    learn_expiry(d);
}

static void make_keeper(struct daemon *d)
{
    struct error error;
    const struct config *c = d->config;
    if (c->client_secret.reference)
        (void)config_secret_resolve(&d->secret.configured, &c->client_secret, &error);
    secret_keeper_new(&d->secret.keeper,
                      &(struct secret_keeper_options){
                          .pause_usec = SECRET_KEEPER_PAUSE_USEC,
                          .event = d->event,
                          .http = d->http,
                          .lwa_endpoint = c->lwa_endpoint,
                          .client_id = c->client_secret.reference ? c->client_id : NULL,
                          .replaced = &d->secret.configured,
                          .directory = c->state_directory,
                      });
}

/* Open the LWA client also if there are no sellers to register: the secret may have to be replaced
 * in time. */
static void open_lwa(struct daemon *d)
{
    struct error error;
    if (!d->application.n_sellers &&
        application_open_lwa(&d->application, d->config, d->event, d->http, &error))
        event_config_warning(NULL, 0, error.text);
}

/* Report a locked file. A plain file is from an earlier version: seal it. */
static void look_at_file(struct daemon *d)
{
    const struct application_secrets *secrets = &d->application.secrets;
    if (secrets->locked)
        event_config_warning(NULL, 0, secrets->locked);
    if (secrets->file.client_id && !secrets->file.sealed && d->secret.configured.data)
        (void)write_file(d, &secrets->file);
}

/* Delete the notes of LWA's errors if Dockbell does not log in for their sellers any more. */
static void forget_errors(struct daemon *d)
{
    if (!d->config->client_id)
        note(d, "lwa_error", NULL);
    for (size_t i = 0; i < d->config->n_sellers; i++)
        if (!application_registers(d->config, &d->config->sellers[i]))
            daemon_note(d, "seller", d->config->sellers[i].name, "lwa_error", NULL);
}

void daemon_care_for_secret(struct daemon *d, void (*register_again)(struct daemon *))
{
    d->secret.register_again = register_again;
    make_keeper(d);
    open_lwa(d);
    look_at_file(d);
    recall_expiry(d);
    forget_errors(d);
    if (d->application.lwa) {
        lwa_watch(d->application.lwa, on_lwa_news, d);
        lwa_count(d->application.lwa, &d->tallies.lwa);
    }
    if (sd_event_add_time_relative(d->event, &d->secret.timer, CLOCK_BOOTTIME, 0, USEC_PER_MSEC,
                                   on_timer, d) < 0)
        d->secret.timer = NULL;
}

void daemon_end_secret_care(struct daemon *d)
{
    secret_keeper_free(d->secret.keeper);
    secret_rotator_free(d->secret.rotator);
    secret_clear(&d->secret.configured);
    free(d->secret.receipt);
    sd_event_source_disable_unref(d->secret.timer);
    d->secret = (struct secret_care){0};
}
