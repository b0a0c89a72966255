/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "aws/sqs_arn.h"
#include "base/backoff.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "registration.h"

struct destination {
    const char *region, *arn;
    struct sqs_arn parts; /* of the ARN; its name is the destination's */
    struct operations *operations;
    struct operation *operation;
    bool create, dry_run, known;
    unsigned looks; /* after a 409 or a call in doubt */
    bool doubtful;  /* Amazon may have created it already */
    enum registration_result result;
    char *id;
    struct error error;
    struct destination_wait *waits;
    struct destination *next;
};

static void look_again(struct destination *d);

struct destination *destination_of(struct destination **list, const char *region, const char *arn)
{
    for (struct destination *d = *list; d; d = d->next)
        if (text_equal(d->region, region) && text_equal(d->arn, arn))
            return d;
    struct destination *d = NEW(struct destination);
    d->region = region;
    d->arn = arn;
    d->next = *list;
    *list = d;
    return d;
}

/* Report the destination to all tasks that wait. If it was created, only the first task reports
 * that; the others have found it. */
static void know(struct destination *d, enum registration_result result, const char *id,
                 const struct error *error)
{
    struct destination_wait *wait;
    d->known = true;
    d->result = result;
    d->id = memory_string(id);
    if (error)
        d->error = *error;
    while ((wait = d->waits)) {
        const struct destination_news news = {d->result, d->id,
                                              result == REGISTRATION_FAILED ? &d->error : NULL};
        d->waits = wait->next;
        if (d->result == REGISTRATION_CREATED)
            d->result = REGISTRATION_FOUND;
        wait->done(&news, wait->userdata);
    }
}

static void on_created(const struct operation_result *result, void *userdata)
{
    struct destination *d = userdata;
    const struct notifications_answer *answer = result->answer;
    struct error error;
    d->operation = NULL;
    d->doubtful = !result->no_token && operation_in_doubt(&answer->error);
    if ((answer->error.status == 409 || d->doubtful) && d->looks < REGISTRATION_LOOKS_MAX) {
        look_again(d);
    } else if (answer->error.kind != ERROR_NONE) {
        know(d, REGISTRATION_FAILED, NULL, &answer->error);
    } else if (answer->destination_count) {
        know(d, REGISTRATION_CREATED, answer->destinations[0].id, NULL);
    } else {
        error_set(&error, ERROR_PROTOCOL, "Amazon created a destination without an id");
        know(d, REGISTRATION_FAILED, NULL, &error);
    }
}

static void start(struct destination *d, const struct operation_request *request,
                  operation_done_fn done)
{
    struct error error;
    int r = operation_start(d->operations, request, done, d, &d->operation);
    if (r == 0)
        return;
    error_set(&error, ERROR_CONFIG, "the call could not be started: %s", strerror(-r));
    know(d, REGISTRATION_FAILED, NULL, &error);
}

static void create(struct destination *d)
{
    struct error error;
    if (sqs_arn_split(d->arn, &d->parts, &error)) {
        know(d, REGISTRATION_FAILED, NULL, &error);
        return;
    }
    start(d,
          &(struct operation_request){.name = CREATE_DESTINATION,
                                      .region = d->region,
                                      .destination_name = d->parts.name,
                                      .arn = d->arn},
          on_created);
}

static void on_list(const struct operation_result *result, void *userdata)
{
    struct destination *d = userdata;
    const struct notifications_answer *answer = result->answer;
    d->operation = NULL;
    if (answer->error.kind != ERROR_NONE) {
        know(d, REGISTRATION_FAILED, NULL, &answer->error);
        return;
    }
    for (size_t i = 0; i < answer->destination_count; i++)
        if (text_equal(answer->destinations[i].arn, d->arn)) {
            know(d, d->doubtful ? REGISTRATION_CREATED : REGISTRATION_FOUND,
                 answer->destinations[i].id, NULL);
            return;
        }
    if (!d->create)
        know(d, REGISTRATION_ABSENT, NULL, NULL);
    else if (d->dry_run)
        know(d, REGISTRATION_WOULD_CREATE, NULL, NULL);
    else
        create(d);
}

static void look(struct destination *d, uint64_t delay_usec)
{
    start(d,
          &(struct operation_request){
              .name = GET_DESTINATIONS,
              .region = d->region,
              .delay_usec = delay_usec,
          },
          on_list);
}

/* Look again: Amazon says that the destination exists although the list did not show it, or Amazon
 * may have created it. */
static void look_again(struct destination *d)
{
    look(d, backoff_usec(LOOK_AGAIN_USEC, LOOK_AGAIN_CAP_USEC, ++d->looks));
}

void destination_ask(struct destination *d, struct operations *operations, bool create_it,
                     bool dry_run, struct destination_wait *wait)
{
    const struct destination_news news = {d->result, d->id,
                                          d->result == REGISTRATION_FAILED ? &d->error : NULL};
    if (d->known) {
        wait->done(&news, wait->userdata);
        return;
    }
    struct destination_wait **last = &d->waits;
    while (*last)
        last = &(*last)->next;
    *last = wait;
    wait->next = NULL;
    d->operations = operations;
    d->create = create_it;
    d->dry_run = dry_run;
    if (!d->operation)
        look(d, 0);
}

void destination_forget(struct destination *d, struct destination_wait *wait)
{
    for (struct destination_wait **at = &d->waits; *at; at = &(*at)->next)
        if (*at == wait) {
            *at = wait->next;
            return;
        }
}

void destination_free_all(struct destination *list)
{
    while (list) {
        struct destination *next = list->next;
        operation_cancel(list->operation);
        free(list->id);
        free(list);
        list = next;
    }
}
