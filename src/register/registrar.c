/* SPDX-License-Identifier: MIT */
#include "register/registrar.h"

#include <errno.h>

#include "base/memory.h"
#include "registration.h"

struct registrar {
    struct registrar_options options;
    sd_event *event;
    sd_event_source *turn; /* begins with the next sellers, or ends; always from the loop */
    struct operations *operations;
    struct destination *destinations;
    struct registration_task *tasks[REGISTRAR_PARALLEL];
    size_t n_tasks, next, done; /* sellers: under way, to begin with next, ended */
    unsigned failures, differences;
};

const char *registration_result_name(enum registration_result result)
{
    static const char *const names[] = {
        [REGISTRATION_FOUND] = "found",
        [REGISTRATION_CREATED] = "created",
        [REGISTRATION_KEPT] = "kept",
        [REGISTRATION_DIFFERENT] = "different",
        [REGISTRATION_DELETED] = "deleted",
        [REGISTRATION_FAILED] = "failed",
        [REGISTRATION_WOULD_CREATE] = "would create",
        [REGISTRATION_WOULD_REPLACE] = "would replace",
        [REGISTRATION_WOULD_DELETE] = "would delete",
        [REGISTRATION_ABSENT] = "absent",
    };
    return names[result];
}

static void on_report(struct registration *registration, void *userdata)
{
    struct registrar *r = userdata;
    const struct error *error = registration->error;
    /* A conflict with a subscription or destination that the list does not show ends when the list
     * has caught up. */
    registration->passes = error && (error_may_pass(error) || error->status == 409);
    r->failures += registration->result == REGISTRATION_FAILED;
    r->differences += registration->result == REGISTRATION_DIFFERENT;
    r->options.report(registration, r->options.userdata);
}

static struct registration_task **place_of(struct registrar *r,
                                           const struct registration_task *task)
{
    struct registration_task **place = r->tasks;
    while (*place != task)
        place++;
    return place;
}

static void on_ended(struct registration_task *task, void *userdata)
{
    struct registrar *r = userdata;
    registration_free(TAKE(*place_of(r, task)));
    r->n_tasks--;
    r->done++;
    if (r->options.progress)
        r->options.progress(r->done, r->options.n_sellers, r->options.userdata);
    sd_event_source_set_enabled(r->turn, SD_EVENT_ONESHOT);
}

/* Begin with a seller. Return false: it cannot even begin. */
static bool begin(struct registrar *r, const struct registrar_seller *seller)
{
    struct destination *destination = destination_of(&r->destinations, seller->region, seller->arn);
    struct registration_task *task =
        registration_start(&r->options, seller, r->operations, destination, on_report, on_ended, r);
    if (!task)
        return false;
    *place_of(r, NULL) = task;
    r->n_tasks++;
    return true;
}

static int on_turn(sd_event_source *source, void *userdata)
{
    struct registrar *r = userdata;
    const struct registrar_options *o = &r->options;
    (void)source;
    while (r->next < o->n_sellers && r->n_tasks < REGISTRAR_PARALLEL)
        if (!begin(r, &o->sellers[r->next++])) {
            r->failures++;
            r->done++;
        }
    if (r->done == o->n_sellers)
        o->finished(r->failures, r->differences, o->userdata);
    return 0;
}

/* ---- life ---- */

int registrar_new(struct registrar **ret, const struct registrar_options *options)
{
    struct registrar *r = NEW(struct registrar);
    struct operations_options operations = {
        .event = options->event,
        .http = options->http,
        .lwa = options->lwa,
        .endpoint = options->endpoint,
        .tally = options->tally,
    };
    r->options = *options;
    r->event = sd_event_ref(options->event);
    int result = operations_new(&r->operations, &operations);
    if (result >= 0)
        result = sd_event_add_defer(r->event, &r->turn, on_turn, r);
    if (result >= 0)
        result = sd_event_source_set_enabled(r->turn, SD_EVENT_OFF);
    if (result < 0) {
        registrar_free(r);
        return result;
    }
    *ret = r;
    return 0;
}

void registrar_start(struct registrar *r)
{
    sd_event_source_set_enabled(r->turn, SD_EVENT_ONESHOT);
}

void registrar_free(struct registrar *r)
{
    if (!r)
        return;
    for (size_t i = 0; i < REGISTRAR_PARALLEL; i++)
        registration_free(r->tasks[i]);
    destination_free_all(r->destinations);
    operations_free(r->operations);
    sd_event_source_disable_unref(r->turn);
    sd_event_unref(r->event);
    free(r);
}
