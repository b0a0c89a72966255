/* SPDX-License-Identifier: MIT */
#include "forwarder_private.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "journal/events.h"

static void send_more(struct forwarder *f);
static void schedule(struct forwarder *f);

/* ---- when to look again ---- */

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
    struct forwarder *f = userdata;
    (void)source;
    (void)usec;
    uint64_t boot = clock_boot_usec();
    bool awaits_pace = f->wakeup.awaits_pace;
    f->wakeup.armed_usec = 0;
    pace_look(&f->pace, boot);
    send_more(f);
    if (awaits_pace) {
        schedule(f);
        return 0;
    }
    if (forwarder_mark_late(f, boot))
        send_more(f);
    backlog_expect(&f->backlog);
    turn_request(f->turn);
    return 0;
}

static void arm(struct forwarder *f, uint64_t boot_usec)
{
    if (f->wakeup.armed_usec == boot_usec)
        return;
    f->wakeup.armed_usec = boot_usec;
    sd_event_source_set_time(f->wakeup.timer, boot_usec);
    sd_event_source_set_enabled(f->wakeup.timer, SD_EVENT_ONESHOT);
}

static void disarm(struct forwarder *f)
{
    if (f->wakeup.armed_usec)
        sd_event_source_set_enabled(f->wakeup.timer, SD_EVENT_OFF);
    f->wakeup.armed_usec = 0;
}

static uint64_t later(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* Set the timer to the next moment at which there is something to do without an event from
 * outside. */
static void schedule(struct forwarder *f)
{
    uint64_t now = turn_delay_usec(f->turn), boot = clock_boot_usec();
    uint64_t turn = pace_next_usec(&f->pace), due = backlog_due_usec(&f->backlog);
    f->wakeup.awaits_pace = false;
    if (f->stopping || pause_is_on(&f->pause)) {
        disarm(f);
        return;
    }
    if (f->pace.resting || (f->breaker.doubted && turn > boot)) {
        arm(f, later(turn, boot + 1));
        return;
    }
    if (f->breaker.doubted || token_is_asked(&f->token)) {
        disarm(f);
        return;
    }
    if (f->breaker.state == BREAKER_OPEN) {
        arm(f, later(f->breaker.probe_usec, turn));
        return;
    }
    if (turn > boot && attempts_wait(&f->attempts)) {
        f->wakeup.awaits_pace = true;
        arm(f, turn);
        return;
    }
    if (forwarder_waits_for_late(f)) {
        arm(f, forwarder_late_look_usec(f, boot));
        return;
    }
    if (f->breaker.state == BREAKER_CLOSED && !backlog_is_expected(&f->backlog) && due > now) {
        arm(f, boot + (due - now));
        return;
    }
    disarm(f);
    if (f->breaker.state != BREAKER_CLOSED || backlog_is_expected(&f->backlog) || !due)
        return;
    /* It is due already. If there is no room for it, the next answer makes some. */
    backlog_expect(&f->backlog);
    turn_request(f->turn);
}

/* ---- sending, after the commit ---- */

/* If nothing is under way and nothing waits for a slot, ask for a turn at once. The next delivery
 * of a lane is known only after the commit of this outcome. */
static void hurry_commit(struct forwarder *f)
{
    if (!slots_sending(&f->slots) && !attempts_wait(&f->attempts))
        turn_request(f->turn);
}

/* Called by the http client when an attempt has ended, with an answer or an error. */
static void on_answer(struct http_answer *answer, void *userdata)
{
    struct attempt *attempt = userdata;
    struct forwarder *f = attempt->forwarder;
    attempt->slot = NULL;
    slots_give(&f->slots, attempt, answer->duration_usec);
    if (attempt->suspect)
        backlog_expect(&f->backlog); /* retries may be claimed again */
    forwarder_judge(f, attempt, answer);
    attempts_end(&f->attempts, attempt);
    send_more(f);
    hurry_commit(f);
    schedule(f);
}

static void build_headers(struct forwarder *f, const struct attempt *attempt)
{
    const struct claim *claim = &attempt->claim;
    struct webhook_event event = {
        .id = claim->id,
        .seller = claim->seller,
        .type = claim->type,
        .order_id = claim->order_id,
        .event_usec = claim->event_usec,
        .attempt = claim->attempt,
        .sequence = claim->sequence,
        .stale = claim->stale,
        .stranger = !claim->seller,
        .resend = claim->resend,
        .format = claim->format,
    };
    struct webhook_part part = {claim->body, claim->body_size};
    webhook_headers_build(&f->headers, &event, &f->keys, attempt->started_usec, &part, 1);
    webhook_auth_add(&f->auth, &f->headers, part);
}

static void send_attempt(struct forwarder *f, struct attempt *attempt)
{
    attempt->started_usec = clock_trusted_usec();
    attempt->started_boot_usec = clock_boot_usec();
    attempt->token = token_serial(&f->token);
    bool fresh;
    attempt->second = second_chance_take(&f->second_chances, attempt->claim.delivery, &fresh);
    build_headers(f, attempt);
    struct http_request request = {
        .url = f->url,
        .headers = f->headers.lines,
        .transport = f->transport,
        .body = attempt->claim.body,
        .body_size = attempt->claim.body_size,
        .timeout_ms = f->timeout_usec / USEC_PER_MSEC,
        .answer_limit = f->answer_limit,
        .answer_cut = true,
        .body_optional = !success_rule_reads(&f->success),
        .once = true,
        .fresh = fresh,
    };
    pace_take(&f->pace, attempt->started_boot_usec);
    slots_take(&f->slots, attempt);
    int r = http_call(f->http, &request, on_answer, attempt, &attempt->slot);
    if (r == 0)
        return;
    struct http_answer answer = {.started_usec = attempt->started_usec};
    error_set(&answer.error, ERROR_CONFIG, "the request could not be started: %s", strerror(-r));
    on_answer(&answer, attempt);
}

static void send_more(struct forwarder *f)
{
    struct attempt *next;
    while (attempts_wait(&f->attempts) && !forwarder_is_silent(f) && forwarder_has_turn(f) &&
           token_authorize(&f->token) && (next = forwarder_next(f)) != NULL)
        send_attempt(f, next);
    /* Half of the claims in memory are sent: it is time to claim again. */
    if (backlog_is_expected(&f->backlog) && forwarder_wants(f) && !forwarder_is_silent(f) &&
        !token_is_asked(&f->token) && attempts_queued(&f->attempts) <= forwarder_ahead(f) / 2)
        turn_request(f->turn);
}

/* Called by access_token when a request for a token has ended. */
static void on_token(const struct error *error, void *userdata)
{
    struct forwarder *f = userdata;
    token_report(&f->token, f->name, error);
    if (error)
        forwarder_cannot_send(f, error);
    else
        backlog_expect(&f->backlog);
    turn_request(f->turn);
    send_more(f);
    schedule(f);
}

static void release_claimed(struct forwarder *f)
{
    struct attempt *attempt;
    while ((attempt = attempts_take_claimed(&f->attempts)) != NULL) {
        if (attempt->claim.damaged)
            forwarder_bury(f, attempt);
        else if (attempt->probe)
            send_attempt(f, attempt);
        else
            attempts_enqueue(&f->attempts, attempt);
    }
}

void forwarder_committed(struct forwarder *f, bool elsewhere)
{
    if (forwarder_is_silent(f))
        attempts_drop_queued(&f->attempts);
    forwarder_decided(f);
    if (backlog_take_unwitnessed(&f->backlog))
        forwarder_no_witness(f);
    release_claimed(f);
    token_ask_if_wanted(&f->token, f->stopping);
    if (elsewhere) {
        backlog_expect(&f->backlog);
        retry_watch_look(&f->retry_watch);
        turn_request(f->turn);
    }
    send_more(f);
    schedule(f);
}

/* ---- life ---- */

/* Restore the facts that an earlier process noted about the webhook. They are true until an answer
 * says something else. */
static void restore(struct forwarder *f, const struct forwarder_options *o)
{
    uint64_t boot = clock_boot_usec();
    if (o->last_error && o->last_error_usec)
        facts_error(&f->facts, o->last_error, o->last_error_usec);
    if (o->open_since_usec)
        breaker_restore(&f->breaker, boot - (clock_trusted_usec() - o->open_since_usec), boot);
}

int forwarder_new(struct forwarder **ret, const struct forwarder_options *o)
{
    struct forwarder *f = NEW(struct forwarder);
    *f = (struct forwarder){
        .event = sd_event_ref(o->event),
        .http = o->http,
        .turn = o->turn,
        .webhook = o->webhook,
        .name = memory_string(o->name),
        .url = memory_string(o->url),
        .keys = *o->keys,
        .auth = *o->auth,
        .transport = o->transport,
        .success = o->success,
        .tally = o->tally ? o->tally : &f->own_tally,
        .answer_limit = success_rule_reads(&o->success) ? SUCCESS_BODY_MAX : STORE_ANSWER_MAX,
        .max_attempts = o->max_attempts,
        .timeout_usec = o->timeout_usec,
        .schedule = o->schedule,
        .destination = o->destination,
        .pace_limit = o->pace,
    };
    *o->keys = (struct webhook_keys){0};
    *o->auth = (struct webhook_auth){0};
    f->breaker.schedule = &f->schedule;
    f->pace.limit = &f->pace_limit;
    attempts_init(&f->attempts);
    backlog_expect(&f->backlog);
    retry_watch_look(&f->retry_watch);
    facts_hurry(&f->facts);
    token_init(&f->token, &(struct access_token_options){
                              .http = f->http,
                              .auth = &f->auth,
                              .webhook = f->name,
                              .transport = o->token_transport,
                              .timeout_usec = f->timeout_usec,
                              .done = on_token,
                              .userdata = f,
                          });
    ramp_init(&f->ramp, o->concurrency);
    restore(f, o);
    int r = sd_event_add_time(f->event, &f->wakeup.timer, CLOCK_BOOTTIME, 0, USEC_PER_MSEC,
                              on_timer, f);
    if (r >= 0)
        r = sd_event_source_set_enabled(f->wakeup.timer, SD_EVENT_OFF);
    if (r < 0) {
        forwarder_free(f);
        return r;
    }
    *ret = f;
    return 0;
}

void forwarder_free(struct forwarder *f)
{
    if (!f)
        return;
    slots_clear(&f->slots);
    attempts_clear(&f->attempts);
    token_end(&f->token);
    sd_event_source_disable_unref(f->wakeup.timer);
    sd_event_unref(f->event);
    webhook_headers_clear(&f->headers);
    webhook_keys_clear(&f->keys);
    webhook_auth_clear(&f->auth);
    retry_watch_clear(&f->retry_watch);
    free(f->name);
    free(f->url);
    free(f);
}

void forwarder_stop(struct forwarder *f)
{
    f->stopping = true;
    if (attempts_wait(&f->attempts))
        turn_request(f->turn);
    schedule(f);
}

void forwarder_take_over(struct forwarder *f, struct forwarder *other)
{
    f->pause = other->pause;
    other->followed = true;
    breaker_take_over(&f->breaker, &other->breaker, clock_boot_usec());
    ramp_take_over(&f->ramp, &other->ramp);
    slots_take_over(&f->slots, &other->slots);
    facts_take_over(&f->facts, &other->facts);
    if (f->destination != other->destination) {
        other->replaced = true;
        forwarder_hurry(f);
    } else {
        pace_take_over(&f->pace, &other->pace, clock_boot_usec());
        f->throttles = other->throttles;
    }
    token_follow(&f->token, &other->token);
    schedule(f);
}

void forwarder_look(const struct forwarder *f, struct forwarder_view *ret)
{
    bool closed = breaker_shown(&f->breaker) == BREAKER_CLOSED;
    *ret = (struct forwarder_view){
        .breaker = breaker_shown(&f->breaker),
        .open_usec = closed ? 0 : clock_boot_usec() - f->breaker.opened_usec,
        .limit = f->ramp.limit,
        .rate = pace_rate(&f->pace),
        .throttled_to = pace_throttled_to(&f->pace),
        .last_usec = facts_success_usec(&f->facts),
        .trouble = facts_last_error(&f->facts),
    };
}

int64_t forwarder_webhook(const struct forwarder *f)
{
    return f->webhook;
}

unsigned forwarder_spare(const struct forwarder *f)
{
    unsigned have = forwarder_have(f), sending = slots_sending(&f->slots);
    unsigned half = forwarder_slots(f) + forwarder_ahead(f) / 2;
    uint32_t turns = pace_within(&f->pace, FORWARDER_AHEAD_USEC / 2);
    if (turns < half - sending)
        half = sending + turns;
    bool full = have >= half || attempts_bytes(&f->attempts) >= FORWARDER_BYTES_MAX / 2;
    return backlog_is_expected(&f->backlog) || full ? 0 : half - have;
}

bool forwarder_sends(const struct forwarder *f)
{
    return !forwarder_is_silent(f);
}

bool forwarder_is_paused(const struct forwarder *f)
{
    return pause_is_on(&f->pause);
}

bool forwarder_is_gone(const struct forwarder *f)
{
    return pause_is_gone(&f->pause);
}

bool forwarder_is_provided(const struct forwarder *f)
{
    return attempts_queued(&f->attempts) >= 2 * f->ramp.limit;
}

bool forwarder_has_facts(const struct forwarder *f)
{
    return facts_wait(&f->facts);
}

void forwarder_hurry_facts(struct forwarder *f)
{
    facts_hurry(&f->facts);
}

unsigned forwarder_in_flight(const struct forwarder *f)
{
    return slots_sending(&f->slots);
}

unsigned forwarder_waiting(const struct forwarder *f)
{
    return attempts_claimed(&f->attempts) + attempts_queued(&f->attempts) +
           attempts_suspects(&f->attempts);
}

uint64_t forwarder_overdue_usec(const struct forwarder *f)
{
    uint64_t now = clock_boot_usec(), worst = token_overdue_usec(&f->token);
    for (const struct attempt *a = slots_first(&f->slots); a; a = a->next) {
        uint64_t due = a->started_boot_usec + f->timeout_usec;
        if (now > due && now - due > worst)
            worst = now - due;
    }
    return worst;
}
