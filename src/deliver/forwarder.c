/* SPDX-License-Identifier: MIT */
#include "forwarder_private.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "journal/events.h"

/* The running mean of answer times moves by 1 / 2^ANSWER_SHIFT of the difference per answer. So it
 * outlasts the answers of a single turn, which are alike. */
#define ANSWER_SHIFT 8

/* How often to look for late requests, while others wait for a slot. */
#define LOOK_USEC (USEC_PER_SEC / 2)

/* ---- when to look again ---- */

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
    struct forwarder *f = userdata;
    (void)source;
    (void)usec;
    uint64_t boot = clock_boot_usec();
    bool awaits_pace = f->awaits_pace;
    f->armed_usec = 0;
    pace_look(&f->pace, boot);
    forwarder_send_more(f);
    if (awaits_pace) {
        forwarder_schedule(f);
        return 0;
    }
    if (f->look_usec && boot >= f->look_usec) {
        f->look_usec = 0;
        forwarder_note_late(f, boot);
        forwarder_send_more(f);
    }
    f->more = true;
    turn_request(f->turn);
    return 0;
}

static void arm(struct forwarder *f, uint64_t boot_usec)
{
    if (f->armed_usec == boot_usec)
        return;
    f->armed_usec = boot_usec;
    sd_event_source_set_time(f->timer, boot_usec);
    sd_event_source_set_enabled(f->timer, SD_EVENT_ONESHOT);
}

static void disarm(struct forwarder *f)
{
    if (f->armed_usec)
        sd_event_source_set_enabled(f->timer, SD_EVENT_OFF);
    f->armed_usec = 0;
}

static bool has_queued(const struct forwarder *f)
{
    return f->queued.count || f->suspects.count;
}

/* Whether all slots are taken, and a late request would make room for one more. */
static bool waits_for_late_ones(const struct forwarder *f)
{
    unsigned slots = forwarder_slots(f);
    return f->queued.count && f->n_sending >= slots && slots < f->ramp.ceiling;
}

static uint64_t later(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* Set the timer to the next moment at which there is something to do without an event from
 * outside. */
void forwarder_schedule(struct forwarder *f)
{
    uint64_t now = turn_delay_usec(f->turn), boot = clock_boot_usec();
    uint64_t turn = pace_next_usec(&f->pace);
    f->awaits_pace = false;
    if (f->stopping || f->paused_usec) {
        disarm(f);
        return;
    }
    if (f->pace.resting || (f->breaker.doubted && turn > boot)) {
        arm(f, later(turn, boot + 1));
        return;
    }
    if (f->breaker.doubted || access_token_is_asked(&f->token)) {
        disarm(f);
        return;
    }
    if (f->breaker.state == BREAKER_OPEN) {
        arm(f, later(f->breaker.probe_usec, turn));
        return;
    }
    if (turn > boot && has_queued(f)) {
        f->awaits_pace = true;
        {
            arm(f, turn);
            return;
        }
    }
    if (waits_for_late_ones(f)) {
        f->look_usec = f->look_usec ? f->look_usec : boot + LOOK_USEC;
        {
            arm(f, f->look_usec);
            return;
        }
    }
    if (f->breaker.state == BREAKER_CLOSED && !f->more && f->due_usec > now) {
        arm(f, boot + (f->due_usec - now));
        return;
    }
    disarm(f);
    if (f->breaker.state != BREAKER_CLOSED || f->more || !f->due_usec)
        return;
    /* It is due already. If there is no room for it, the next answer makes some. */
    f->more = true;
    turn_request(f->turn);
}

/* ---- sending, after the commit ---- */

static void note_answer_time(struct forwarder *f, uint64_t usec)
{
    if (!f->answer_usec)
        f->answer_usec = usec;
    f->answer_usec += (usec >> ANSWER_SHIFT) - (f->answer_usec >> ANSWER_SHIFT);
}

/* If nothing is under way and nothing waits for a slot, ask for a turn at once. The next delivery
 * of a lane is known only after the commit of this outcome. */
static void hurry_commit(struct forwarder *f)
{
    if (!f->n_sending && !has_queued(f))
        turn_request(f->turn);
}

/* Called by the http client when an attempt has ended, with an answer or an error. */
static void on_answer(struct http_answer *answer, void *userdata)
{
    struct attempt *attempt = userdata;
    struct forwarder *f = attempt->forwarder;
    attempt->slot = NULL;
    attempt_unlink(attempt);
    note_answer_time(f, answer->duration_usec);
    forwarder_gave_slot(f, attempt);
    forwarder_judge(f, attempt, answer);
    attempt_end(f, attempt);
    forwarder_send_more(f);
    hurry_commit(f);
    forwarder_schedule(f);
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

void forwarder_send(struct forwarder *f, struct attempt *attempt)
{
    attempt->started_usec = clock_trusted_usec();
    attempt->started_boot_usec = clock_boot_usec();
    attempt->token = access_token_serial(&f->token);
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
    attempt_push(&f->sending, attempt);
    forwarder_took_slot(f, attempt);
    int r = http_call(f->http, &request, on_answer, attempt, &attempt->slot);
    if (r == 0)
        return;
    struct http_answer answer = {.started_usec = attempt->started_usec};
    error_set(&answer.error, ERROR_CONFIG, "the request could not be started: %s", strerror(-r));
    on_answer(&answer, attempt);
}

void forwarder_send_more(struct forwarder *f)
{
    struct attempt *next;
    while (has_queued(f) && !forwarder_is_silent(f) && forwarder_has_turn(f) &&
           forwarder_authorize(f) && (next = forwarder_next(f)) != NULL)
        forwarder_send(f, next);
    /* Half of the claims in memory are sent: it is time to claim again. */
    if (f->more && forwarder_wants(f) && !forwarder_is_silent(f) &&
        !access_token_is_asked(&f->token) && f->queued.count <= forwarder_ahead(f) / 2)
        turn_request(f->turn);
}

static void drop_queued(struct forwarder *f)
{
    while (f->queued.count)
        attempt_end(f, attempt_dequeue(&f->queued));
    while (f->suspects.count)
        attempt_end(f, attempt_dequeue(&f->suspects));
}

static void release_claimed(struct forwarder *f)
{
    while (f->claimed) {
        struct attempt *attempt = f->claimed;
        attempt_unlink(attempt);
        f->n_claimed--;
        if (attempt->claim.damaged)
            forwarder_bury(f, attempt);
        else if (attempt->probe)
            forwarder_send(f, attempt);
        else
            attempt_enqueue(attempt->suspect ? &f->suspects : &f->queued, attempt);
    }
}

void forwarder_committed(struct forwarder *f, bool elsewhere)
{
    if (forwarder_is_silent(f))
        drop_queued(f);
    forwarder_decided(f);
    if (f->unwitnessed)
        forwarder_no_witness(f);
    f->unwitnessed = false;
    release_claimed(f);
    forwarder_ask_if_wanted(f);
    if (elsewhere) {
        f->more = f->look_at_retry = true;
        turn_request(f->turn);
    }
    forwarder_send_more(f);
    forwarder_schedule(f);
}

/* ---- life ---- */

/* Restore the facts that an earlier process noted about the webhook. They are true until an answer
 * says something else. */
static void restore(struct forwarder *f, const struct forwarder_options *o)
{
    uint64_t boot = clock_boot_usec();
    if (o->last_error && o->last_error_usec) {
        text_copy(f->last_error, sizeof(f->last_error), o->last_error);
        f->last_error_usec = o->last_error_usec;
    }
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
        .look_at_retry = true,
        .pace_limit = o->pace,
        .more = true,
        .note = true,
    };
    *o->keys = (struct webhook_keys){0};
    *o->auth = (struct webhook_auth){0};
    f->breaker.schedule = &f->schedule;
    f->pace.limit = &f->pace_limit;
    f->queued.tail = &f->queued.first;
    f->suspects.tail = &f->suspects.first;
    access_token_init(&f->token, &(struct access_token_options){
                                     .http = f->http,
                                     .auth = &f->auth,
                                     .webhook = f->name,
                                     .transport = o->token_transport,
                                     .timeout_usec = f->timeout_usec,
                                     .done = forwarder_on_token,
                                     .userdata = f,
                                 });
    ramp_init(&f->ramp, o->concurrency);
    restore(f, o);
    int r = sd_event_add_time(f->event, &f->timer, CLOCK_BOOTTIME, 0, USEC_PER_MSEC, on_timer, f);
    if (r >= 0)
        r = sd_event_source_set_enabled(f->timer, SD_EVENT_OFF);
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
    attempt_free_list(f->claimed);
    attempt_free_list(f->queued.first);
    attempt_free_list(f->suspects.first);
    attempt_free_list(f->sending);
    access_token_end(&f->token);
    attempt_free_list(f->spare);
    sd_event_source_disable_unref(f->timer);
    sd_event_unref(f->event);
    webhook_headers_clear(&f->headers);
    webhook_keys_clear(&f->keys);
    webhook_auth_clear(&f->auth);
    free(f->retried);
    free(f->name);
    free(f->url);
    free(f);
}

void forwarder_stop(struct forwarder *f)
{
    f->stopping = true;
    if (has_queued(f))
        turn_request(f->turn);
    forwarder_schedule(f);
}

void forwarder_take_over(struct forwarder *f, struct forwarder *other)
{
    unsigned ceiling = f->ramp.ceiling;
    f->paused_usec = other->paused_usec;
    f->paused_gone = other->paused_gone;
    f->pause_known = other->pause_known;
    f->told_usec = other->told_usec;
    other->followed = true;
    breaker_take_over(&f->breaker, &other->breaker, clock_boot_usec());
    f->ramp = other->ramp;
    f->ramp.ceiling = ceiling;
    if (f->ramp.limit > ceiling)
        f->ramp.limit = ceiling;
    f->answer_usec = other->answer_usec;
    f->success_usec = other->success_usec;
    f->last_error_usec = other->last_error_usec;
    text_copy(f->last_error, sizeof(f->last_error), other->last_error);
    if (f->destination != other->destination) {
        other->replaced = true;
        forwarder_hurry(f);
    } else {
        pace_take_over(&f->pace, &other->pace, clock_boot_usec());
        f->throttles = other->throttles;
    }
    access_token_follow(&f->token, &other->token);
    f->token_error = other->token_error;
    f->token_failed_usec = other->token_failed_usec;
    forwarder_schedule(f);
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
        .last_usec = f->success_usec,
        .trouble = f->last_error,
    };
}

int64_t forwarder_webhook(const struct forwarder *f)
{
    return f->webhook;
}

unsigned forwarder_spare(const struct forwarder *f)
{
    unsigned have = f->n_sending + f->queued.count + f->n_claimed;
    unsigned half = forwarder_slots(f) + forwarder_ahead(f) / 2;
    uint32_t turns = pace_within(&f->pace, FORWARDER_AHEAD_USEC / 2);
    if (turns < half - f->n_sending)
        half = f->n_sending + turns;
    return f->more || have >= half || f->bytes >= FORWARDER_BYTES_MAX / 2 ? 0 : half - have;
}

bool forwarder_sends(const struct forwarder *f)
{
    return !forwarder_is_silent(f);
}

bool forwarder_is_paused(const struct forwarder *f)
{
    return f->paused_usec != 0;
}

bool forwarder_is_gone(const struct forwarder *f)
{
    return !f->pause_known || (f->paused_usec && f->paused_gone);
}

bool forwarder_is_provided(const struct forwarder *f)
{
    return f->queued.count >= 2 * f->ramp.limit;
}

bool forwarder_has_facts(const struct forwarder *f)
{
    return f->note || f->dirty;
}

void forwarder_hurry_facts(struct forwarder *f)
{
    f->note = true;
}

unsigned forwarder_in_flight(const struct forwarder *f)
{
    return f->n_sending;
}

unsigned forwarder_waiting(const struct forwarder *f)
{
    return f->n_claimed + f->queued.count + f->suspects.count;
}

uint64_t forwarder_overdue_usec(const struct forwarder *f)
{
    uint64_t now = clock_boot_usec(), worst = access_token_overdue_usec(&f->token);
    for (const struct attempt *a = f->sending; a; a = a->next) {
        uint64_t due = a->started_boot_usec + f->timeout_usec;
        if (now > due && now - due > worst)
            worst = now - due;
    }
    return worst;
}
