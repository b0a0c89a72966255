/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/memory.h"
#include "base/text.h"
#include "daemon.h"
#include "journal/events.h"

void daemon_end_registration(struct daemon *d)
{
    d->register_timer = sd_event_source_disable_unref(d->register_timer);
    registrar_free(TAKE(d->registrar));
    daemon_end_secret_care(d);
    daemon_end_look(d);
    application_close(&d->application);
    register_plan_clear(&d->plan);
    free(TAKE(d->round));
}

/* ---- results ---- */

/* Return the seller's index in the config, which is also that in the plan. */
static size_t place_of(const struct daemon *d, const char *seller)
{
    return (size_t)(config_find_seller(d->config, seller) - d->config->sellers);
}

/* Return the type's index in `subscribe`; the number of types: it is about the seller as a
 * whole. */
static size_t place_of_type(const struct config_seller *seller, const char *type)
{
    size_t count = text_list_size(seller->subscribe), i = 0;
    while (i < count && !text_equal(seller->subscribe[i], type))
        i++;
    return i;
}

static void note_usec(struct daemon *d, const char *seller, const char *key, uint64_t usec)
{
    char text[CLOCK_TEXT_MAX];
    clock_rfc3339(text, usec);
    daemon_note(d, "seller", seller, key, usec ? text : NULL);
}

/* Whether a failure is new: the same one is reported once, not at each try. */
static bool is_new(struct daemon *d, const struct registration *registration)
{
    const struct error *error = registration->error;
    char status[16];
    snprintf(status, sizeof(status), "%d", error ? error->status : 0);
    const char *parts[] = {error ? error_kind_name(error->kind) : "different",
                           error ? error->code : registration->text, status};
    size_t seller = place_of(d, registration->seller);
    size_t type = place_of_type(&d->config->sellers[seller], registration->type);
    return register_plan_is_new(&d->plan, seller, type,
                                (uint64_t)digest_key64(parts, ELEMENTS(parts)));
}

static void report_failure(struct daemon *d, const struct registration *registration)
{
    const char *seller = registration->seller;
    uint64_t next = register_plan_fail(&d->plan, place_of(d, seller), registration->passes);
    uint64_t boot = clock_boot_usec(), in = next > boot ? next - boot : 0;
    if (is_new(d, registration))
        event_registration_failed(seller, registration->type, registration->error, in);
    daemon_note(d, "seller", seller, "last_error", registration->text);
    note_usec(d, seller, "registration_next", clock_trusted_usec() + in);
}

static void report_difference(struct daemon *d, const struct registration *registration)
{
    register_plan_differ(&d->plan, place_of(d, registration->seller));
    if (is_new(d, registration))
        event_registration_differs(registration->seller, registration->type, registration->text);
    daemon_note(d, "seller", registration->seller, "last_error", registration->text);
}

static void report_success(const struct registration *registration)
{
    bool changed = registration->result == REGISTRATION_CREATED ||
                   registration->result == REGISTRATION_DELETED;
    AUTOFREE char *text =
        memory_format("%s %s", registration_result_name(registration->result), registration->text);
    event_registered(registration->seller, registration->type, text, changed);
}

void daemon_report_registration(const struct registration *registration, void *userdata)
{
    struct daemon *d = userdata;
    const char *seller = registration->seller;
    bool bad = true;
    if (registration->result == REGISTRATION_FAILED) {
        report_failure(d, registration);
    } else if (registration->result == REGISTRATION_DIFFERENT) {
        report_difference(d, registration);
    } else {
        bad = false;
        report_success(registration);
    }
    /* A later success with another type must not hide the problem. */
    if (!bad && d->plan.sellers[place_of(d, seller)].troubled)
        return;
    daemon_note(d, "seller", seller, "registration",
                registration_result_name(registration->result));
    note_usec(d, seller, "registered_at", clock_trusted_usec());
}

/* ---- rounds ---- */

static bool has_alarm(const struct daemon *d, const char *seller)
{
    return daemon_has_alarm(d, ID_REGISTRATION_FAILED, seller) ||
           daemon_has_alarm(d, ID_REGISTRATION_DIFFERS, seller);
}

static void report_recovered(struct daemon *d, const struct register_seller *s, const char *name)
{
    if (!s->failed)
        note_usec(d, name, "registration_next", 0);
    if (s->troubled)
        return;
    daemon_note(d, "seller", name, "last_error", NULL);
    if (has_alarm(d, name))
        event_registration_works(name);
}

static void arm(struct daemon *d)
{
    uint64_t next = register_plan_next(&d->plan), boot = clock_boot_usec();
    if (!d->register_timer || next == UINT64_MAX)
        return;
    sd_event_source_set_time_relative(d->register_timer, next > boot ? next - boot : 0);
    sd_event_source_set_enabled(d->register_timer, SD_EVENT_ONESHOT);
}

/* Note the next try again: a recovery may have brought it forward. */
static void note_next(struct daemon *d)
{
    uint64_t boot = clock_boot_usec(), wall = clock_trusted_usec();
    for (size_t i = 0; i < d->plan.count; i++) {
        const struct register_seller *s = &d->plan.sellers[i];
        uint64_t in = s->next_boot_usec > boot ? s->next_boot_usec - boot : 0;
        if (s->failed && !s->in_round)
            note_usec(d, d->config->sellers[i].name, "registration_next", wall + in);
    }
}

static void finished(unsigned failures, unsigned differences, void *userdata)
{
    struct daemon *d = userdata;
    (void)failures;
    (void)differences;
    if (has_alarm(d, NULL))
        event_registration_works(NULL);
    for (size_t i = 0; i < d->plan.count; i++)
        if (d->plan.sellers[i].in_round)
            report_recovered(d, &d->plan.sellers[i], d->config->sellers[i].name);
    register_plan_end(&d->plan);
    note_next(d);
    registrar_free(TAKE(d->registrar));
    free(TAKE(d->round));
    arm(d);
}

/* Collect the sellers that are due, and read their refresh tokens again. */
static size_t gather(struct daemon *d)
{
    struct application *a = &d->application;
    size_t count = 0;
    d->round = memory_new((a->n_sellers + 1) * sizeof(*d->round));
    for (size_t i = 0; i < a->n_sellers; i++) {
        size_t place = place_of(d, a->sellers[i].name);
        if (!d->plan.sellers[place].in_round)
            continue;
        application_reload_token(a, i, &d->config->sellers[place].refresh_token);
        d->round[count++] = a->sellers[i];
    }
    return count;
}

/* End a round that could not be started, because there is no room for its timers. */
static void miss_round(struct daemon *d)
{
    for (size_t i = 0; i < d->plan.count; i++)
        if (d->plan.sellers[i].in_round)
            register_plan_fail(&d->plan, i, true);
    register_plan_end(&d->plan);
    free(TAKE(d->round));
    arm(d);
}

static void begin_round(struct daemon *d)
{
    struct error ignored; /* if secrets cannot be read now, those in use stay */
    if (d->registrar || !register_plan_begin(&d->plan))
        return;
    if (d->plan.ended_boot_usec)
        (void)application_reload_secrets(&d->application, d->config, &ignored);
    size_t count = gather(d);
    struct registrar_options options = {
        .event = d->event,
        .http = d->http,
        .lwa = d->application.lwa,
        .endpoint = d->config->endpoint,
        .tally = d->tallies.operations,
        .sellers = d->round,
        .n_sellers = count,
        .report = daemon_report_registration,
        .subscription = daemon_take_subscription,
        .finished = finished,
        .userdata = d,
    };
    if (registrar_new(&d->registrar, &options) == 0)
        registrar_start(d->registrar);
    else
        miss_round(d);
}

static void begin_again(struct daemon *d)
{
    daemon_end_registration(d);
    daemon_register(d);
}

static int on_time(sd_event_source *source, uint64_t usec, void *userdata)
{
    struct daemon *d = userdata;
    (void)source, (void)usec;
    if (d->stopping)
        return 0;
    if (d->application.lwa) {
        begin_round(d);
        arm(d);
        return 0;
    }
    /* Something that all sellers need could not be read: begin from the start. */
    begin_again(d);
    return 0;
}

void daemon_register_soon(struct daemon *d)
{
    register_plan_hurry(&d->plan);
    note_next(d);
    arm(d);
}

static void make_plan(struct daemon *d)
{
    register_plan_init(&d->plan, d->config->n_sellers);
    for (size_t i = 0; i < d->application.n_sellers; i++) {
        size_t place = place_of(d, d->application.sellers[i].name);
        register_plan_want(&d->plan, place, text_list_size(d->config->sellers[place].subscribe));
    }
}

void daemon_register(struct daemon *d)
{
    struct error error;
    sd_event_add_time_relative(d->event, &d->register_timer, CLOCK_BOOTTIME, REGISTER_FINAL_USEC,
                               USEC_PER_SEC / 10, on_time, d);
    int r = application_open(&d->application, d->config, NULL, d->event, d->http, &error);
    daemon_care_for_secret(d, begin_again);
    make_plan(d);
    if (r)
        event_registration_failed(NULL, NULL, &error, REGISTER_FINAL_USEC);
    else if (d->application.n_sellers)
        begin_round(d);
    else
        d->register_timer = sd_event_source_disable_unref(d->register_timer);
}
