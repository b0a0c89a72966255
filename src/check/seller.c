/* SPDX-License-Identifier: MIT */
/* The application and its sellers: both grants of Login with Amazon, then the registrar's dry run
 * for the sellers whose token is good. */
#include <string.h>

#include "base/memory.h"
#include "config/application.h"
#include "doctor.h"

/* The check of one seller. */
struct look {
    struct doctor_sellers *all;
    struct doctor_subject *subject;
    const struct config_seller *seller;
    struct lwa_call *grant;
    bool good; /* it has a token */
};

struct doctor_sellers {
    struct doctor *doctor;
    struct doctor_subject *subject; /* of the application; NULL: nothing is registered */
    struct application application;
    struct lwa_call *grant;
    bool good;        /* the grantless token is there */
    unsigned waiting; /* number of grants under way */
    struct look *looks;
    size_t count;
    struct registrar_seller *wanted; /* the sellers that the registrar checks */
    struct registrar *registrar;
};

static const char *const remedies[ERROR_KINDS] = {
    [ERROR_CREDENTIALS] = "put the right one in the configuration; the text says which",
    [ERROR_REFUSED] = "look at the application's roles, and at what the seller has authorised",
    [ERROR_THROTTLED] = "try again in a minute",
};

static const char *remedy_for(const struct error *error)
{
    const char *remedy = remedies[error->kind];
    return remedy ? remedy : "try again later; look at the network between this machine and Amazon";
}

static struct look *find_look(struct doctor_sellers *all, const char *name)
{
    for (size_t i = 0; i < all->count; i++)
        if (text_equal(all->looks[i].seller->name, name))
            return &all->looks[i];
    return NULL;
}

static void close_all(struct doctor_sellers *all)
{
    for (size_t i = 0; i < all->count; i++)
        doctor_close(all->looks[i].subject);
    if (all->subject)
        doctor_close(all->subject);
}

/* ---- registrations ---- */

static void report(const struct registration *registration, void *userdata)
{
    struct look *look = find_look(userdata, registration->seller);
    const char *check = registration->type ? registration->type : "destination";
    if (!look)
        return;
    switch (registration->result) {
    case REGISTRATION_FAILED:
        doctor_say(look->subject, DOCTOR_FAIL, check, remedy_for(registration->error), "%s",
                   registration->text);
        break;
    case REGISTRATION_DIFFERENT:
    case REGISTRATION_WOULD_REPLACE:
        doctor_say(look->subject, DOCTOR_FAIL, check,
                   "change the configuration, or create it again: dockbell register --recreate",
                   "it differs from the configuration: %s", registration->text);
        break;
    case REGISTRATION_WOULD_CREATE:
        doctor_say(look->subject, DOCTOR_FAIL, check,
                   "dockbell register makes it, run does as well", "is missing at Amazon: %s",
                   registration->text);
        break;
    default:
        doctor_say(look->subject, DOCTOR_OK, check, NULL, "%s", registration->text);
    }
}

static void finished(unsigned failures, unsigned differences, void *userdata)
{
    (void)failures, (void)differences;
    close_all(userdata);
}

static void start_registrar(struct doctor_sellers *all)
{
    const struct doctor_options *options = doctor_options(all->doctor);
    struct registrar_options registrar = {
        .event = options->event,
        .http = options->http,
        .lwa = all->application.lwa,
        .endpoint = options->config->endpoint,
        .sellers = all->wanted,
        .dry_run = true,
        .report = report,
        .finished = finished,
        .userdata = all,
    };
    for (size_t i = 0; i < all->application.n_sellers; i++) {
        const struct registrar_seller *seller = &all->application.sellers[i];
        struct look *look = find_look(all, seller->name);
        if (look && look->good && look->subject->open) {
            all->wanted[registrar.n_sellers++] = *seller;
            look->subject->doing = "destination";
        } else if (look) {
            doctor_close(look->subject);
        }
    }
    if (registrar.n_sellers == 0 || registrar_new(&all->registrar, &registrar) < 0)
        close_all(all);
    else
        registrar_start(all->registrar);
}

/* Report the sellers that are not checked because the application has no token. */
static void give_up(struct doctor_sellers *all)
{
    for (size_t i = 0; i < all->count; i++)
        if (all->looks[i].subject->open)
            doctor_say(all->looks[i].subject, DOCTOR_FAIL, "destination",
                       "see the line about the application",
                       "not looked at: the application has no token");
    close_all(all);
}

/* ---- grants ---- */

static void grant_ended(struct doctor_sellers *all)
{
    if (--all->waiting)
        return;
    doctor_close(all->subject);
    if (all->good)
        start_registrar(all);
    else
        give_up(all);
}

static bool say_grant(struct doctor_subject *subject, const struct error *error)
{
    bool good = error->kind == ERROR_NONE;
    if (good)
        doctor_say(subject, DOCTOR_OK, "grant", NULL, "Login with Amazon gives a token");
    else
        doctor_say(subject, DOCTOR_FAIL, "grant", remedy_for(error), "%s", error->text);
    return good;
}

static void on_grantless(const char *token, const struct error *error, void *userdata)
{
    struct doctor_sellers *all = userdata;
    (void)token;
    all->grant = NULL;
    all->good = say_grant(all->subject, error);
    grant_ended(all);
}

static void on_seller(const char *token, const struct error *error, void *userdata)
{
    struct look *look = userdata;
    (void)token;
    look->grant = NULL;
    look->good = say_grant(look->subject, error);
    grant_ended(look->all);
}

static void ask_for_grants(struct doctor_sellers *all)
{
    const struct application *application = &all->application;
    all->waiting = 1;
    for (size_t i = 0; i < application->n_sellers; i++) {
        const struct registrar_seller *seller = &application->sellers[i];
        struct look *look = find_look(all, seller->name);
        if (look && lwa_seller(application->lwa, seller->name, seller->refresh_token, on_seller,
                               look, &look->grant) == 0)
            all->waiting++;
    }
    int r = lwa_grantless(application->lwa, on_grantless, all, &all->grant);
    if (r == 0)
        return;
    doctor_say(all->subject, DOCTOR_FAIL, "grant", "look at lwa_endpoint", "%s", strerror(-r));
    grant_ended(all);
}

/* ---- the beginning ---- */

/* Whether the seller's own secret can be read. An unreadable one must not hide the others. */
static bool is_readable(struct look *look)
{
    struct secret token = {0};
    struct error error;
    int r = config_secret_resolve(&token, &look->seller->refresh_token, &error);
    secret_clear(&token);
    if (r)
        doctor_say(look->subject, DOCTOR_FAIL, "grant", "make the secret readable", "%s",
                   error.text);
    return r == 0;
}

/* Open the seller's subject. Returns whether there is anything to ask Amazon. */
static bool open_seller(struct look *look, const struct config *config)
{
    look->subject = doctor_open(look->all->doctor, "seller", look->seller->name, "grant");
    bool registers = application_registers(config, look->seller);
    if (!registers)
        doctor_say(look->subject, DOCTOR_OK, "subscriptions", NULL,
                   "none are kept by dockbell: there is no subscribe");
    if (registers && is_readable(look))
        return true;
    doctor_close(look->subject);
    return false;
}

struct doctor_sellers *doctor_look_at_sellers(struct doctor *doctor)
{
    const struct doctor_options *options = doctor_options(doctor);
    const struct config *config = options->config;
    struct doctor_sellers *all = NEW(struct doctor_sellers);
    struct error error;
    size_t n_names = 0;
    AUTOFREE const char **names = memory_new((config->n_sellers + 1) * sizeof(*names));
    all->doctor = doctor;
    all->looks = memory_new((config->n_sellers + 1) * sizeof(*all->looks));
    all->wanted = memory_new((config->n_sellers + 1) * sizeof(*all->wanted));
    if (config->client_id)
        all->subject = doctor_open(doctor, "application", NULL, "grant");
    for (size_t i = 0; i < config->n_sellers; i++) {
        struct look *look = &all->looks[all->count++];
        *look = (struct look){.all = all, .seller = &config->sellers[i]};
        if (open_seller(look, config))
            names[n_names++] = look->seller->name;
    }
    if (!all->subject) {
        close_all(all);
        return all;
    }
    if (application_open(&all->application, config, names, options->event, options->http, &error) ||
        application_open_lwa(&all->application, config, options->event, options->http, &error)) {
        doctor_say(all->subject, DOCTOR_FAIL, "grant", "make the secret readable", "%s",
                   error.text);
        give_up(all);
        return all;
    }
    ask_for_grants(all);
    return all;
}

void doctor_sellers_free(struct doctor_sellers *all)
{
    if (!all)
        return;
    registrar_free(all->registrar);
    lwa_cancel(all->grant);
    for (size_t i = 0; i < all->count; i++)
        lwa_cancel(all->looks[i].grant);
    application_close(&all->application);
    free(all->looks);
    free(all->wanted);
    free(all);
}
