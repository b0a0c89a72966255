/* SPDX-License-Identifier: MIT */
/* A search in Amazon's list of subscriptions, because a notification of an unknown one came.
 * Somebody may have made it with another program, or for a type that is not in `subscribe`. */
#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "daemon.h"
#include "spapi/notification_types.h"

/* Shortest time between two searches: anybody who can publish can cause one. */
#define LOOK_USEC USEC_PER_HOUR
/* The first search waits for a registration that has just begun. */
#define LOOK_FIRST_USEC (10 * USEC_PER_SEC)

static void ignore(const struct registration *registration, void *userdata)
{
    (void)registration, (void)userdata; /* the registrar's hook takes the results */
}

static void finished(unsigned failures, unsigned differences, void *userdata)
{
    struct daemon *d = userdata;
    (void)failures, (void)differences;
    registrar_free(TAKE(d->look.registrar));
    free(TAKE(d->look.sellers));
    text_list_free(TAKE(d->look.asked));
}

static void begin(struct daemon *d)
{
    struct subscription_look *look = &d->look;
    const struct application *a = &d->application;
    look->asked = TAKE(look->types);
    look->sellers = memory_new((a->n_sellers + 1) * sizeof(*look->sellers));
    for (size_t i = 0; i < a->n_sellers; i++) {
        look->sellers[i] = a->sellers[i];
        look->sellers[i].types = look->asked;
    }
    struct registrar_options options = {
        .event = d->event,
        .http = d->http,
        .lwa = a->lwa,
        .endpoint = d->config->endpoint,
        .tally = d->tallies.operations,
        .sellers = look->sellers,
        .n_sellers = a->n_sellers,
        .task = REGISTRAR_LOOK,
        .report = ignore,
        .subscription = daemon_take_subscription,
        .finished = finished,
        .userdata = d,
    };
    look->next_boot_usec = clock_boot_usec() + LOOK_USEC;
    if (registrar_new(&look->registrar, &options) == 0)
        registrar_start(look->registrar);
    else
        finished(0, 0, d);
}

static void arm(struct daemon *d)
{
    uint64_t boot = clock_boot_usec(), next = d->look.next_boot_usec;
    sd_event_source_set_time_relative(d->look.timer, next > boot ? next - boot : 0);
    sd_event_source_set_enabled(d->look.timer, SD_EVENT_ONESHOT);
}

static int on_time(sd_event_source *source, uint64_t usec, void *userdata)
{
    struct daemon *d = userdata;
    (void)source, (void)usec;
    if (d->stopping || !d->look.types)
        return 0;
    if (!d->look.registrar && !d->registrar && d->application.lwa)
        begin(d);
    else
        d->look.next_boot_usec = clock_boot_usec() + LOOK_FIRST_USEC;
    if (d->look.types)
        arm(d);
    return 0;
}

static void add_type(struct subscription_look *look, const char *type)
{
    size_t count = text_list_size(look->types);
    look->types = memory_resize(look->types, count + 2, sizeof(*look->types));
    look->types[count] = memory_string(type);
    look->types[count + 1] = NULL;
}

/* Whether Amazon can be asked about the type. */
static bool is_askable(const struct daemon *d, const char *type)
{
    const struct amazon_type *known = type ? amazon_type_find(type) : NULL;
    return known && known->workflow == WORKFLOW_SQS && d->application.n_sellers;
}

void daemon_unknown_subscription(const char *type, void *userdata)
{
    struct daemon *d = userdata;
    struct subscription_look *look = &d->look;
    if (!is_askable(d, type) || (look->types && text_list_has(look->types, type)))
        return;
    if (!look->timer && sd_event_add_time_relative(d->event, &look->timer, CLOCK_BOOTTIME,
                                                   LOOK_FIRST_USEC, USEC_PER_SEC, on_time, d) < 0)
        return;
    add_type(look, type);
    if (!look->next_boot_usec)
        look->next_boot_usec = clock_boot_usec() + LOOK_FIRST_USEC;
    arm(d);
}

void daemon_end_look(struct daemon *d)
{
    finished(0, 0, d);
    text_list_free(TAKE(d->look.types));
    d->look.timer = sd_event_source_disable_unref(d->look.timer);
}
