/* SPDX-License-Identifier: MIT */
/* What must hold after every commit and at every request: design.md 1 and 3, said once more. */
#include <stdlib.h>

#include "base/text.h"
#include "forwarder_private.h"
#include "sim.h"

/* The longest wait that the schedule of sim_life.c or a receiver asks for, with jitter. */
/* A boot in an earlier time goes on where the store last noted its clock, a minute ago at most. */
#define WAIT_MAX_USEC (200 * USEC_PER_SEC)
/* Faults beyond max_attempts: those of requests in flight while the breaker opens. */
#define FAULTS_SLACK 2
/* Between two requests of an open breaker. */
#define PROBE_USEC (5 * USEC_PER_SEC)

/* The longest rest of a webhook that throttles. */
#define REST_USEC USEC_PER_MIN

static bool is_in_line(enum delivery_state state)
{
    return state == DELIVERY_READY || state == DELIVERY_INFLIGHT || state == DELIVERY_BEHIND;
}

bool sim_is_open(const struct sim_delivery *delivery)
{
    return is_in_line(delivery->state) || delivery->state == DELIVERY_HELD;
}

bool sim_all_is_done(void)
{
    for (int i = 0; i < sim.n_events; i++)
        if (!sim.events[i].deleted)
            return false;
    for (int64_t i = 1; i <= sim.n_deliveries; i++)
        if (sim_is_open(&sim.deliveries[i]))
            return false;
    return true;
}

static int order_of(const struct sim_delivery *d)
{
    return sim.events[d->event].order;
}

static bool same_lane(const struct sim_delivery *a, const struct sim_delivery *b)
{
    return a->webhook == b->webhook && order_of(a) >= 0 && order_of(a) == order_of(b);
}

static bool is_older(const struct sim_delivery *a, const struct sim_delivery *b)
{
    uint64_t x = sim.events[a->event].event_usec, y = sim.events[b->event].event_usec;
    return x != y ? x < y : a->id < b->id;
}

/* ---- the look at the store ---- */

struct look {
    int64_t next; /* the id that comes next */
    uint64_t counts[SIM_WEBHOOKS][DELIVERY_STATES];
    bool claimed[SIM_ROOM * SIM_WEBHOOKS];
};

static void check_new(const struct sim_delivery *d)
{
    SIM_LAW(is_in_line(d->state), "delivery %lld begins as %s", (long long)d->id,
            delivery_state_name(d->state));
    SIM_LAW(d->attempts <= 1, "delivery %lld begins with %u attempts", (long long)d->id,
            d->attempts);
}

static bool may_move(const struct sim_delivery *old, const struct sim_delivery *d)
{
    bool line = is_in_line(old->state);
    if (old->state == d->state || old->touched || (line && is_in_line(d->state)))
        return true;
    if (d->state == DELIVERY_DELIVERED)
        return old->state == DELIVERY_INFLIGHT;
    if (d->state == DELIVERY_DEAD)
        return d->cause == DEAD_EXPIRED ? line : old->state == DELIVERY_INFLIGHT;
    return false;
}

static void check_change(const struct sim_delivery *old, const struct sim_delivery *d)
{
    long long id = d->id;
    unsigned more = sim.recovering ? 2 : 1; /* a commit may be on disk that nobody knows of */
    SIM_LAW(old->event == d->event && old->webhook == d->webhook, "delivery %lld is another", id);
    SIM_LAW(may_move(old, d), "delivery %lld: %s -> %s, and nobody asked for it", id,
            delivery_state_name(old->state), delivery_state_name(d->state));
    SIM_LAW(d->attempts <= old->attempts + more && d->attempts + 1 >= old->attempts,
            "delivery %lld: %u attempts -> %u", id, old->attempts, d->attempts);
}

static void check_row(const struct sim_delivery *d)
{
    long long id = d->id;
    const struct sim_webhook *w = &sim.webhooks[d->webhook];
    SIM_LAW(d->state != DELIVERY_DELIVERED || d->taken,
            "delivery %lld counts as delivered, and nobody took it", id);
    SIM_LAW((d->state == DELIVERY_DEAD) == (d->cause != DEAD_NOT) || d->state == DELIVERY_DROPPED,
            "delivery %lld is %s of cause %d", id, delivery_state_name(d->state), d->cause);
    SIM_LAW(d->state != DELIVERY_DEAD || d->cause == DEAD_EXPIRED || d->has_reason,
            "delivery %lld is dead without a reason", id);
    SIM_LAW(d->cause != DEAD_ATTEMPTS || d->faults >= w->max_attempts,
            "delivery %lld died of %u faults", id, d->faults);
    SIM_LAW(d->faults <= w->max_attempts + FAULTS_SLACK, "delivery %lld has %u faults", id,
            d->faults);
    SIM_LAW(!is_in_line(d->state) || d->next_usec <= clock_trusted_usec() + WAIT_MAX_USEC,
            "delivery %lld is to wait for %llu s", id,
            (unsigned long long)((d->next_usec - clock_trusted_usec()) / USEC_PER_SEC));
}

static int webhook_of(const char *name)
{
    for (unsigned i = 0; i < sim.n_webhooks; i++)
        if (text_equal(sim.webhooks[i].name, name))
            return (int)i;
    sim_broken("a delivery of webhook %s", name ? name : "(none)");
}

static void on_row(const struct list_row *row, void *userdata)
{
    struct look *look = userdata;
    SIM_LAW(row->id == look->next++, "delivery %lld is lost", (long long)look->next - 1);
    struct sim_delivery *d = &sim.deliveries[row->id], old = *d;
    bool fresh = row->id > sim.n_deliveries;
    if (fresh)
        *d = (struct sim_delivery){0};
    d->id = row->id;
    d->event = atoi(row->notification_id + 2);
    d->webhook = webhook_of(row->webhook);
    d->state = row->state;
    d->cause = row->cause;
    d->attempts = row->attempts;
    d->faults = row->faults;
    d->event_faults = row->event_faults;
    d->resend = row->resend;
    d->next_usec = row->next_usec;
    d->has_reason = row->last_error && row->last_error[0];
    d->touched = false;
    d->was_delivered = d->was_delivered || d->state == DELIVERY_DELIVERED;
    if (fresh)
        check_new(d);
    else
        check_change(&old, d);
    check_row(d);
    look->claimed[d->id] = d->state == DELIVERY_INFLIGHT &&
                           (fresh || old.state != d->state || old.attempts != d->attempts);
    look->counts[d->webhook][d->state]++;
    if (fresh)
        sim.n_deliveries = d->id;
}

/* One head that is the oldest, unless it is in flight. */
static void check_lane_of(const struct sim_delivery *d)
{
    unsigned heads = 0;
    if (!is_in_line(d->state) || order_of(d) < 0)
        return;
    for (int64_t i = 1; i <= sim.n_deliveries; i++) {
        const struct sim_delivery *other = &sim.deliveries[i];
        if (!is_in_line(other->state) || !same_lane(d, other))
            continue;
        heads += other->state != DELIVERY_BEHIND;
        SIM_LAW(d->state != DELIVERY_READY || d == other || is_older(d, other),
                "delivery %lld is ready before %lld", (long long)d->id, (long long)other->id);
    }
    SIM_LAW(heads == 1, "the lane of delivery %lld has %u heads", (long long)d->id, heads);
}

/* Both report the state of the order, and the first is newer. */
static bool overtakes(const struct sim_delivery *a, const struct sim_delivery *b)
{
    const struct sim_event *newer = &sim.events[a->event], *older = &sim.events[b->event];
    return !newer->is_request && !older->is_request && newer->event_usec > older->event_usec;
}

/* It was its turn; and now is the moment that decides what its request says. */
static void check_claim(struct sim_delivery *d)
{
    const struct sim_webhook *w = &sim.webhooks[d->webhook];
    SIM_LAW(!w->paused, "delivery %lld is claimed of a paused webhook", (long long)d->id);
    d->stale = false;
    for (int64_t i = 1; i <= sim.n_deliveries; i++) {
        const struct sim_delivery *other = &sim.deliveries[i];
        if (d == other || !same_lane(d, other))
            continue;
        SIM_LAW(!is_in_line(other->state) || is_older(d, other),
                "delivery %lld goes before %lld, which is older", (long long)d->id, (long long)i);
        d->stale = d->stale || (other->was_delivered && overtakes(other, d));
    }
}

static void on_webhook(const struct store_webhook *row, void *userdata)
{
    const struct look *look = userdata;
    if (!row->id)
        return;
    struct sim_webhook *w = &sim.webhooks[webhook_of(row->name)];
    w->paused = row->paused_usec != 0;
    for (unsigned state = 0; state < DELIVERY_STATES; state++)
        SIM_LAW(row->counts[state] == look->counts[w - sim.webhooks][state],
                "%s: %llu count as %s, there are %llu", w->name,
                (unsigned long long)row->counts[state], delivery_state_name(state),
                (unsigned long long)look->counts[w - sim.webhooks][state]);
}

static void check_counters(void)
{
    uint64_t received, accepted, copies;
    store_counter(sim.store, "received", &received);
    store_counter(sim.store, "accepted", &accepted);
    store_counter(sim.store, "duplicates", &copies);
    SIM_LAW(received == accepted + copies, "%llu received, %llu accepted, %llu copies",
            (unsigned long long)received, (unsigned long long)accepted, (unsigned long long)copies);
    SIM_LAW(sim.recovering || (accepted == sim.accepted && copies == sim.copies),
            "%llu and %llu are counted, %llu and %llu were committed", (unsigned long long)accepted,
            (unsigned long long)copies, (unsigned long long)sim.accepted,
            (unsigned long long)sim.copies);
    sim.accepted = accepted;
    sim.copies = copies;
}

static void check_events(void)
{
    static bool there[SIM_ROOM][SIM_WEBHOOKS];
    memset(there, 0, sizeof(there[0]) * (size_t)sim.n_events);
    for (int64_t i = 1; i <= sim.n_deliveries; i++) {
        bool *one = &there[sim.deliveries[i].event][sim.deliveries[i].webhook];
        SIM_LAW(!*one, "delivery %lld is a second one of its event", (long long)i);
        *one = true;
    }
    for (int i = 0; i < sim.n_events; i++)
        for (unsigned j = 0; j < sim.n_webhooks; j++)
            SIM_LAW(!sim.events[i].committed || there[i][j], "event %s is lost for %s",
                    sim.events[i].id, sim.webhooks[j].name);
}

static int read_all(struct look *look)
{
    struct list_query query = {.states = UINT32_MAX, .limit = SIZE_MAX >> 1};
    int r = store_begin(sim.store);
    if (r)
        return r;
    r = store_list(sim.store, &query, on_row, look);
    if (r == 0)
        r = store_each_webhook(sim.store, on_webhook, look);
    if (r == 0)
        check_counters();
    if (r == 0)
        return store_commit(sim.store);
    store_rollback(sim.store);
    return r;
}

void sim_look(void)
{
    static struct look look;
    if (sim.crashed)
        return;
    memset(&look, 0, sizeof(look));
    look.next = 1;
    int r = read_all(&look);
    if (r) {
        sim_note("the look fails: %d %s", r, store_why(sim.store));
        sim.crashed = sim.crashed || r != STORE_FULL;
        return;
    }
    SIM_LAW(look.next == sim.n_deliveries + 1, "delivery %lld is lost", (long long)look.next);
    check_events();
    for (int64_t i = 1; i <= sim.n_deliveries; i++) {
        check_lane_of(&sim.deliveries[i]);
        if (look.claimed[i])
            check_claim(&sim.deliveries[i]);
    }
    sim.recovering = false;
}

/* ---- accepts ---- */

static void touch_all(const struct sim_event *event)
{
    for (int64_t i = 1; i <= sim.n_deliveries; i++)
        if (&sim.events[sim.deliveries[i].event] == event &&
            sim.deliveries[i].state == DELIVERY_DEAD) {
            sim.deliveries[i].touched = true;
            sim.deliveries[i].asked_usec = 0;
        }
}

void sim_accepted(struct sim_event *event, const struct accept *accept)
{
    bool is_new = accept->result == ACCEPTED_NEW;
    SIM_LAW(is_new || accept->result == ACCEPTED_COPY || accept->result == ACCEPTED_REVIVED,
            "event %s is rejected", event->id);
    SIM_LAW(!is_new || !event->committed, "event %s is new a second time", event->id);
    sim.accepted += is_new;
    sim.copies += !is_new;
    event->committed = true;
    if (accept->result == ACCEPTED_REVIVED)
        touch_all(event);
}

void sim_outcomes_are_written(void)
{
    for (int64_t i = 1; i <= sim.n_deliveries; i++) {
        struct sim_delivery *d = &sim.deliveries[i];
        if (d->answered)
            d->asked_usec = sim.webhooks[d->webhook].freed ? 0 : d->asked_soon_usec;
        d->answered = false;
    }
    for (unsigned i = 0; i < sim.n_webhooks; i++)
        sim.webhooks[i].freed -= sim.webhooks[i].freed > 0;
}

/* The daemon notices with one commit, acts with the next, and outcomes of before join that. */
void sim_free(struct sim_webhook *webhook)
{
    webhook->freed = 3;
    webhook->quiet_usec = webhook->rest_usec = 0;
    for (int64_t i = 1; i <= sim.n_deliveries; i++)
        if (&sim.webhooks[sim.deliveries[i].webhook] == webhook)
            sim.deliveries[i].asked_usec = 0;
}

void sim_forget_unwritten(void)
{
    for (int64_t i = 1; i <= sim.n_deliveries; i++) {
        struct sim_delivery *d = &sim.deliveries[i];
        SIM_LAW(!d->in_flight, "delivery %lld: its request outlives the process", (long long)i);
        d->answered = false;
        d->touched = true; /* a commit may be on disk that nobody knows of */
    }
}

/* ---- requests ---- */

static const char *header(const struct http_request *request, const char *name)
{
    size_t size = strlen(name);
    for (const char *const *line = request->headers; *line; line++)
        if (strncmp(*line, name, size) == 0 && strncmp(*line + size, ": ", 2) == 0)
            return *line + size + 2;
    return "";
}

static struct sim_delivery *find_delivery(const char *id, const char *url)
{
    for (int64_t i = 1; i <= sim.n_deliveries; i++) {
        struct sim_delivery *d = &sim.deliveries[i];
        if (strcmp(sim.events[d->event].id, id) == 0 &&
            strcmp(sim.webhooks[d->webhook].url, url) == 0)
            return d;
    }
    sim_broken("a request to %s of event %s, which is not in the store", url, id);
}

static void check_body(const struct sim_delivery *d, const struct http_request *request)
{
    char body[128];
    int size = snprintf(body, sizeof(body), "{\"data\":{\"notification\":%s}}",
                        sim.events[d->event].payload);
    SIM_LAW(request->body_size == (size_t)size && memcmp(body, request->body, (size_t)size) == 0,
            "delivery %lld has other bytes", (long long)d->id);
}

static void check_headers(struct sim_delivery *d, const struct http_request *request)
{
    struct sim_webhook *w = &sim.webhooks[d->webhook];
    long long id = d->id;
    uint64_t attempt, sequence;
    SIM_LAW(text_to_u64(header(request, "dockbell-attempt"), &attempt) == 0 &&
                attempt == d->attempts,
            "delivery %lld: attempt %s goes out, %u is on disk", id,
            header(request, "dockbell-attempt"), d->attempts);
    bool stale = strcmp(header(request, "dockbell-stale"), "true") == 0;
    SIM_LAW(stale == d->stale, "delivery %lld is%s marked stale", id, stale ? "" : " not");
    SIM_LAW(text_to_u64(header(request, "dockbell-sequence"), &sequence) == 0,
            "delivery %lld has no sequence", id);
    if (order_of(d) >= 0) {
        SIM_LAW(sequence > w->lane_sequence[order_of(d)], "delivery %lld: sequence %llu after %llu",
                id, (unsigned long long)sequence,
                (unsigned long long)w->lane_sequence[order_of(d)]);
        w->lane_sequence[order_of(d)] = sequence;
    }
}

static void check_lane_is_free(const struct sim_delivery *d)
{
    for (int64_t i = 1; i <= sim.n_deliveries; i++)
        SIM_LAW(!sim.deliveries[i].in_flight || !same_lane(d, &sim.deliveries[i]),
                "delivery %lld: %lld of its lane is in flight", (long long)d->id, (long long)i);
    SIM_LAW(!d->in_flight, "delivery %lld is in flight twice", (long long)d->id);
}

/* Whether the webhook may be asked anything now, and whether this is a probe. */
static bool check_webhook(struct sim_webhook *w, const struct sim_delivery *d)
{
    bool probe = w->forwarder->breaker.state != BREAKER_CLOSED;
    SIM_LAW(!w->paused || !w->noticed, "%s is paused, delivery %lld goes out", w->name,
            (long long)d->id);
    SIM_LAW(!w->gone, "%s is gone, delivery %lld goes out", w->name, (long long)d->id);
    SIM_LAW(w->older || w->in_flight < w->concurrency, "%s: %u in flight", w->name,
            w->in_flight + 1);
    SIM_LAW(fake_boot_usec >= w->rest_usec, "%s is to rest for %llu ms more", w->name,
            (unsigned long long)(w->rest_usec - fake_boot_usec) / USEC_PER_MSEC);
    if (!probe)
        return false;
    SIM_LAW(w->probes == 0, "%s: a second probe goes out", w->name);
    SIM_LAW(fake_boot_usec >= w->quiet_usec || d->attempts == 1,
            "%s: a probe comes %llu ms too early", w->name,
            (unsigned long long)(w->quiet_usec - fake_boot_usec) / USEC_PER_MSEC);
    return true;
}

struct sim_delivery *sim_request_begins(const struct http_request *request, bool *ret_probe)
{
    struct sim_delivery *d = find_delivery(header(request, "webhook-id"), request->url);
    struct sim_webhook *w = &sim.webhooks[d->webhook];
    long long id = d->id;
    SIM_LAW(d->state == DELIVERY_INFLIGHT, "delivery %lld goes out and is %s", id,
            delivery_state_name(d->state));
    SIM_LAW(!d->answered, "delivery %lld goes out before its outcome is written", id);
    SIM_LAW(fake_boot_usec >= d->asked_usec, "delivery %lld: Retry-After is undercut by %llu ms",
            id, (unsigned long long)(d->asked_usec - fake_boot_usec) / USEC_PER_MSEC);
    check_body(d, request);
    check_lane_is_free(d);
    check_headers(d, request);
    *ret_probe = check_webhook(w, d);
    w->probes += *ret_probe;
    w->in_flight++;
    w->requests++;
    d->in_flight = true;
    sim_note("%s: delivery %lld (%s) goes out, attempt %u%s", w->name, id, sim.events[d->event].id,
             d->attempts, *ret_probe ? ", a probe" : "");
    return d;
}

void sim_request_lost(struct sim_delivery *d, bool probe)
{
    struct sim_webhook *w = &sim.webhooks[d->webhook];
    d->in_flight = false;
    w->in_flight--;
    w->probes -= probe && w->probes;
}

static bool opens_at_once(const struct sim_answer *answer)
{
    return !answer->status && (answer->error == ERROR_CONNECT || answer->error == ERROR_DNS ||
                               answer->error == ERROR_TLS);
}

static bool is_refusal(int status)
{
    static const int others[] = {401, 402, 403, 404, 405, 406, 407, 408, 410,
                                 421, 423, 425, 426, 428, 429, 431, 451};
    for (size_t i = 0; i < ELEMENTS(others); i++)
        if (status == others[i])
            return false;
    return status / 100 == 4;
}

static uint64_t later(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* Too many requests, or a receiver that asks for time: nothing is sent for as long, at most
 * REST_USEC. */
static void learn_rest(struct sim_webhook *w, const struct sim_answer *answer)
{
    uint64_t asked = answer->retry_after_usec ? answer->retry_after_usec : USEC_PER_SEC;
    if (answer->status != 429 && (answer->status != 503 || !answer->retry_after_usec))
        return;
    w->rest_usec = later(w->rest_usec, fake_boot_usec + (asked < REST_USEC ? asked : REST_USEC));
}

/* What the breaker is to do now, as far as it is certain. */
static void learn(struct sim_webhook *w, const struct sim_answer *answer, bool probe)
{
    bool open = w->forwarder->breaker.state != BREAKER_CLOSED;
    if (w->freed)
        return;
    learn_rest(w, answer);
    if (answer->status / 100 == 2 || (probe && is_refusal(answer->status)))
        w->quiet_usec = 0;
    else if (probe ? answer->status != 410 : !open && opens_at_once(answer))
        w->quiet_usec = fake_boot_usec + PROBE_USEC;
}

static void note_taken(struct sim_webhook *w, struct sim_delivery *d)
{
    int order = order_of(d);
    w->taken++;
    w->repeats += d->taken++ > 0;
    if (!w->first_taken_usec)
        w->first_taken_usec = fake_boot_usec;
    if (order < 0)
        return;
    w->disorder += d->event < w->lane_taken[order];
    w->lane_taken[order] = d->event;
}

void sim_request_ends(struct sim_delivery *d, const struct sim_answer *answer, bool probe,
                      bool current)
{
    struct sim_webhook *w = &sim.webhooks[d->webhook];
    sim_note("%s: delivery %lld is answered %d %s", w->name, (long long)d->id, answer->status,
             answer->status ? "" : error_kind_name(answer->error));
    sim_request_lost(d, probe);
    d->answered = true;
    d->asked_soon_usec = 0;
    if (answer->status / 100 == 2)
        note_taken(w, d);
    else if (answer->retry_after_usec && answer->status != 410)
        d->asked_soon_usec = fake_boot_usec + answer->retry_after_usec;
    if (answer->status == 410)
        w->gone = true;
    if (current)
        learn(w, answer, probe);
}
