/* SPDX-License-Identifier: MIT */
#include "registration.h"

#include <string.h>

#include "base/backoff.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "spapi/notification_types.h"

/* The step of the present type, or of the destination. */
enum step {
    STEP_DESTINATION,
    STEP_LIST, /* getSubscriptions */
    STEP_LOOK, /* getSubscription, if the list is refused or leaves the question open */
    STEP_DELETE,
    STEP_SUBSCRIBE,
    STEP_DELETE_DESTINATION,
    STEP_END,
};

struct registration_task {
    const struct registrar_options *options;
    const struct registrar_seller *seller;
    struct operations *operations;
    struct destination *destination;
    struct destination_wait wait;
    void (*report)(struct registration *r, void *userdata);
    void (*ended)(struct registration_task *task, void *userdata);
    void *userdata;

    sd_event_source *turn; /* the next step, always from the loop */
    struct operation *operation;
    enum step step;
    size_t type;          /* index of the present type */
    unsigned looks;       /* of this type, after a 409 or a call in doubt */
    bool doubtful;        /* of this type: Amazon may have created the subscription already */
    bool undeleted;       /* unregister: a subscription could not be deleted */
    uint64_t delay_usec;  /* before the next call */
    char *destination_id; /* NULL: there is none */
    char *subscription;   /* id of the subscription to delete */
    struct registration_pages pages;
};

static const char *type_of(const struct registration_task *t)
{
    return t->seller->types ? t->seller->types[t->type] : NULL;
}

static bool unregisters(const struct registration_task *t)
{
    return t->options->task == REGISTRAR_UNREGISTER;
}

/* Report about the present type; before and after the types about the destination, or about all
 * types. */
static void report(struct registration_task *t, enum registration_result result, const char *id,
                   const char *text, const struct error *error)
{
    bool about_type = t->step > STEP_DESTINATION && t->step < STEP_DELETE_DESTINATION;
    struct registration registration = {
        .result = result,
        .seller = t->seller->name,
        .type = about_type ? type_of(t) : NULL,
        .id = id,
        .text = text,
        .error = error,
    };
    t->report(&registration, t->userdata);
}

static void tell_subscription(const struct registration_task *t, const char *id,
                              enum subscription_event event)
{
    const struct registrar_options *options = t->options;
    if (options->subscription && id)
        options->subscription(t->seller->name, type_of(t), id, event, options->userdata);
}

static void tell_found(const struct registration_task *t, const struct notifications_answer *answer)
{
    for (size_t i = 0; i < answer->subscription_count; i++)
        tell_subscription(t, answer->subscriptions[i].id, SUBSCRIPTION_FOUND);
    if (!answer->subscription_count && answer->subscription)
        tell_subscription(t, answer->subscription->id, SUBSCRIPTION_FOUND);
}

/* ---- steps ---- */

static void go_to(struct registration_task *t, enum step step)
{
    t->step = step;
    sd_event_source_set_enabled(t->turn, SD_EVENT_ONESHOT);
}

/* After the types, delete the destination if it is not needed any more. */
static void after_types(struct registration_task *t)
{
    bool last = unregisters(t) && t->destination_id && !t->seller->keeps_destination;
    if (last && t->undeleted) {
        AUTOFREE char *text =
            memory_format("destination %s: not every subscription could be deleted; run the "
                          "command again",
                          t->destination_id);
        t->step = STEP_DELETE_DESTINATION;
        report(t, REGISTRATION_KEPT, t->destination_id, text, NULL);
        last = false;
    }
    go_to(t, last ? STEP_DELETE_DESTINATION : STEP_END);
}

static void begin_type(struct registration_task *t)
{
    t->looks = 0;
    t->doubtful = false;
    registration_pages_reset(&t->pages);
    if (type_of(t))
        go_to(t, STEP_LIST);
    else
        after_types(t);
}

static void next_type(struct registration_task *t)
{
    free(TAKE(t->subscription));
    t->type++;
    begin_type(t);
}

/* Nothing more can be done for the seller: report the error for all of the seller's types. */
static void fail_all(struct registration_task *t, const struct error *error)
{
    t->step = STEP_DESTINATION;
    report(t, REGISTRATION_FAILED, NULL, error->text, error);
    go_to(t, STEP_END);
}

static void fail(struct registration_task *t, const struct operation_result *result)
{
    const struct error *error = &result->answer->error;
    if (result->no_token) {
        fail_all(t, error);
        return;
    }
    report(t, REGISTRATION_FAILED, NULL, error->text, error);
    if (t->step == STEP_DELETE_DESTINATION) {
        go_to(t, STEP_END);
        return;
    }
    t->undeleted = true;
    next_type(t);
}

/* List again, because Amazon's lists may lag behind. Return false: this was done often enough. */
static bool look_again(struct registration_task *t, bool at_once)
{
    if (t->looks == REGISTRATION_LOOKS_MAX)
        return false;
    t->looks++;
    registration_pages_reset(&t->pages);
    t->delay_usec = at_once ? 0 : backoff_usec(LOOK_AGAIN_USEC, LOOK_AGAIN_CAP_USEC, t->looks);
    go_to(t, STEP_LIST);
    return true;
}

/* ---- the destination ---- */

static void on_destination(const struct destination_news *news, void *userdata)
{
    struct registration_task *t = userdata;
    AUTOFREE char *text = NULL;
    if (news->result == REGISTRATION_FAILED) {
        fail_all(t, news->error);
        return;
    }
    t->destination_id = memory_string(news->id);
    text = news->id ? memory_format("destination %s for %s", news->id, t->seller->arn)
                    : memory_format("a destination for %s", t->seller->arn);
    if (news->result != REGISTRATION_ABSENT)
        report(t, news->result, news->id, text, NULL);
    begin_type(t);
}

static void on_destination_deleted(struct registration_task *t,
                                   const struct operation_result *result)
{
    AUTOFREE char *text = NULL;
    if (result->answer->in_use) {
        text = memory_format("destination %s: it still has subscriptions", t->destination_id);
        report(t, REGISTRATION_KEPT, t->destination_id, text, NULL);
    } else {
        text = memory_format("destination %s for %s", t->destination_id, t->seller->arn);
        report(t, REGISTRATION_DELETED, t->destination_id, text, NULL);
    }
    go_to(t, STEP_END);
}

/* ---- subscriptions ---- */

static void replace(struct registration_task *t, const char *id, const char *why)
{
    AUTOFREE char *text = memory_format("subscription %s: %s", id, why);
    if (t->options->dry_run) {
        report(t, REGISTRATION_WOULD_REPLACE, id, text, NULL);
        next_type(t);
        return;
    }
    t->subscription = memory_string(id);
    go_to(t, STEP_DELETE);
}

static void take_away(struct registration_task *t, const struct notifications_subscription *s)
{
    AUTOFREE char *text = NULL;
    if (!s) {
        report(t, REGISTRATION_ABSENT, NULL, "no subscription to this queue", NULL);
        next_type(t);
    } else if (t->options->dry_run) {
        text = memory_format("subscription %s", s->id);
        report(t, REGISTRATION_WOULD_DELETE, s->id, text, NULL);
        next_type(t);
    } else {
        t->subscription = memory_string(s->id);
        go_to(t, STEP_DELETE);
    }
}

static void make(struct registration_task *t)
{
    if (!t->options->dry_run) {
        go_to(t, STEP_SUBSCRIBE);
        return;
    }
    report(t, REGISTRATION_WOULD_CREATE, NULL, "a subscription", NULL);
    next_type(t);
}

static void judge(struct registration_task *t, const struct notifications_subscription *s)
{
    AUTOTEXT struct text difference = {0};
    registration_compare(&difference, t->seller, type_of(t), t->destination_id, s);
    bool made = t->doubtful && !difference.size; /* created by the call whose answer was lost */
    if (t->options->recreate && !made) {
        replace(t, s->id, difference.size ? difference.data : "as the config says");
        return;
    }
    AUTOFREE char *text = memory_format("subscription %s%s%s", s->id, difference.size ? ": " : "",
                                        difference.size ? difference.data : "");
    enum registration_result good = made ? REGISTRATION_CREATED : REGISTRATION_KEPT;
    report(t, difference.size ? REGISTRATION_DIFFERENT : good, s->id, text, NULL);
    next_type(t);
}

/* Go on with the subscription that was found, or NULL. */
static void found(struct registration_task *t, const struct notifications_subscription *s)
{
    if (t->options->task == REGISTRAR_LOOK)
        next_type(t);
    else if (unregisters(t))
        take_away(t, s && text_equal(s->destination_id, t->destination_id) ? s : NULL);
    else if (s)
        judge(t, s);
    else
        make(t);
}

static void on_deleted(struct registration_task *t)
{
    AUTOFREE char *text = memory_format("subscription %s", t->subscription);
    report(t, REGISTRATION_DELETED, t->subscription, text, NULL);
    tell_subscription(t, t->subscription, SUBSCRIPTION_DELETED);
    if (unregisters(t))
        next_type(t);
    else /* a second look must find none */
        go_to(t, STEP_SUBSCRIBE);
}

static void on_subscribed(struct registration_task *t, const struct notifications_answer *answer)
{
    const char *id = answer->subscription ? answer->subscription->id : NULL;
    AUTOFREE char *text = memory_format("subscription %s", id ? id : "");
    report(t, REGISTRATION_CREATED, id, text, NULL);
    tell_subscription(t, id, SUBSCRIPTION_CREATED);
    next_type(t);
}

/* ---- answers ---- */

/* Whether the list answers the question. If Amazon has no list, or the list does not show the
 * subscription of a conflict, getSubscription answers it. */
static bool is_list_enough(const struct registration_task *t,
                           const struct notifications_answer *answer)
{
    return t->pages.score || (!answer->absent && !t->looks);
}

static void on_list(struct registration_task *t, const struct notifications_answer *answer)
{
    const struct notifications_subscription *s;
    tell_found(t, answer);
    if (!registration_pages_take(&t->pages, type_of(t), t->destination_id, answer, &s))
        go_to(t, STEP_LIST);
    else if (is_list_enough(t, answer))
        found(t, s);
    else
        go_to(t, STEP_LOOK);
}

/* Handle a refusal that has a meaning of its own. Return whether it is dealt with. */
static bool is_expected(struct registration_task *t, const struct operation_result *result)
{
    const struct error *error = &result->answer->error;
    if (t->step == STEP_LIST && error->kind == ERROR_REFUSED && !result->no_token) {
        go_to(t, STEP_LOOK);
        return true;
    }
    if (t->step == STEP_DELETE && error->status == 404) {
        on_deleted(t);
        return true;
    }
    if (t->step == STEP_SUBSCRIBE && error->status == 409)
        return look_again(t, t->looks == 0);
    if (t->step == STEP_SUBSCRIBE && !result->no_token && operation_in_doubt(error)) {
        t->doubtful = true;
        return look_again(t, false);
    }
    if (t->step == STEP_DELETE_DESTINATION && (result->answer->in_use || error->status == 404)) {
        on_destination_deleted(t, result);
        return true;
    }
    return false;
}

static void on_answer(const struct operation_result *result, void *userdata)
{
    struct registration_task *t = userdata;
    const struct notifications_answer *answer = result->answer;
    t->operation = NULL;
    if (answer->error.kind != ERROR_NONE) {
        if (!is_expected(t, result))
            fail(t, result);
        return;
    }
    switch (t->step) {
    case STEP_LIST:
        on_list(t, answer);
        break;
    case STEP_LOOK:
        tell_found(t, answer);
        found(t, answer->subscription);
        break;
    case STEP_DELETE:
        on_deleted(t);
        break;
    case STEP_SUBSCRIBE:
        on_subscribed(t, answer);
        break;
    case STEP_DELETE_DESTINATION:
        on_destination_deleted(t, result);
        break;
    case STEP_DESTINATION:
    case STEP_END:
        break;
    }
}

/* ---- calls ---- */

static enum operation_name operation_of(enum step step)
{
    switch (step) {
    case STEP_LIST:
        return GET_SUBSCRIPTIONS;
    case STEP_LOOK:
        return GET_SUBSCRIPTION;
    case STEP_DELETE:
        return DELETE_SUBSCRIPTION_BY_ID;
    case STEP_SUBSCRIBE:
        return CREATE_SUBSCRIPTION;
    default:
        return DELETE_DESTINATION;
    }
}

static void call(struct registration_task *t)
{
    const char *type = type_of(t);
    struct operation_request request = {
        .name = operation_of(t->step),
        .region = t->seller->region,
        .seller = t->seller->name,
        .refresh_token = t->seller->refresh_token,
        .destination_id = t->destination_id,
        .type = type,
        .subscription_id = t->subscription,
        .delay_usec = t->delay_usec,
    };
    if (t->step == STEP_LIST)
        request.page_token = t->pages.token;
    /* The list shows every version, so that an older version is seen as different. */
    if (t->step == STEP_SUBSCRIBE || t->step == STEP_LOOK)
        request.payload_version = amazon_type_version(type);
    if (t->step == STEP_SUBSCRIBE)
        request.filter = registration_filter(t->seller, type);
    t->delay_usec = 0;
    int r = operation_start(t->operations, &request, on_answer, t, &t->operation);
    if (r == 0)
        return;
    struct error error;
    error_set(&error, ERROR_CONFIG, "the call could not be started: %s", strerror(-r));
    fail_all(t, &error);
}

static void delete_destination(struct registration_task *t)
{
    AUTOFREE char *text = memory_format("destination %s for %s", t->destination_id, t->seller->arn);
    if (!t->options->dry_run) {
        call(t);
        return;
    }
    report(t, REGISTRATION_WOULD_DELETE, t->destination_id, text, NULL);
    go_to(t, STEP_END);
}

static int on_turn(sd_event_source *source, void *userdata)
{
    struct registration_task *t = userdata;
    (void)source;
    switch (t->step) {
    case STEP_DESTINATION:
        if (t->seller->broken)
            fail_all(t, t->seller->broken);
        else if (t->options->task == REGISTRAR_LOOK)
            begin_type(t);
        else
            destination_ask(t->destination, t->operations, !unregisters(t), t->options->dry_run,
                            &t->wait);
        break;
    case STEP_DELETE_DESTINATION:
        delete_destination(t);
        break;
    case STEP_END:
        t->ended(t, t->userdata);
        break;
    default:
        call(t);
    }
    return 0;
}

/* ---- life ---- */

struct registration_task *
registration_start(const struct registrar_options *options, const struct registrar_seller *seller,
                   struct operations *operations, struct destination *destination,
                   void (*on_report)(struct registration *r, void *userdata),
                   void (*ended)(struct registration_task *task, void *userdata), void *userdata)
{
    struct registration_task *t = NEW(struct registration_task);
    *t = (struct registration_task){.options = options,
                                    .seller = seller,
                                    .operations = operations,
                                    .destination = destination,
                                    .wait = {on_destination, t, NULL},
                                    .report = on_report,
                                    .ended = ended,
                                    .userdata = userdata};
    if (sd_event_add_defer(options->event, &t->turn, on_turn, t) < 0) {
        free(t);
        return NULL;
    }
    sd_event_source_set_enabled(t->turn, SD_EVENT_ONESHOT);
    return t;
}

void registration_free(struct registration_task *t)
{
    if (!t)
        return;
    destination_forget(t->destination, &t->wait);
    operation_cancel(t->operation);
    sd_event_source_disable_unref(t->turn);
    free(t->destination_id);
    free(t->subscription);
    registration_pages_reset(&t->pages);
    free(t);
}
