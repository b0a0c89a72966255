/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "forwarder_private.h"
#include "journal/events.h"

/* Why the breaker is open, if no single answer shows it. */
#define REFUSES_MANY "it refuses events of many orders in a row"

static struct event_subject subject_of(const struct forwarder *f, const struct attempt *attempt,
                                       const struct http_answer *answer)
{
    return (struct event_subject){
        .queue = attempt->claim.queue,
        .seller = attempt->claim.seller,
        .webhook = f->name,
        .notification_id = attempt->claim.id,
        .order_id = attempt->claim.order_id,
        .type = attempt->claim.type,
        .attempt = attempt->claim.attempt,
        .status = answer->status,
        .duration_usec = answer->duration_usec,
    };
}

static int64_t lane_of(const struct attempt *attempt)
{
    return breaker_lane(attempt->claim.lane, attempt->claim.delivery);
}

static void describe(const struct forwarder *f, struct settle *settle,
                     const struct outcome *outcome, struct http_answer *answer)
{
    settle->status = answer->status;
    settle->started_usec = answer->started_usec;
    settle->duration_usec = answer->duration_usec;
    text_copy(settle->peer, sizeof(settle->peer), answer->peer);
    if (outcome->class == OUTCOME_DELIVERED)
        return;
    text_copy(settle->reason, sizeof(settle->reason), outcome->reason);
    text_copy(settle->error_class, sizeof(settle->error_class), outcome->error_class);
    settle->answer_size =
        answer->body_size < STORE_ANSWER_MAX ? answer->body_size : STORE_ANSWER_MAX;
    settle->answer = TAKE(answer->body);
    webhook_auth_hide(&f->auth, settle->answer, settle->answer_size);
}

static void on_closed(struct forwarder *f)
{
    event_breaker_closed(f->name, clock_boot_usec() - f->breaker.opened_usec);
    ramp_restart(&f->ramp);
    pending_hasten(&f->pending);
    backlog_expect(&f->backlog);
    facts_hurry(&f->facts);
    turn_request(f->turn);
}

static void on_opened(struct forwarder *f, const char *reason)
{
    const struct breaker *b = &f->breaker;
    event_breaker_opened(f->name, reason, b->probe_usec - clock_boot_usec(),
                         f->schedule.probe_longest_usec);
    pending_forgive(&f->pending, b);
    facts_hurry(&f->facts);
    turn_request(f->turn);
}

void forwarder_no_witness(struct forwarder *f)
{
    breaker_no_witness(&f->breaker, clock_boot_usec());
    on_opened(f, f->breaker.by_refusals ? REFUSES_MANY : facts_last_error(&f->facts));
}

/* If a streak needs a witness, look for one now: others wait meanwhile. */
static void look_for_witness(struct forwarder *f)
{
    if (f->breaker.doubted && f->breaker.state == BREAKER_OPEN)
        turn_request(f->turn);
}

/* Continue as before. The doubt was not reported, so its end is not reported, either. */
static void resume(struct forwarder *f)
{
    backlog_expect(&f->backlog);
    turn_request(f->turn);
}

static void bury(struct settle *settle, enum dead_cause cause, const struct event_subject *subject)
{
    settle->to = DELIVERY_DEAD;
    settle->cause = cause;
    event_dead(subject,
               cause == DEAD_REFUSED ? "the receiver refuses it"
                                     : "the receiver takes others but not this one",
               settle->reason);
}

static void on_delivered(struct forwarder *f, const struct attempt *attempt, struct settle *settle)
{
    uint64_t published = attempt->claim.published_usec, now = clock_trusted_usec();
    settle->to = DELIVERY_DELIVERED;
    facts_success(&f->facts, now);
    if (published)
        histogram_add(&f->tally->delivery, now > published ? now - published : 0);
    ramp_good(&f->ramp);
    pace_success(&f->pace, clock_boot_usec());
    bool doubted = f->breaker.doubted;
    if (breaker_success(&f->breaker, lane_of(attempt), now, clock_boot_usec()))
        on_closed(f);
    else if (doubted && f->breaker.state == BREAKER_CLOSED)
        resume(f);
}

/* Set the next try of the delivery after `wait_usec`, but never before the time that the receiver
 * asked for. Return the wait. */
static uint64_t try_again(const struct forwarder *f, struct settle *settle, uint64_t wait_usec,
                          uint64_t asked_usec)
{
    uint64_t now = turn_delay_usec(f->turn), wait;
    if (f->replaced)
        wait_usec = asked_usec = 0;
    wait = schedule_wait_usec(&f->schedule, wait_usec, asked_usec);
    if (asked_usec)
        settle->not_before_usec = now + asked_usec;
    settle->next_usec = now + wait;
    return wait;
}

static void on_refused(struct forwarder *f, const struct attempt *attempt,
                       const struct outcome *outcome, struct settle *settle,
                       const struct event_subject *subject)
{
    bool closes = false, doubted = f->breaker.doubted;
    /* While the webhook refuses everything it is the destination's fault, as with any probe. */
    if (f->breaker.state == BREAKER_CLOSED || !f->breaker.by_refusals || doubted)
        settle->event_faults++;
    struct breaker_report report = {
        .delivery = attempt->claim.delivery,
        .lane = lane_of(attempt),
        .wait_usec = outcome->retry_after_usec,
        .repeated = attempt->claim.event_faults > 0,
    };
    bool opens = breaker_refusal(&f->breaker, &report, clock_boot_usec(), &closes);
    if (closes)
        on_closed(f);
    else if (doubted && f->breaker.state == BREAKER_CLOSED)
        resume(f);
    if (opens)
        on_opened(f, REFUSES_MANY);
    look_for_witness(f);
    if (settle->event_faults >= schedule_refused_tries(&f->schedule) &&
        f->breaker.state == BREAKER_CLOSED) {
        bury(settle, DEAD_REFUSED, subject);
        return;
    }
    unsigned refusals = settle->event_faults ? settle->event_faults : 1;
    event_refused(subject, settle->reason,
                  try_again(f, settle, schedule_refused_usec(&f->schedule, refusals),
                            outcome->retry_after_usec));
}

static void add_lane(int64_t lanes[BREAKER_LANES], size_t *count, int64_t lane)
{
    for (size_t i = 0; i < *count; i++)
        if (lanes[i] == lane)
            return;
    if (*count < BREAKER_LANES)
        lanes[(*count)++] = lane;
}

/* Return how many lanes have something to send, as far as it matters to the breaker: up to
 * BREAKER_LANES. */
static size_t lanes_to_send(const struct forwarder *f)
{
    int64_t lanes[BREAKER_LANES];
    size_t count = 0;
    if (backlog_is_expected(&f->backlog))
        return BREAKER_LANES;
    for (size_t i = 0; i < f->breaker.n_streak; i++)
        add_lane(lanes, &count, f->breaker.streak[i].lane);
    for (const struct attempt *a = slots_first(&f->slots); a && count < BREAKER_LANES; a = a->next)
        add_lane(lanes, &count, lane_of(a));
    for (const struct attempt *a = attempts_first_queued(&f->attempts); a && count < BREAKER_LANES;
         a = a->next)
        add_lane(lanes, &count, lane_of(a));
    return count;
}

/* Whether the event is charged with a fault: only if the destination worked for others
 * meanwhile. */
static bool is_its_own_fault(const struct forwarder *f, const struct attempt *attempt)
{
    uint64_t since = attempt->claim.last_attempt_usec ? attempt->claim.last_attempt_usec
                                                      : attempt->claim.received_usec;
    return breaker_others_work(&f->breaker, lane_of(attempt), since);
}

/* This many throttled answers in a row of one lane, while others succeed, are charged to nobody. */
#define THROTTLES_FREE 4

/* Whether the failure shows nothing about the destination: another order arrived while this one was
 * under way, or since this one failed before. */
static bool is_known_to_fail(const struct forwarder *f, const struct attempt *attempt, bool own)
{
    return own && (attempt->claim.attempt > 1 ||
                   breaker_others_work(&f->breaker, lane_of(attempt), attempt->started_usec));
}

static void on_failed(struct forwarder *f, const struct attempt *attempt,
                      const struct outcome *outcome, struct settle *settle,
                      const struct event_subject *subject)
{
    uint64_t boot = clock_boot_usec();
    bool own = outcome->class != OUTCOME_THROTTLED && is_its_own_fault(f, attempt);
    struct breaker_report report = {
        .delivery = attempt->claim.delivery,
        .lane = lane_of(attempt),
        .wait_usec = outcome->retry_after_usec,
        .at_once = outcome->opens_breaker || outcome->class == OUTCOME_THROTTLED,
        .repeated = is_known_to_fail(f, attempt, own),
    };
    settle->faults += own;
    if (!attempt->suspect) /* another failure of a suspect shows no limit of the receiver */
        ramp_fault(&f->ramp, attempt->started_boot_usec, boot);
    if (breaker_fault(&f->breaker, &report, lanes_to_send(f), boot))
        on_opened(f, outcome->reason);
    look_for_witness(f);
    if (settle->faults >= f->max_attempts && f->breaker.state == BREAKER_CLOSED) {
        bury(settle, DEAD_ATTEMPTS, subject);
        return;
    }
    event_postponed(subject, outcome->reason,
                    try_again(f, settle, schedule_retry_usec(&f->schedule, attempt->claim.attempt),
                              outcome->retry_after_usec));
}

/* There are too many requests, and this one is not at fault: the delivery waits, and the webhook
 * rests. */
static void on_throttled(struct forwarder *f, const struct attempt *attempt,
                         const struct outcome *outcome, struct settle *settle,
                         const struct event_subject *subject)
{
    uint64_t boot = clock_boot_usec(), asked = outcome->retry_after_usec;
    if (pace_throttle(&f->pace, attempt->started_boot_usec, asked, boot))
        event_throttled(f->name, outcome->reason, f->pace.rest_usec - boot,
                        pace_throttled_to(&f->pace));
    facts_hurry(&f->facts);
    unsigned row = throttles_add(&f->throttles, lane_of(attempt));
    if (attempt->probe || pace_is_hopeless(&f->pace, boot)) {
        on_failed(f, attempt, outcome, settle, subject);
        return;
    }
    settle->faults += row > THROTTLES_FREE && is_its_own_fault(f, attempt);
    if (settle->faults >= f->max_attempts && f->breaker.state == BREAKER_CLOSED) {
        bury(settle, DEAD_ATTEMPTS, subject);
        return;
    }
    event_postponed(subject, outcome->reason, try_again(f, settle, PACE_REST_USEC, asked));
}

static void on_gone(struct forwarder *f, const struct attempt *attempt, struct settle *settle)
{
    settle->next_usec = turn_delay_usec(f->turn);
    if (attempt->probe)
        breaker_probe_void(&f->breaker, clock_boot_usec());
    if (pending_is_pause(&f->pending) || pause_is_on(&f->pause))
        return;
    pending_pause(&f->pending);
    turn_request(f->turn);
}

/* Whether nobody is at fault: a kept connection or an access token had ended. */
static bool has_second_chance(struct forwarder *f, const struct attempt *attempt,
                              const struct outcome *outcome, const struct http_answer *answer)
{
    if (attempt->second || outcome->class == OUTCOME_DELIVERED)
        return false;
    bool broke = outcome->class == OUTCOME_DESTINATION_FAULT && answer->kept_broke;
    return (broke || token_replaces(&f->token, attempt, answer)) &&
           second_chance_give(&f->second_chances, attempt->claim.delivery, broke);
}

static void try_at_once(struct forwarder *f, const struct attempt *attempt, struct settle *settle,
                        const struct event_subject *subject)
{
    settle->next_usec = turn_delay_usec(f->turn);
    if (attempt->probe)
        breaker_probe_void(&f->breaker, clock_boot_usec());
    event_postponed(subject, settle->reason, 0);
    backlog_expect(&f->backlog);
    turn_request(f->turn);
}

static void note_error(struct forwarder *f, const struct outcome *outcome)
{
    facts_error(&f->facts, outcome->reason, clock_trusted_usec());
}

static void count(struct forwarder *f, const struct outcome *outcome,
                  const struct http_answer *answer)
{
    unsigned status = answer->status > 0 ? (unsigned)answer->status / 100 : 0;
    f->tally->attempts[outcome->class][status < TALLY_STATUSES ? status : 0]++;
    histogram_add(&f->tally->duration, answer->duration_usec);
}

static void judge(struct forwarder *f, struct attempt *attempt, const struct outcome *outcome,
                  struct settle *settle, const struct event_subject *subject)
{
    switch (outcome->class) {
    case OUTCOME_DELIVERED:
        on_delivered(f, attempt, settle);
        event_delivered(subject);
        break;
    case OUTCOME_EVENT_FAULT:
        on_refused(f, attempt, outcome, settle, subject);
        break;
    case OUTCOME_DESTINATION_FAULT:
        on_failed(f, attempt, outcome, settle, subject);
        break;
    case OUTCOME_GONE:
        on_gone(f, attempt, settle);
        break;
    case OUTCOME_THROTTLED:
        on_throttled(f, attempt, outcome, settle, subject);
        break;
    }
    if (outcome->class != OUTCOME_DELIVERED)
        note_error(f, outcome);
}

void forwarder_judge(struct forwarder *f, struct attempt *attempt, struct http_answer *answer)
{
    struct outcome outcome;
    outcome_read(&outcome, answer, &f->success, clock_trusted_usec());
    outcome.retry_after_usec = schedule_asked_usec(&f->schedule, outcome.retry_after_usec);
    if (outcome.may_throttle &&
        pace_others_succeed(&f->pace, attempt->started_boot_usec, clock_boot_usec()))
        outcome.class = OUTCOME_THROTTLED;
    if (outcome.class != OUTCOME_THROTTLED)
        throttles_end(&f->throttles, lane_of(attempt));
    count(f, &outcome, answer);
    struct settle settle = {
        .delivery = attempt->claim.delivery,
        .attempt = attempt->claim.attempt,
        .to = DELIVERY_READY,
        .faults = attempt->claim.faults,
        .event_faults = attempt->claim.event_faults,
    };
    struct event_subject subject = subject_of(f, attempt, answer);
    describe(f, &settle, &outcome, answer);
    if (has_second_chance(f, attempt, &outcome, answer))
        try_at_once(f, attempt, &settle, &subject);
    else
        judge(f, attempt, &outcome, &settle, &subject);
    if (attempt->probe)
        facts_hurry(&f->facts);
    facts_change(&f->facts);
    turn_settle(f->turn, &settle);
}

/* The destination is not judged, because there is no request. */
void forwarder_bury(struct forwarder *f, struct attempt *attempt)
{
    static const char reason[] = "the sealed body in the store is damaged and does not open";
    const struct claim *claim = &attempt->claim;
    struct settle settle = {
        .delivery = claim->delivery,
        .attempt = claim->attempt,
        .to = DELIVERY_DEAD,
        .cause = DEAD_DAMAGED,
        .faults = claim->faults,
        .event_faults = claim->event_faults,
        .started_usec = clock_trusted_usec(),
    };
    struct event_subject subject = subject_of(f, attempt, &(struct http_answer){0});
    text_copy(settle.reason, sizeof(settle.reason), reason);
    text_copy(settle.error_class, sizeof(settle.error_class), OUTCOME_NO_BODY);
    if (attempt->probe)
        breaker_probe_void(&f->breaker, clock_boot_usec());
    event_dead(&subject, "there is nothing to send", reason);
    facts_change(&f->facts);
    backlog_expect(&f->backlog);
    turn_settle(f->turn, &settle);
    attempts_end(&f->attempts, attempt);
}

void forwarder_cannot_send(struct forwarder *f, const struct error *error)
{
    struct outcome outcome;
    outcome_no_token(&outcome, error);
    note_error(f, &outcome);
    facts_hurry(&f->facts);
    outcome.retry_after_usec = schedule_asked_usec(&f->schedule, outcome.retry_after_usec);
    if (breaker_trip(&f->breaker, outcome.retry_after_usec, clock_boot_usec()))
        on_opened(f, outcome.reason);
}
