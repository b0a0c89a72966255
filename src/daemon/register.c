/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/backoff.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "daemon.h"
#include "journal/events.h"

/* More subscriptions than this are not remembered by id; their sellers are found by the queue. */
#define SUBSCRIPTIONS_MAX 10000

static const char *config_seller_name(const struct daemon *d, const char *name)
{
    const struct config_seller *seller = config_find_seller(d->config, name);
    return seller ? seller->name : NULL;
}

static const char *known_seller(const struct daemon *d, const char *id)
{
    for (size_t i = 0; i < d->n_subscriptions; i++)
        if (text_equal(d->subscriptions[i].id, id))
            return d->subscriptions[i].seller;
    return NULL;
}

static void remember(struct daemon *d, const char *id, const char *seller)
{
    if (!seller || known_seller(d, id) || d->n_subscriptions == SUBSCRIPTIONS_MAX)
        return;
    d->subscriptions =
        memory_resize(d->subscriptions, d->n_subscriptions + 1, sizeof(*d->subscriptions));
    d->subscriptions[d->n_subscriptions++] = (struct subscription){memory_string(id), seller};
}

const char *daemon_seller_of(const char *subscription_id, void *userdata)
{
    struct daemon *d = userdata;
    AUTOFREE char *stored = NULL;
    const char *seller = known_seller(d, subscription_id);
    if (seller)
        return seller;
    /* Registered by an earlier run. */
    if (store_get_fact(d->store, "subscription", subscription_id, "seller", &stored) || !stored)
        return NULL;
    seller = config_seller_name(d, stored);
    remember(d, subscription_id, seller);
    return seller;
}

void daemon_end_registration(struct daemon *d)
{
    d->register_timer = sd_event_source_disable_unref(d->register_timer);
    registrar_free(TAKE(d->registrar));
    daemon_end_secret_care(d);
    application_close(&d->application);
    free(TAKE(d->troubled));
    for (size_t i = 0; i < d->n_subscriptions; i++)
        free(d->subscriptions[i].id);
    free(TAKE(d->subscriptions));
    d->n_subscriptions = 0;
}

static bool is_bad(enum registration_result result)
{
    return result == REGISTRATION_FAILED || result == REGISTRATION_DIFFERENT;
}

/* Whether something is wrong with the seller, this result included. */
static bool is_troubled(struct daemon *d, const struct registration *registration)
{
    if (!d->troubled)
        d->troubled = memory_new((d->config->n_sellers + 1) * sizeof(*d->troubled));
    const struct config_seller *seller = config_find_seller(d->config, registration->seller);
    if (!seller)
        return false;
    bool *troubled = &d->troubled[seller - d->config->sellers];
    *troubled = *troubled || is_bad(registration->result);
    return *troubled;
}

static void note_time(struct daemon *d, const char *seller)
{
    char now[CLOCK_TEXT_MAX];
    clock_rfc3339(now, clock_trusted_usec());
    daemon_note(d, "seller", seller, "registered_at", now);
}

static void note_subscription(struct daemon *d, const struct registration *registration)
{
    if (!registration->type || !registration->id)
        return;
    remember(d, registration->id, config_seller_name(d, registration->seller));
    daemon_note(d, "subscription", registration->id, "seller", registration->seller);
}

void daemon_report_registration(const struct registration *registration, void *userdata)
{
    struct daemon *d = userdata;
    const char *seller = registration->seller, *type = registration->type;
    const char *state = registration_result_name(registration->result);
    switch (registration->result) {
    case REGISTRATION_FAILED:
        event_registration_failed(seller, type, registration->error);
        daemon_note(d, "seller", seller, "last_error", registration->text);
        break;
    case REGISTRATION_DIFFERENT:
        event_registration_differs(seller, type, registration->text);
        daemon_note(d, "seller", seller, "last_error", registration->text);
        note_subscription(d, registration);
        break;
    default: {
        AUTOFREE char *text = memory_format("%s %s", state, registration->text);
        event_registered(seller, type, text);
        note_subscription(d, registration);
        break;
    }
    }
    /* A later success about another type does not hide that something is wrong. */
    if (is_troubled(d, registration) && !is_bad(registration->result))
        return;
    daemon_note(d, "seller", seller, "registration", state);
    note_time(d, seller);
}

static bool has_alarm(const struct daemon *d, const char *seller)
{
    return daemon_has_alarm(d, ID_REGISTRATION_FAILED, seller) ||
           daemon_has_alarm(d, ID_REGISTRATION_DIFFERS, seller);
}

/* Whom an alarm was about and with whom all is well now. */
static void tell_recovered(struct daemon *d)
{
    if (has_alarm(d, NULL))
        event_registration_works(NULL);
    for (size_t i = 0; i < d->config->n_sellers; i++)
        if (!(d->troubled && d->troubled[i]) && has_alarm(d, d->config->sellers[i].name))
            event_registration_works(d->config->sellers[i].name);
}

static void finished(unsigned failures, unsigned differences, void *userdata)
{
    struct daemon *d = userdata;
    (void)failures;
    (void)differences;
    tell_recovered(d);
    registrar_free(TAKE(d->registrar));
}

static void forget_errors(struct daemon *d)
{
    for (size_t i = 0; i < d->application.n_sellers; i++)
        daemon_note(d, "seller", d->application.sellers[i].name, "last_error", NULL);
}

/* What somebody else has changed at Amazon is seen within a day. */
static int on_day(sd_event_source *source, uint64_t usec, void *userdata)
{
    struct daemon *d = userdata;
    (void)source, (void)usec;
    daemon_end_registration(d);
    daemon_register(d);
    return 0;
}

/* Not all daemons at the same moment: with jitter. */
static void come_again(struct daemon *d)
{
    sd_event_add_time_relative(d->event, &d->register_timer, CLOCK_BOOTTIME,
                               backoff_usec(USEC_PER_DAY, USEC_PER_DAY, 1), 0, on_day, d);
}

void daemon_register(struct daemon *d)
{
    struct error error;
    come_again(d);
    int r = application_open(&d->application, d->config, NULL, d->event, d->http, &error);
    daemon_care_for_secret(d);
    if (r) {
        event_registration_failed(NULL, NULL, &error);
        return;
    }
    if (!d->application.n_sellers)
        return;
    forget_errors(d);
    struct registrar_options options = {
        .event = d->event,
        .http = d->http,
        .lwa = d->application.lwa,
        .endpoint = d->config->endpoint,
        .tally = d->tallies.operations,
        .sellers = d->application.sellers,
        .n_sellers = d->application.n_sellers,
        .report = daemon_report_registration,
        .finished = finished,
        .userdata = d,
    };
    if (registrar_new(&d->registrar, &options) == 0)
        registrar_start(d->registrar);
}
