/* SPDX-License-Identifier: MIT */
#include "relay/registrar.h"

#include <errno.h>
#include <string.h>

#include "amazon/notification_types.h"
#include "amazon/notifications.h"
#include "amazon/sqs_arn.h"
#include "base/backoff.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"

/* How often a 409 is answered by looking again: Amazon's list may lag behind (facts: models#2319).
 */
#define LOOKS_MAX 3

enum step {
    STEP_DESTINATIONS,
    STEP_CREATE_DESTINATION,
    STEP_LOOK,
    STEP_DELETE,
    STEP_SUBSCRIBE,
};

struct registrar {
    struct registrar_options options;
    sd_event *event;
    sd_event_source *timer; /* the next seller, type or try */
    struct notifications *api;
    struct lwa_call *token_call;
    struct notifications_call *call;

    size_t seller, type; /* whose turn it is */
    enum step step;
    unsigned tries;     /* of this step, after failures that may pass */
    unsigned looks;     /* after a 409 */
    bool refreshed;     /* this step has had its second token */
    bool as_seller;     /* deletion: Amazon refused the grantless token */
    char *destination;  /* id; NULL in a dry run that would create it */
    char *subscription; /* id of the one to delete */
    char *token;        /* of the call under way */
    unsigned failures, differences;
};

static void run_step(struct registrar *r);

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
    };
    return names[result];
}

static const struct registrar_seller *seller_of(const struct registrar *r)
{
    return &r->options.sellers[r->seller];
}

static const char *type_of(const struct registrar *r)
{
    char *const *types = seller_of(r)->types;
    return types ? types[r->type] : NULL;
}

static bool about_destination(const struct registrar *r)
{
    return r->step == STEP_DESTINATIONS || r->step == STEP_CREATE_DESTINATION;
}

static void report(struct registrar *r, enum registration_result result, const char *id,
                   const char *text, const struct error *error)
{
    struct registration registration = {
        .result = result,
        .seller = seller_of(r)->name,
        .type = about_destination(r) ? NULL : type_of(r),
        .id = id,
        .text = text,
        .error = error,
    };
    r->failures += result == REGISTRATION_FAILED;
    r->differences += result == REGISTRATION_DIFFERENT;
    r->options.report(&registration, r->options.userdata);
}

/* ---- going on; always from the loop, so that no callback frees what called it ---- */

static void go_in(struct registrar *r, uint64_t delay_usec)
{
    sd_event_source_set_time_relative(r->timer, delay_usec);
    sd_event_source_set_enabled(r->timer, SD_EVENT_ONESHOT);
}

static void go_to(struct registrar *r, enum step step)
{
    r->step = step;
    r->tries = 0;
    r->refreshed = false;
    go_in(r, 0);
}

static void next_seller(struct registrar *r)
{
    notifications_free(TAKE(r->api));
    free(TAKE(r->destination));
    r->seller++;
    r->type = 0;
    r->looks = 0;
    go_to(r, STEP_DESTINATIONS);
}

static void next_type(struct registrar *r)
{
    free(TAKE(r->subscription));
    r->type++;
    r->looks = 0;
    r->as_seller = false;
    go_to(r, STEP_LOOK);
}

static void fail_seller(struct registrar *r, const struct error *error)
{
    r->step = STEP_DESTINATIONS; /* what is reported is about all of his types */
    report(r, REGISTRATION_FAILED, NULL, error->text, error);
    next_seller(r);
}

static void fail(struct registrar *r, const struct error *error)
{
    if (about_destination(r)) {
        fail_seller(r, error);
        return;
    }
    report(r, REGISTRATION_FAILED, NULL, error->text, error);
    next_type(r);
}

static void drop_token(struct registrar *r)
{
    if (r->token)
        explicit_bzero(r->token, strlen(r->token));
    free(TAKE(r->token));
}

/* ---- failures that every step may have ---- */

static bool may_pass(const struct error *error)
{
    return error->kind == ERROR_THROTTLED || error->kind == ERROR_STATUS ||
           error_is_transport(error->kind);
}

/* Whether the failure is dealt with: the step runs again, later. */
static bool try_again(struct registrar *r, const struct error *error)
{
    if (error->kind == ERROR_CREDENTIALS && !r->refreshed && r->token) {
        r->refreshed = true;
        lwa_forget(r->options.lwa, r->token);
        go_in(r, 0);
        return true;
    }
    if (!may_pass(error) || ++r->tries >= REGISTRAR_TRIES_MAX)
        return false;
    uint64_t delay = backoff_usec(USEC_PER_SEC, 30 * USEC_PER_SEC, r->tries);
    go_in(r, delay > error->retry_after_usec ? delay : error->retry_after_usec);
    return true;
}

/* ---- destinations ---- */

static void keep_destination(struct registrar *r, const char *id, enum registration_result result)
{
    r->destination = memory_string(id);
    r->looks = 0;
    AUTOFREE char *text = memory_format("destination %s for %s", id ? id : "", seller_of(r)->arn);
    report(r, result, id, text, NULL);
    go_to(r, STEP_LOOK);
}

static void on_destinations(struct registrar *r, const struct notifications_answer *answer)
{
    for (size_t i = 0; i < answer->destination_count; i++) {
        const struct notifications_destination *destination = &answer->destinations[i];
        if (text_equal(destination->arn, seller_of(r)->arn)) {
            keep_destination(r, destination->id, REGISTRATION_FOUND);
            return;
        }
    }
    if (r->options.dry_run) {
        AUTOFREE char *text = memory_format("a destination for %s", seller_of(r)->arn);
        report(r, REGISTRATION_WOULD_CREATE, NULL, text, NULL);
        go_to(r, STEP_LOOK);
    } else {
        go_to(r, STEP_CREATE_DESTINATION);
    }
}

static void on_destination_created(struct registrar *r, const struct notifications_answer *answer)
{
    struct error error;
    if (answer->destination_count) {
        keep_destination(r, answer->destinations[0].id, REGISTRATION_CREATED);
        return;
    }
    error_set(&error, ERROR_PROTOCOL, "Amazon created a destination without an id");
    fail(r, &error);
}

/* ---- subscriptions ---- */

static bool same_list(char *const *a, char *const *b)
{
    size_t count = text_list_size(a);
    if (count != text_list_size(b))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!text_list_has(b, a[i]))
            return false;
    return true;
}

static void append_list(struct text *out, char *const *list)
{
    if (!text_list_size(list))
        text_append_string(out, "all");
    for (size_t i = 0; list && list[i]; i++)
        text_appendf(out, "%s%s", i ? ", " : "", list[i]);
}

/* Appends what differs between the config and the subscription; nothing when they are equal. */
static void compare(const struct registrar *r, struct text *out,
                    const struct notifications_subscription *s)
{
    const char *version = amazon_type_version(type_of(r));
    if (!r->destination)
        text_append_string(out, "it goes to another destination; ");
    else if (!text_equal(s->destination_id, r->destination))
        text_appendf(out, "it goes to destination %s instead of %s; ", s->destination_id,
                     r->destination);
    if (!text_equal(s->payload_version, version))
        text_appendf(out, "payload version %s instead of %s; ", s->payload_version, version);
    if (s->filter.expression)
        text_appendf(out, "it has the filter expression %s; ", s->filter.expression);
    if (text_equal(type_of(r), "ORDER_CHANGE") &&
        !same_list(s->filter.order_change_types, seller_of(r)->order_change_types)) {
        text_append_string(out, "order change types: ");
        append_list(out, s->filter.order_change_types);
        text_append_string(out, " instead of ");
        append_list(out, seller_of(r)->order_change_types);
        text_append_string(out, "; ");
    }
    if (out->size)
        out->data[out->size -= 2] = '\0';
}

static void replace(struct registrar *r, const char *id, const char *why)
{
    AUTOFREE char *text = memory_format("subscription %s: %s", id, why);
    if (r->options.dry_run) {
        report(r, REGISTRATION_WOULD_REPLACE, id, text, NULL);
        next_type(r);
        return;
    }
    r->subscription = memory_string(id);
    go_to(r, STEP_DELETE);
}

static void on_subscription(struct registrar *r, const struct notifications_answer *answer)
{
    const struct notifications_subscription *s = answer->subscription;
    AUTOTEXT struct text difference = {0};
    if (!s && r->options.dry_run) {
        report(r, REGISTRATION_WOULD_CREATE, NULL, "a subscription", NULL);
        next_type(r);
        return;
    }
    if (!s) {
        go_to(r, STEP_SUBSCRIBE);
        return;
    }
    compare(r, &difference, s);
    if (r->options.recreate) {
        replace(r, s->id, difference.size ? difference.data : "as the config says");
        return;
    }
    AUTOFREE char *text = memory_format("subscription %s%s%s", s->id, difference.size ? ": " : "",
                                        difference.size ? difference.data : "");
    report(r, difference.size ? REGISTRATION_DIFFERENT : REGISTRATION_KEPT, s->id, text, NULL);
    next_type(r);
}

static void on_deleted(struct registrar *r)
{
    AUTOFREE char *text = memory_format("subscription %s", r->subscription);
    report(r, REGISTRATION_DELETED, r->subscription, text, NULL);
    /* What was asked for is done: a second look must find nothing. */
    go_to(r, STEP_SUBSCRIBE);
}

static void on_subscribed(struct registrar *r, const struct notifications_answer *answer)
{
    const char *id = answer->subscription ? answer->subscription->id : NULL;
    AUTOFREE char *text = memory_format("subscription %s", id ? id : "");
    report(r, REGISTRATION_CREATED, id, text, NULL);
    next_type(r);
}

/* ---- answers ---- */

/* A refusal with a meaning of its own. Returns whether it is dealt with. */
static bool is_expected(struct registrar *r, const struct error *error)
{
    bool conflict = error->status == 409 && r->looks < LOOKS_MAX;
    if (r->step == STEP_DELETE && error->status == 403 && error->kind == ERROR_REFUSED &&
        !r->as_seller) {
        r->as_seller = true;
        go_to(r, STEP_DELETE);
        return true;
    }
    if (r->step == STEP_DELETE && error->status == 404) {
        on_deleted(r);
        return true;
    }
    if (conflict && r->step == STEP_CREATE_DESTINATION) {
        r->looks++;
        go_to(r, STEP_DESTINATIONS);
        go_in(r, backoff_usec(USEC_PER_SEC, 10 * USEC_PER_SEC, r->looks));
        return true;
    }
    if (conflict && r->step == STEP_SUBSCRIBE) {
        r->looks++;
        go_to(r, STEP_LOOK);
        return true;
    }
    return false;
}

static void succeeded(struct registrar *r, const struct notifications_answer *answer)
{
    switch (r->step) {
    case STEP_DESTINATIONS:
        on_destinations(r, answer);
        break;
    case STEP_CREATE_DESTINATION:
        on_destination_created(r, answer);
        break;
    case STEP_LOOK:
        on_subscription(r, answer);
        break;
    case STEP_DELETE:
        on_deleted(r);
        break;
    case STEP_SUBSCRIBE:
        on_subscribed(r, answer);
        break;
    }
}

static void on_answer(const struct notifications_answer *answer, void *userdata)
{
    struct registrar *r = userdata;
    r->call = NULL;
    if (answer->error.kind == ERROR_NONE)
        succeeded(r, answer);
    else if (!is_expected(r, &answer->error) && !try_again(r, &answer->error))
        fail(r, &answer->error);
    drop_token(r);
}

/* ---- calls ---- */

static int call(struct registrar *r, const char *token)
{
    const struct registrar_seller *seller = seller_of(r);
    struct sqs_arn arn;
    switch (r->step) {
    case STEP_DESTINATIONS:
        return notifications_get_destinations(r->api, token, on_answer, r, &r->call);
    case STEP_CREATE_DESTINATION:
        if (sqs_arn_split(seller->arn, &arn, NULL))
            return -EINVAL;
        return notifications_create_destination(r->api, token, arn.name, seller->arn, on_answer, r,
                                                &r->call);
    case STEP_LOOK:
        return notifications_get_subscription(
            r->api, token, type_of(r), amazon_type_version(type_of(r)), on_answer, r, &r->call);
    case STEP_DELETE:
        return notifications_delete_subscription(r->api, token, type_of(r), r->subscription,
                                                 on_answer, r, &r->call);
    case STEP_SUBSCRIBE:
        break;
    }
    struct notifications_subscribe subscribe = {
        .type = type_of(r),
        .payload_version = amazon_type_version(type_of(r)),
        .destination_id = r->destination,
        .filter.order_change_types = seller->order_change_types,
    };
    return notifications_create_subscription(r->api, token, &subscribe, on_answer, r, &r->call);
}

static void fail_with(struct registrar *r, int result)
{
    struct error error;
    error_set(&error, ERROR_CONFIG, "the call could not be started: %s", strerror(-result));
    fail(r, &error);
}

static void on_token(const char *token, const struct error *error, void *userdata)
{
    struct registrar *r = userdata;
    r->token_call = NULL;
    if (error->kind != ERROR_NONE) {
        if (!try_again(r, error))
            fail_seller(r, error);
        return;
    }
    r->token = memory_string(token);
    int result = call(r, token);
    if (!result)
        return;
    fail_with(r, result);
    drop_token(r);
}

static int get_token(struct registrar *r)
{
    const struct registrar_seller *seller = seller_of(r);
    bool grantless = about_destination(r) || (r->step == STEP_DELETE && !r->as_seller);
    if (grantless)
        return lwa_grantless(r->options.lwa, on_token, r, &r->token_call);
    return lwa_seller(r->options.lwa, seller->name, seller->refresh_token, on_token, r,
                      &r->token_call);
}

static int open_api(struct registrar *r)
{
    const char *endpoint = r->options.endpoint;
    if (r->api)
        return 0;
    if (!endpoint)
        endpoint = notifications_endpoint(seller_of(r)->region);
    return endpoint ? notifications_new(&r->api, r->options.http, endpoint) : -EINVAL;
}

static void run_step(struct registrar *r)
{
    if (r->seller == r->options.n_sellers) {
        r->options.finished(r->failures, r->differences, r->options.userdata);
        return;
    }
    if (!about_destination(r) && !type_of(r)) {
        next_seller(r);
        return;
    }
    int result = open_api(r);
    if (!result)
        result = get_token(r);
    if (result)
        fail_with(r, result);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
    (void)source;
    (void)usec;
    run_step(userdata);
    return 0;
}

/* ---- life ---- */

int registrar_new(struct registrar **ret, const struct registrar_options *options)
{
    struct registrar *r = NEW(struct registrar);
    r->options = *options;
    r->event = sd_event_ref(options->event);
    int result = sd_event_add_time_relative(r->event, &r->timer, CLOCK_BOOTTIME, 0, 0, on_timer, r);
    if (result >= 0)
        result = sd_event_source_set_enabled(r->timer, SD_EVENT_OFF);
    if (result < 0) {
        registrar_free(r);
        return result;
    }
    *ret = r;
    return 0;
}

void registrar_start(struct registrar *r)
{
    go_to(r, STEP_DESTINATIONS);
}

void registrar_free(struct registrar *r)
{
    if (!r)
        return;
    lwa_cancel(r->token_call);
    notifications_cancel(r->call);
    notifications_free(r->api);
    sd_event_source_disable_unref(r->timer);
    sd_event_unref(r->event);
    free(r->destination);
    free(r->subscription);
    drop_token(r);
    free(r);
}
