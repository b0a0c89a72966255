/* SPDX-License-Identifier: MIT */
#include "forwarder_private.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "journal/events.h"

/* Deliveries claimed in one transaction at most. */
#define CLAIM_MAX 256U
/* How fast the running mean of answer times moves: a sixteenth of the difference per answer. */
#define ANSWER_SHIFT 4

/* ---- lists ---- */

static void unlink_attempt(struct attempt *attempt)
{
    *attempt->link = attempt->next;
    if (attempt->next)
        attempt->next->link = attempt->link;
}

static void push(struct attempt **list, struct attempt *attempt)
{
    attempt->next = *list;
    attempt->link = list;
    if (*list)
        (*list)->link = &attempt->next;
    *list = attempt;
}

static void enqueue(struct forwarder *f, struct attempt *attempt)
{
    attempt->next = NULL;
    attempt->link = f->queued_tail;
    *f->queued_tail = attempt;
    f->queued_tail = &attempt->next;
    f->n_queued++;
}

static struct attempt *dequeue(struct forwarder *f)
{
    struct attempt *attempt = f->queued;
    unlink_attempt(attempt);
    if (!f->queued)
        f->queued_tail = &f->queued;
    f->n_queued--;
    return attempt;
}

static struct attempt *take_spare(struct forwarder *f)
{
    struct attempt *attempt = f->spare;
    if (!attempt)
        return NEW(struct attempt);
    f->spare = attempt->next;
    memset(attempt, 0, sizeof(*attempt));
    return attempt;
}

static void give_up(struct forwarder *f, struct attempt *attempt)
{
    f->bytes -= attempt->claim.body_size;
    claim_clear(&attempt->claim);
    attempt->next = f->spare;
    f->spare = attempt;
}

/* ---- when to look again ---- */

/* What waits in memory, so that a slot that becomes free does not wait for the next commit: what
 * the slots can send within FORWARDER_AHEAD_USEC, but no less than fills them once. */
static unsigned ahead(const struct forwarder *f)
{
    uint64_t answer = f->answer_usec ? f->answer_usec : FORWARDER_AHEAD_USEC;
    uint64_t count = f->ramp.limit * FORWARDER_AHEAD_USEC / answer;
    if (count < f->ramp.limit)
        return f->ramp.limit;
    return count < FORWARDER_AHEAD_MAX ? (unsigned)count : FORWARDER_AHEAD_MAX;
}

static unsigned wanted(const struct forwarder *f)
{
    unsigned have = f->n_sending + f->n_queued + f->n_claimed;
    unsigned room = f->ramp.limit + ahead(f);
    if (f->bytes >= FORWARDER_BYTES_MAX || have >= room)
        return 0;
    return room - have < CLAIM_MAX ? room - have : CLAIM_MAX;
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
    struct forwarder *f = userdata;
    (void)source;
    (void)usec;
    f->armed_usec = 0;
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

/* The next moment at which there is something to do without anybody asking. */
static void schedule(struct forwarder *f)
{
    uint64_t now = clock_now_usec(), boot = clock_boot_usec();
    if (f->stopping || f->paused)
        return disarm(f);
    if (f->breaker.state == BREAKER_OPEN)
        return arm(f, f->breaker.probe_usec);
    if (f->breaker.state == BREAKER_CLOSED && !f->more && f->due_usec > now)
        return arm(f, boot + (f->due_usec - now));
    disarm(f);
    if (f->breaker.state != BREAKER_CLOSED || f->more || !f->due_usec)
        return;
    /* Due already. Where there is no room for it, the next answer makes some. */
    f->more = true;
    if (wanted(f))
        turn_request(f->turn);
}

/* ---- claiming, inside the turn's transaction ---- */

static int take(struct forwarder *f, struct store *store, const struct claim_query *query,
                size_t *ret_count)
{
    struct claim claims[CLAIM_MAX];
    int r = store_claim(store, query, claims, ret_count);
    if (r)
        return r;
    for (size_t i = *ret_count; i-- > 0;) {
        struct attempt *attempt = take_spare(f);
        attempt->forwarder = f;
        attempt->claim = claims[i];
        attempt->probe = query->probe;
        f->bytes += claims[i].body_size;
        push(&f->claimed, attempt);
        f->n_claimed++;
    }
    return 0;
}

static int claim_due(struct forwarder *f, struct store *store)
{
    unsigned want = wanted(f);
    size_t count = 0;
    if (!want)
        return 0;
    struct claim_query query = {
        .webhook = f->webhook,
        .now_usec = clock_now_usec(),
        .first = want - want / 4,
        .retries = want / 4,
        .bytes = FORWARDER_BYTES_MAX - f->bytes,
    };
    int r = take(f, store, &query, &count);
    if (r)
        return r;
    f->more = count == want;
    return f->more ? 0 : store_next_due(store, f->webhook, &f->due_usec);
}

static int claim_probe(struct forwarder *f, struct store *store)
{
    size_t count = 0;
    if (!breaker_may_probe(&f->breaker, clock_boot_usec()))
        return 0;
    struct claim_query query = {
        .webhook = f->webhook,
        .now_usec = clock_now_usec(),
        .probe = true,
        .avoid_lane = f->breaker.probe_lane,
        .bytes = FORWARDER_BYTES_MAX,
    };
    int r = take(f, store, &query, &count);
    if (r)
        return r;
    if (count)
        breaker_probe(&f->breaker,
                      breaker_lane(f->claimed->claim.lane, f->claimed->claim.delivery));
    else
        breaker_probe_void(&f->breaker, clock_boot_usec());
    return 0;
}

static int give_back_queued(struct forwarder *f, struct store *store)
{
    for (struct attempt *a = f->queued; a; a = a->next) {
        int r = store_unclaim(store, a->claim.delivery, a->claim.attempt);
        if (r)
            return r;
    }
    return 0;
}

static int write_decisions(struct forwarder *f, struct store *store)
{
    int r = 0;
    for (size_t i = 0; !r && i < f->n_forgive; i++)
        r = store_forgive(store, f->forgive[i], f->forgive_refusal[i]);
    if (!r && f->hasten)
        r = store_hasten(store, f->webhook, clock_now_usec());
    if (!r && f->pause)
        r = store_pause(store, f->webhook, "the receiver answered 410 Gone", clock_now_usec());
    return r;
}

static bool sends_nothing(const struct forwarder *f)
{
    return f->stopping || f->pause || f->breaker.state != BREAKER_CLOSED;
}

int forwarder_claim(struct forwarder *f, struct store *store)
{
    int r = write_decisions(f, store);
    if (!r && sends_nothing(f))
        r = give_back_queued(f, store);
    if (!r && !f->stopping && !f->pause)
        r = f->breaker.state == BREAKER_CLOSED ? claim_due(f, store) : claim_probe(f, store);
    return r ? r : forwarder_write_notes(f, store);
}

/* ---- sending, after the commit ---- */

static void send_more(struct forwarder *f);

/* Called by the http client when an attempt has ended in whatever way. */
static void on_answer(struct http_answer *answer, void *userdata)
{
    struct attempt *attempt = userdata;
    struct forwarder *f = attempt->forwarder;
    attempt->slot = NULL;
    unlink_attempt(attempt);
    f->n_sending--;
    f->answer_usec += (answer->duration_usec >> ANSWER_SHIFT) - (f->answer_usec >> ANSWER_SHIFT);
    forwarder_judge(f, attempt, answer);
    give_up(f, attempt);
    send_more(f);
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
        .resend = claim->resend,
    };
    struct webhook_part part = {claim->body, claim->body_size};
    webhook_headers_build(&f->headers, &event, &f->keys, attempt->started_usec, &part, 1);
}

static void send(struct forwarder *f, struct attempt *attempt)
{
    attempt->started_usec = clock_now_usec();
    attempt->started_boot_usec = clock_boot_usec();
    build_headers(f, attempt);
    struct http_request request = {
        .url = f->url,
        .headers = f->headers.lines,
        .body = attempt->claim.body,
        .body_size = attempt->claim.body_size,
        .timeout_ms = f->timeout_usec / USEC_PER_MSEC,
        .answer_limit = STORE_ANSWER_MAX,
        .answer_cut = true,
    };
    push(&f->sending, attempt);
    f->n_sending++;
    int r = http_call(f->http, &request, on_answer, attempt, &attempt->slot);
    if (r == 0)
        return;
    struct http_answer answer = {.started_usec = attempt->started_usec};
    error_set(&answer.error, ERROR_CONFIG, "the request could not be started: %s", strerror(-r));
    on_answer(&answer, attempt);
}

static void send_more(struct forwarder *f)
{
    while (f->queued && !sends_nothing(f) && f->n_sending < f->ramp.limit)
        send(f, dequeue(f));
    /* Half of what waits in memory is gone: time to claim again. */
    if (f->more && wanted(f) && !sends_nothing(f) && f->n_queued <= ahead(f) / 2)
        turn_request(f->turn);
}

static void drop_queued(struct forwarder *f)
{
    while (f->queued)
        give_up(f, dequeue(f));
}

static void release_claimed(struct forwarder *f)
{
    while (f->claimed) {
        struct attempt *attempt = f->claimed;
        unlink_attempt(attempt);
        f->n_claimed--;
        if (attempt->probe)
            send(f, attempt);
        else
            enqueue(f, attempt);
    }
}

static void decisions_are_written(struct forwarder *f)
{
    f->n_forgive = 0;
    f->paused = f->paused || f->pause;
    f->pause = f->hasten = false;
}

void forwarder_committed(struct forwarder *f, bool elsewhere)
{
    if (sends_nothing(f))
        drop_queued(f);
    decisions_are_written(f);
    release_claimed(f);
    if (elsewhere) {
        f->paused = false;
        f->more = true;
        turn_request(f->turn);
    }
    send_more(f);
    schedule(f);
}

void forwarder_void(struct forwarder *f)
{
    while (f->claimed) {
        struct attempt *attempt = f->claimed;
        unlink_attempt(attempt);
        f->n_claimed--;
        if (attempt->probe)
            breaker_probe_void(&f->breaker, clock_boot_usec());
        give_up(f, attempt);
    }
    f->more = true;
}

/* ---- life ---- */

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
        .max_attempts = o->max_attempts,
        .timeout_usec = o->timeout_usec,
        .more = true,
        .note = true,
    };
    *o->keys = (struct webhook_keys){0};
    f->queued_tail = &f->queued;
    ramp_init(&f->ramp, o->concurrency);
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

static void free_list(struct attempt *list)
{
    while (list) {
        struct attempt *next = list->next;
        http_cancel(list->slot);
        claim_clear(&list->claim);
        free(list);
        list = next;
    }
}

void forwarder_free(struct forwarder *f)
{
    if (!f)
        return;
    free_list(f->claimed);
    free_list(f->queued);
    free_list(f->sending);
    free_list(f->spare);
    sd_event_source_disable_unref(f->timer);
    sd_event_unref(f->event);
    webhook_headers_clear(&f->headers);
    webhook_keys_clear(&f->keys);
    free(f->name);
    free(f->url);
    free(f);
}

void forwarder_stop(struct forwarder *f)
{
    f->stopping = true;
    if (f->n_queued)
        turn_request(f->turn);
    schedule(f);
}

bool forwarder_is_behind(const struct forwarder *f)
{
    return f->more && !sends_nothing(f);
}

bool forwarder_sends(const struct forwarder *f)
{
    return !sends_nothing(f) && !f->paused;
}

bool forwarder_has_notes(const struct forwarder *f)
{
    return f->note || f->dirty;
}

unsigned forwarder_in_flight(const struct forwarder *f)
{
    return f->n_sending;
}

unsigned forwarder_waiting(const struct forwarder *f)
{
    return f->n_claimed + f->n_queued;
}

uint64_t forwarder_overdue_usec(const struct forwarder *f)
{
    uint64_t now = clock_boot_usec(), worst = 0;
    for (const struct attempt *a = f->sending; a; a = a->next) {
        uint64_t due = a->started_boot_usec + f->timeout_usec;
        if (now > due && now - due > worst)
            worst = now - due;
    }
    return worst;
}
