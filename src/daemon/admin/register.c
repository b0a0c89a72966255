/* SPDX-License-Identifier: MIT */
#include "admin.h"

#include "base/json.h"
#include "base/memory.h"

/* The only type that is registered here, whatever types the seller's section names. */
#define TYPE "ORDER_CHANGE"

struct admin_registration {
    struct daemon *daemon;
    struct exchange *exchange;   /* NULL: answered, or the client is gone */
    struct config config;        /* the daemon's with this seller only; borrows all of it */
    struct config_seller seller; /* the same with TYPE only */
    char *types[2];
    struct application application;
    struct registrar *registrar;
    bool recreate, ended;
    sd_event_source *sweep;
};

static void answer(struct admin_registration *r, const char *text)
{
    if (r->exchange)
        admin_say(TAKE(r->exchange), text);
}

static void refuse(struct admin_registration *r, int status, const char *message,
                   const struct error *error)
{
    if (r->exchange)
        admin_refuse(TAKE(r->exchange), status, message, error);
}

/* Return Data Border's word for the step that failed. */
static const char *name_step(const struct registration *registration)
{
    if (registration->error->kind == ERROR_CREDENTIALS)
        return "Error getting access token";
    return registration->type ? "Error creating subscription" : "Error creating destination";
}

static void report(const struct registration *registration, void *userdata)
{
    struct admin_registration *r = userdata;
    daemon_report_registration(registration, r->daemon);
    switch (registration->result) {
    case REGISTRATION_FAILED:
        refuse(r, 502, name_step(registration), registration->error);
        break;
    case REGISTRATION_DIFFERENT: {
        /* If the answer were a success, the program would wait for notifications that go
         * elsewhere. */
        AUTOFREE char *message =
            memory_format("Notifications are registered differently (%s); send "
                          "recreateSubscription true to replace that",
                          registration->text);
        refuse(r, 409, message, NULL);
        break;
    }
    case REGISTRATION_CREATED:
        if (registration->type)
            answer(r, "Notifications registed.");
        break;
    case REGISTRATION_KEPT:
        answer(r, "Notifications already registed.");
        break;
    default:
        break;
    }
}

static void finished(unsigned failures, unsigned differences, void *userdata)
{
    struct admin_registration *r = userdata;
    (void)failures, (void)differences;
    refuse(r, 502, "Error creating subscription", NULL);
    r->ended = true;
    sd_event_source_set_enabled(r->sweep, SD_EVENT_ONESHOT);
}

static int start(struct admin_registration *r, struct error *error)
{
    struct daemon *d = r->daemon;
    int result = application_open(&r->application, &r->config, NULL, d->event, d->http, error);
    if (result)
        return result;
    if (!r->application.n_sellers)
        return error_set(error, ERROR_CONFIG,
                         "seller %s has no refresh_token, or [application] is not complete",
                         r->seller.name);
    if (r->application.lwa)
        lwa_count(r->application.lwa, &d->tallies.lwa);
    result = registrar_new(&r->registrar, &(struct registrar_options){
                                              .event = d->event,
                                              .http = d->http,
                                              .lwa = r->application.lwa,
                                              .endpoint = d->config->endpoint,
                                              .tally = d->tallies.operations,
                                              .sellers = r->application.sellers,
                                              .n_sellers = r->application.n_sellers,
                                              .recreate = r->recreate,
                                              .report = report,
                                              .finished = finished,
                                              .userdata = r,
                                          });
    if (result)
        return error_set(error, ERROR_CONFIG, "the registration could not be started");
    registrar_start(r->registrar);
    return 0;
}

struct admin_registration *admin_registration_new(struct daemon *d,
                                                  const struct config_seller *seller, bool recreate,
                                                  struct exchange *exchange, sd_event_source *sweep)
{
    static char type[] = TYPE;
    struct admin_registration *r = NEW(struct admin_registration);
    struct error error;
    r->daemon = d;
    r->exchange = exchange;
    r->recreate = recreate;
    r->sweep = sweep;
    r->types[0] = type;
    r->seller = *seller;
    r->seller.subscribe = r->types;
    r->config = *d->config;
    r->config.sellers = &r->seller;
    r->config.n_sellers = 1;
    if (start(r, &error) == 0)
        return r;
    refuse(r, 500, error.text, NULL);
    admin_registration_free(r);
    return NULL;
}

void admin_registration_free(struct admin_registration *r)
{
    if (!r)
        return;
    refuse(r, 503, "Dockbell is stopping or reading its configuration again; try again", NULL);
    registrar_free(r->registrar);
    application_close(&r->application);
    free(r);
}

bool admin_registration_ended(const struct admin_registration *r)
{
    return r->ended;
}

void admin_registration_forget(struct admin_registration *r, struct exchange *exchange)
{
    if (r->exchange == exchange)
        r->exchange = NULL;
}
