/* SPDX-License-Identifier: MIT */
#include "identity_private.h"

#include <errno.h>
#include <string.h>

#include "base/backoff.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "fetch.h"

/* Credentials are renewed so long before their end, and up to five minutes earlier. */
#define AHEAD_USEC (10 * USEC_PER_MIN)

/* Of credentials with a shorter life, half of it is used. */
#define SHORT_LIFE_USEC (30 * USEC_PER_MIN)

/* Pauses between failed renewals. */
#define RETRY_FIRST_USEC   USEC_PER_SEC
#define RETRY_LONGEST_USEC USEC_PER_MIN

/* Within this time after a failure or a refusal, nobody who asks causes another fetch. */
#define REST_USEC (10 * USEC_PER_SEC)

/* From this number of failed renewals on, the credentials count as ending. */
#define FAILURES_MANY 3

/* Credentials are not used in the last moment of their life. */
#define LAST_USEC USEC_PER_SEC

static void renew(struct identity *identity);

/* ---- questions ---- */

const char *identity_name(const struct identity *identity)
{
    return identity->name;
}

const char *identity_place(const struct identity *identity)
{
    return identity->place;
}

const char *identity_hidden(const struct identity *identity)
{
    return identity->hidden;
}

const char *identity_region(const struct identity *identity)
{
    return identity->region ? identity->region : identity->set->options.region;
}

static bool is_valid(const struct identity *identity)
{
    const struct aws_session *session = &identity->session;
    return session->credentials.access_key_id &&
           (!session->expires_usec || session->expires_usec > clock_trusted_usec() + LAST_USEC);
}

const struct aws_credentials *identity_credentials(const struct identity *identity)
{
    return is_valid(identity) ? &identity->session.credentials : NULL;
}

uint64_t identity_expires_usec(const struct identity *identity)
{
    return identity->session.expires_usec;
}

unsigned identity_failures(const struct identity *identity)
{
    return identity->failures;
}

const struct error *identity_failure(const struct identity *identity)
{
    return &identity->failure;
}

bool identity_is_ending(const struct identity *identity)
{
    return identity->failures >= FAILURES_MANY || (identity->failures && !is_valid(identity));
}

uint64_t identity_generation(const struct identity *identity)
{
    return identity->generation;
}

static bool is_fetching(const struct identity *identity)
{
    return identity->fetch || identity->sts || identity->parent_waiter.identity;
}

/* ---- those who wait ---- */

void identity_leave(struct identity_waiter *waiter)
{
    if (!waiter->identity)
        return;
    TAILQ_REMOVE(&waiter->identity->waiters, waiter, link);
    waiter->timer = sd_event_source_disable_unref(waiter->timer);
    waiter->identity = NULL;
}

/* Answer those who wait now. A callback may wait again, or make another one leave. */
static void answer_all(struct identity *identity, const struct error *error)
{
    struct error copy = *error;
    struct identity_waiter *waiter;
    size_t count = 0;
    TAILQ_FOREACH(waiter, &identity->waiters, link)
        count++;
    while (count-- > 0 && (waiter = TAILQ_FIRST(&identity->waiters)) != NULL) {
        identity_leave(waiter);
        waiter->done(&copy, waiter->userdata);
    }
}

static int on_soon(sd_event_source *source, uint64_t usec, void *userdata)
{
    struct identity *identity = userdata;
    struct error none = {0};
    (void)source, (void)usec;
    if (is_valid(identity))
        answer_all(identity, &none);
    else if (!is_fetching(identity))
        answer_all(identity, &identity->failure);
    return 0;
}

static int answer_soon(struct identity *identity)
{
    identity->soon = sd_event_source_disable_unref(identity->soon);
    return sd_event_add_time_relative(identity->set->options.event, &identity->soon,
                                      CLOCK_MONOTONIC, 0, 0, on_soon, identity);
}

static int on_tired(sd_event_source *source, uint64_t usec, void *userdata)
{
    struct identity_waiter *waiter = userdata;
    struct identity *identity = waiter->identity;
    struct error error;
    (void)source, (void)usec;
    error_set(&error, ERROR_TIMEOUT, "AWS credentials of %s did not come in time",
              identity->place ? identity->place : identity->name);
    identity_leave(waiter);
    waiter->done(&error, waiter->userdata);
    return 0;
}

int identity_await(struct identity *identity, struct identity_waiter *waiter, uint64_t limit_usec)
{
    uint64_t now = clock_boot_usec();
    int r = sd_event_add_time_relative(identity->set->options.event, &waiter->timer, CLOCK_BOOTTIME,
                                       limit_usec, 0, on_tired, waiter);
    if (r < 0)
        return r;
    waiter->identity = identity;
    TAILQ_INSERT_TAIL(&identity->waiters, waiter, link);
    if (is_fetching(identity))
        return 0;
    if (is_valid(identity) || (identity->failures && now < identity->rested_boot_usec))
        return answer_soon(identity);
    renew(identity);
    return 0;
}

bool identity_refuse(struct identity *identity, uint64_t generation)
{
    uint64_t now = clock_boot_usec();
    if (generation < identity->generation || is_fetching(identity))
        return true;
    if (now < identity->refused_boot_usec)
        return false;
    identity->refused_boot_usec = now + REST_USEC;
    renew(identity);
    return true;
}

/* ---- renewal ---- */

static void changed(struct identity *identity)
{
    const struct identities_options *options = &identity->set->options;
    if (options->changed)
        options->changed(identity, options->userdata);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
    (void)source, (void)usec;
    renew(userdata);
    return 0;
}

static void renew_in(struct identity *identity, uint64_t usec)
{
    identity->timer = sd_event_source_disable_unref(identity->timer);
    (void)sd_event_add_time_relative(identity->set->options.event, &identity->timer, CLOCK_BOOTTIME,
                                     usec, 0, on_timer, identity);
}

/* Return how long to wait until credentials are renewed that live so long. */
static uint64_t renewal_usec(uint64_t life_usec)
{
    uint64_t jitter = backoff_jitter_usec(10 * (AHEAD_USEC / 2)) - 10 * (AHEAD_USEC / 2);
    if (life_usec < SHORT_LIFE_USEC)
        return life_usec / 2;
    return life_usec - AHEAD_USEC - jitter;
}

static void schedule(struct identity *identity)
{
    uint64_t now = clock_trusted_usec(), expires = identity->session.expires_usec;
    identity->timer = sd_event_source_disable_unref(identity->timer);
    if (expires)
        renew_in(identity, renewal_usec(expires > now ? expires - now : 0));
}

static void take(struct identity *identity, struct aws_session *session)
{
    bool same = aws_credentials_equal(&identity->session.credentials, &session->credentials);
    aws_session_clear(&identity->session);
    identity->session = *session;
    *session = (struct aws_session){0};
    identity->generation += !same || !identity->generation;
    identity->failures = 0;
    identity->failure = (struct error){0};
    schedule(identity);
}

static void fail(struct identity *identity, const struct error *error)
{
    uint64_t wait = backoff_usec(RETRY_FIRST_USEC, RETRY_LONGEST_USEC, ++identity->failures);
    uint64_t now = clock_boot_usec();
    identity->failure = *error;
    identity->rested_boot_usec = now + (wait < REST_USEC ? wait : REST_USEC);
    renew_in(identity, wait);
}

static void end(struct identity *identity, struct aws_session *session, const struct error *error)
{
    struct error failure = *error;
    if (failure.kind == ERROR_NONE && session->expires_usec &&
        session->expires_usec <= clock_trusted_usec() + LAST_USEC)
        error_set(&failure, ERROR_CREDENTIALS, "%s: the credentials have ended already",
                  identity->place);
    if (failure.kind == ERROR_NONE)
        take(identity, session);
    else
        fail(identity, &failure);
    aws_session_clear(session);
    changed(identity);
    if (failure.kind != ERROR_NONE && is_valid(identity))
        failure = (struct error){0};
    answer_all(identity, &failure);
}

static void on_fetched(struct aws_session *session, const struct error *error, void *userdata)
{
    struct identity *identity = userdata;
    fetch_free(identity->fetch);
    identity->fetch = NULL;
    end(identity, session, error);
}

static void fail_later(struct identity *identity, const struct error *error)
{
    fail(identity, error);
    changed(identity);
    (void)answer_soon(identity);
}

/* ---- by a plan ---- */

static struct fetch_options fetch_options(const struct identity *identity)
{
    const struct identities *set = identity->set;
    return (struct fetch_options){
        .event = set->options.event,
        .http = set->options.http,
        .direct = set->direct,
        .read_keys = set->options.read_keys,
        .read_userdata = set->options.read_userdata,
        .region = set->options.region,
    };
}

/* Note the files before they are read, so that no change is missed. */
static void note_files(struct identity *identity, const struct credential_plan *plan)
{
    watched_files_clear(&identity->files);
    if (plan->provider == CREDENTIAL_CONFIG) {
        for (char **file = identity->set->options.files; file && *file; file++)
            watched_files_add(&identity->files, *file);
        return;
    }
    watched_files_add(&identity->files, plan->config_file);
    watched_files_add(&identity->files, plan->credentials_file);
}

void identity_look_at_files(struct identity *identity)
{
    if (watched_files_changed(&identity->files) && !is_fetching(identity))
        renew(identity);
}

static int make_plan(struct identity *identity, struct credential_plan **ret, struct error *error)
{
    struct credential_setting setting = identity->set->options.setting;
    if (identity->profile) {
        setting.profile = identity->profile;
        setting.has_keys = false;
        setting.process = NULL;
        setting.source = CREDENTIAL_SOURCE_PROFILE;
        setting.role_arn = NULL;
        setting.external_id = NULL;
    }
    if (identity->role_arn) {
        setting.role_arn = identity->role_arn;
        setting.external_id = identity->external_id;
    }
    int r = credential_plan_make(ret, &setting, error);
    if (r != 1 || !*ret)
        return r;
    note_files(identity, *ret);
    credential_plan_free(*ret);
    *ret = NULL;
    return error_set(error, ERROR_CONFIG,
                     "no AWS credentials: set access_key_id and secret_access_key in [aws], or "
                     "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment, or use a "
                     "profile, a container's or EC2's role (dockbell.conf(5), [aws])");
}

static void describe(struct identity *identity, const struct credential_plan *plan)
{
    free(identity->place);
    free(identity->hidden);
    free(identity->region);
    identity->place = memory_string(plan->place);
    identity->hidden = memory_string(plan->hidden);
    identity->region = memory_string(plan->region);
}

static void renew_by_plan(struct identity *identity)
{
    struct credential_plan *plan = NULL;
    struct fetch_options options = fetch_options(identity);
    struct error error = {0};
    int r = make_plan(identity, &plan, &error);
    if (r == 0 && plan) {
        note_files(identity, plan);
        describe(identity, plan);
        r = fetch_start(&identity->fetch, &options, plan, on_fetched, identity);
        if (r < 0)
            error_set(&error, ERROR_CONFIG, "%s: %s", identity->place, strerror(-r));
    }
    if (r < 0)
        fail_later(identity, &error);
}

/* ---- by the role of a parent ---- */

static void assume(struct identity *identity);

static void on_assumed(struct aws_session *session, const struct error *error, void *userdata)
{
    struct identity *identity = userdata;
    identity->sts = NULL;
    bool stale = strcmp(error->code, "ExpiredToken") == 0 ||
                 strcmp(error->code, "InvalidClientTokenId") == 0;
    if (stale && !identity->parent_again &&
        identity_refuse(identity->parent, identity->parent_generation)) {
        identity->parent_again = true;
        assume(identity);
        return;
    }
    end(identity, session, error);
}

static void on_parent(const struct error *error, void *userdata)
{
    struct identity *identity = userdata;
    struct aws_session none = {0};
    struct error failure = *error;
    const struct aws_credentials *credentials = identity_credentials(identity->parent);
    const struct credential_role role = {.arn = identity->role_arn,
                                         .external_id = identity->external_id};
    const struct sts_place place = {
        .http = identity->set->options.http,
        .region = identity_region(identity->parent),
    };
    if (failure.kind == ERROR_NONE && !credentials)
        error_set(&failure, ERROR_CREDENTIALS, "the credentials of %s have ended",
                  identity_name(identity->parent));
    if (failure.kind == ERROR_NONE) {
        identity->parent_generation = identity->parent->generation;
        int r = sts_assume(&identity->sts, &place, &role, credentials, on_assumed, identity);
        if (r < 0)
            error_set(&failure, ERROR_CONFIG, "STS: %s", strerror(-r));
    }
    if (failure.kind != ERROR_NONE)
        end(identity, &none, &failure);
}

static void assume(struct identity *identity)
{
    struct identity_waiter *waiter = &identity->parent_waiter;
    struct error error;
    *waiter = (struct identity_waiter){.done = on_parent, .userdata = identity};
    int r = identity_await(identity->parent, waiter, 90 * USEC_PER_SEC);
    if (r >= 0)
        return;
    identity_leave(waiter);
    error_set(&error, ERROR_CONFIG, "the event loop: %s", strerror(-r));
    fail_later(identity, &error);
}

static void renew(struct identity *identity)
{
    if (is_fetching(identity))
        return;
    identity->timer = sd_event_source_disable_unref(identity->timer);
    identity->parent_again = false;
    if (identity->parent)
        assume(identity);
    else
        renew_by_plan(identity);
}

/* ---- making ---- */

void identity_free(struct identity *identity)
{
    identity_leave(&identity->parent_waiter);
    fetch_free(identity->fetch);
    sts_cancel(identity->sts);
    identity->timer = sd_event_source_disable_unref(identity->timer);
    identity->soon = sd_event_source_disable_unref(identity->soon);
    watched_files_clear(&identity->files);
    aws_session_clear(&identity->session);
    free(identity->name);
    free(identity->profile);
    free(identity->role_arn);
    free(identity->external_id);
    free(identity->place);
    free(identity->hidden);
    free(identity->region);
    free(identity);
}

/* Begin by a plan. Keys that are at hand can be used at once. */
static int begin_by_plan(struct identity *identity, struct error *error)
{
    struct credential_plan *plan = NULL;
    struct aws_session session = {0};
    struct fetch_options options = fetch_options(identity);
    int r = make_plan(identity, &plan, error);
    if (r < 0 || !plan)
        return r;
    note_files(identity, plan);
    describe(identity, plan);
    r = fetch_at_once(&session, &options, plan, error);
    credential_plan_free(plan);
    if (r == 0)
        take(identity, &session);
    else if (r == 1)
        renew(identity);
    aws_session_clear(&session);
    return r < 0 ? r : 0;
}

static int begin_by_parent(struct identity *identity, struct error *error)
{
    const char *problem = credential_role_problem(identity->role_arn);
    if (problem)
        return error_set(error, ERROR_CONFIG, "role_arn %s", problem);
    identity->place =
        memory_format("role %s, with %s", identity->role_arn, identity->parent->place);
    renew(identity);
    return 0;
}

int identity_make(struct identities *set, const struct identity_want *want, struct identity **ret,
                  struct error *error)
{
    struct identity *identity = NEW(struct identity);
    TAILQ_INIT(&identity->waiters);
    identity->set = set;
    identity->profile = memory_string(want->profile);
    identity->role_arn = memory_string(want->role_arn);
    identity->external_id = memory_string(want->external_id);
    identity->name = memory_string(want->role_arn  ? want->role_arn
                                   : want->profile ? want->profile
                                                   : "default");
    bool on_top = want->role_arn && !want->profile;
    identity->parent = on_top ? TAILQ_FIRST(&set->all) : NULL;
    TAILQ_INSERT_TAIL(&set->all, identity, link);
    int r = on_top ? begin_by_parent(identity, error) : begin_by_plan(identity, error);
    if (r < 0) {
        TAILQ_REMOVE(&set->all, identity, link);
        identity_free(identity);
        return r;
    }
    *ret = identity;
    return 0;
}
