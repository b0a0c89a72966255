/* SPDX-License-Identifier: MIT */
/* Random verbs against a small model: what the store says must be what the model says, and the file
 * must keep every law (fixture_check). The seed is the test's; STORE_SEED=N tries another. */
#include "fixture.h"

#include <stdlib.h>

enum { STEPS = 4000, LANES = 7, EVENTS_MAX = 6000, CLAIMS_MAX = 64 };

struct event {
    int64_t id; /* of the delivery */
    int order;  /* 0: none */
    uint64_t event_usec;
    char name[24];
    bool conflict;
    enum delivery_state state;
    unsigned attempts;
};

struct model {
    struct store *store;
    char *directory;
    int64_t webhook;
    uint64_t seed, now, sequence;
    struct event events[EVENTS_MAX];
    size_t n_events;
    uint64_t received, duplicates, rejected;
    bool inside; /* a transaction of several verbs */
};

/* A verb in the transaction that is open, else in one of its own. */
#define VERB(m, call)                                                                              \
    do {                                                                                           \
        if ((m)->inside)                                                                           \
            fixture_ok((m)->store, call, #call, __LINE__);                                         \
        else                                                                                       \
            IN((m)->store, call);                                                                  \
    } while (0)

static uint32_t pick(struct model *m, uint32_t below)
{
    return fixture_random(&m->seed) % below;
}

static struct event *find(struct model *m, int64_t delivery)
{
    assert_in_range(delivery, 1, m->n_events);
    return &m->events[delivery - 1];
}

static bool in_line(const struct event *e)
{
    return e->state == DELIVERY_READY || e->state == DELIVERY_INFLIGHT ||
           e->state == DELIVERY_BEHIND;
}

/* The rule of lanes, written the slow way: whoever is in flight stays, else the oldest is ready. */
static void settle_lane(struct model *m, int order)
{
    struct event *head = NULL;
    if (!order)
        return;
    for (size_t i = 0; i < m->n_events; i++) {
        struct event *e = &m->events[i];
        if (e->order != order || !in_line(e))
            continue;
        if (e->state == DELIVERY_INFLIGHT) {
            head = e;
            break;
        }
        if (!head || e->event_usec < head->event_usec)
            head = e;
    }
    for (size_t i = 0; i < m->n_events; i++) {
        struct event *e = &m->events[i];
        if (e->order == order && in_line(e) && e != head)
            e->state = DELIVERY_BEHIND;
    }
    if (head && head->state == DELIVERY_BEHIND)
        head->state = DELIVERY_READY;
}

static void set_state(struct model *m, struct event *e, enum delivery_state to)
{
    e->state = to;
    settle_lane(m, e->order);
}

static enum accept_result do_accept(struct model *m, const struct event *e, const char *payload)
{
    char order[16];
    snprintf(order, sizeof(order), "o-%d", e->order);
    struct sample sample = {e->name,
                            e->order ? order : NULL,
                            .payload = payload,
                            .event_usec = e->event_usec,
                            .webhook = m->webhook,
                            .is_state = true};
    struct accept_target target;
    struct accept accept = fixture_accept(&sample, &target, m->now);
    m->received++;
    VERB(m, store_accept(m->store, &accept, m->now));
    return accept.result;
}

static void accept_new(struct model *m)
{
    struct event *e = &m->events[m->n_events];
    *e = (struct event){.id = (int64_t)m->n_events + 1, .order = (int)pick(m, LANES)};
    e->event_usec = m->now - pick(m, 1000);
    snprintf(e->name, sizeof(e->name), "n-%zu", m->n_events);
    assert_int_equal(do_accept(m, e, NULL), ACCEPTED_NEW);
    m->n_events++;
    set_state(m, e, DELIVERY_READY);
}

static void accept_copy(struct model *m)
{
    if (!m->n_events)
        return;
    struct event *e = &m->events[pick(m, (uint32_t)m->n_events)];
    if (e->conflict)
        return;
    bool dead = e->state == DELIVERY_DEAD;
    assert_int_equal(do_accept(m, e, NULL), dead ? ACCEPTED_REVIVED : ACCEPTED_COPY);
    m->duplicates++;
    if (dead)
        set_state(m, e, DELIVERY_READY);
}

static void accept_conflict(struct model *m)
{
    if (!m->n_events)
        return;
    struct event *old = &m->events[pick(m, (uint32_t)m->n_events)];
    struct event *e = &m->events[m->n_events];
    *e = (struct event){.id = (int64_t)m->n_events + 1,
                        .conflict = true,
                        .order = old->order,
                        .event_usec = old->event_usec,
                        .state = DELIVERY_DEAD};
    memcpy(e->name, old->name, sizeof(e->name));
    AUTOFREE char *payload = memory_format("{\"other\":%zu}", m->n_events);
    assert_int_equal(do_accept(m, e, payload), ACCEPTED_REJECTED);
    assert_int_equal(do_accept(m, e, payload), ACCEPTED_COPY);
    m->n_events++;
    m->rejected++;
    m->duplicates++;
}

static void claim_some(struct model *m)
{
    struct claim claims[CLAIMS_MAX];
    size_t want = pick(m, 5) + 1;
    size_t count, ready = 0;
    struct claim_query query = {
        .webhook = m->webhook, .now_usec = m->now, .first = want, .bytes = 1 << 20};
    VERB(m, store_claim(m->store, &query, claims, &count));
    for (size_t i = 0; i < m->n_events; i++)
        ready += m->events[i].state == DELIVERY_READY;
    assert_int_equal(count, ready < want ? ready : want);
    for (size_t i = 0; i < count; i++) {
        struct event *e = find(m, claims[i].delivery);
        assert_int_equal(e->state, DELIVERY_READY);
        assert_string_equal(claims[i].id, e->name);
        assert_int_equal(claims[i].attempt, ++e->attempts);
        assert_true(claims[i].sequence > m->sequence);
        m->sequence = claims[i].sequence;
        bool newer = false;
        for (size_t j = 0; j < m->n_events; j++)
            newer |= e->order && m->events[j].order == e->order &&
                     m->events[j].state == DELIVERY_DELIVERED &&
                     m->events[j].event_usec > e->event_usec;
        assert_int_equal(claims[i].stale, newer);
        e->state = DELIVERY_INFLIGHT;
        claim_clear(&claims[i]);
    }
}

static void settle_some(struct model *m)
{
    static const enum delivery_state outcomes[] = {DELIVERY_DELIVERED, DELIVERY_DELIVERED,
                                                   DELIVERY_READY, DELIVERY_DEAD};
    for (size_t i = 0; i < m->n_events; i++) {
        struct event *e = &m->events[i];
        if (e->state != DELIVERY_INFLIGHT || pick(m, 2))
            continue;
        if (pick(m, 10) == 0) {
            VERB(m, store_unclaim(m->store, e->id, e->attempts, m->now));
            e->attempts--;
            set_state(m, e, DELIVERY_READY);
            continue;
        }
        enum delivery_state to = outcomes[pick(m, ELEMENTS(outcomes))];
        struct settle settle = {.delivery = e->id,
                                .attempt = e->attempts,
                                .to = to,
                                .cause = to == DELIVERY_DEAD ? DEAD_REFUSED : DEAD_NOT,
                                .next_usec = m->now};
        VERB(m, store_settle(m->store, &settle, m->now));
        set_state(m, e, to);
    }
}

/* What the operation makes of a state; 0: not allowed. */
static enum delivery_state operated(enum operation operation, const struct event *e)
{
    bool waits = e->state == DELIVERY_READY || e->state == DELIVERY_BEHIND;
    switch (operation) {
    case OPERATE_RETRY:
        return waits ? e->state : e->state == DELIVERY_DEAD && !e->conflict ? DELIVERY_READY : 0;
    case OPERATE_HOLD:
        return waits ? DELIVERY_HELD : 0;
    case OPERATE_RELEASE:
        return e->state == DELIVERY_HELD ? DELIVERY_READY : 0;
    case OPERATE_DROP:
        return waits || e->state == DELIVERY_HELD || e->state == DELIVERY_DEAD ? DELIVERY_DROPPED
                                                                               : 0;
    case OPERATE_RESEND:
        return e->state == DELIVERY_DELIVERED ? DELIVERY_READY : 0;
    }
    return 0;
}

static void operate(struct model *m)
{
    if (!m->n_events)
        return;
    struct event *e = &m->events[pick(m, (uint32_t)m->n_events)];
    enum operation operation = (enum operation)pick(m, 5);
    enum delivery_state to = operated(operation, e);
    if (!to) {
        int refused = REFUSED(m->store, store_operate(m->store, operation, e->id, m->now));
        assert_int_equal(refused, e->state == DELIVERY_INFLIGHT ? STORE_IN_FLIGHT : STORE_UNFIT);
        return;
    }
    IN(m->store, store_operate(m->store, operation, e->id, m->now));
    set_state(m, e, to);
}

static void reopen(struct model *m)
{
    size_t count, inflight = 0;
    store_free(m->store);
    m->store = fixture_open(m->directory);
    for (size_t i = 0; i < m->n_events; i++)
        inflight += m->events[i].state == DELIVERY_INFLIGHT;
    IN(m->store, store_recover(m->store, m->now, &count));
    assert_int_equal(count, inflight);
    for (size_t i = 0; i < m->n_events; i++)
        if (m->events[i].state == DELIVERY_INFLIGHT)
            set_state(m, &m->events[i], DELIVERY_READY);
}

static void ignore_expired(const struct expired *expired, void *userdata)
{
    (void)expired;
    (void)userdata;
}

/* Everything that waits is too old; the limit takes the first of them. */
static void expire(struct model *m)
{
    size_t count, expected = 0;
    IN(m->store, store_expire(m->store, m->webhook, m->now + USEC_PER_DAY, 1, 3, ignore_expired,
                              NULL, &count));
    bool lanes[LANES] = {false};
    for (size_t i = 0; i < m->n_events; i++) {
        struct event *e = &m->events[i];
        if (fixture_row(m->store, e->id).state == DELIVERY_DEAD && e->state != DELIVERY_DEAD) {
            assert_true(e->state == DELIVERY_READY || e->state == DELIVERY_BEHIND);
            e->state = DELIVERY_DEAD;
            lanes[e->order] = true;
            expected++;
        }
    }
    assert_int_equal(count, expected);
    for (int order = 1; order < LANES; order++)
        if (lanes[order])
            settle_lane(m, order);
}

struct states {
    struct model *model;
    size_t count;
};

static void compare_row(const struct list_row *row, void *userdata)
{
    struct states *states = userdata;
    const struct event *e = find(states->model, row->id);
    if (row->state != e->state || row->attempts != e->attempts)
        fail_msg("delivery %lld is %s, should be %s", (long long)row->id,
                 delivery_state_name(row->state), delivery_state_name(e->state));
    states->count++;
}

static void compare(struct model *m)
{
    struct states states = {.model = m};
    struct list_query query = {.states = UINT32_MAX, .limit = EVENTS_MAX};
    IN(m->store, store_list(m->store, &query, compare_row, &states));
    assert_int_equal(states.count, m->n_events);
}

static void check_counters(struct model *m)
{
    uint64_t received, duplicates, rejected, accepted;
    IN(m->store, store_counter(m->store, "received", &received));
    IN(m->store, store_counter(m->store, "duplicates", &duplicates));
    IN(m->store, store_counter(m->store, "rejected", &rejected));
    IN(m->store, store_counter(m->store, "accepted", &accepted));
    assert_int_equal(received, m->received);
    assert_int_equal(duplicates, m->duplicates);
    assert_int_equal(rejected, m->rejected);
    assert_int_equal(accepted, received - duplicates - rejected);
}

/* What the daemon does in one transaction, and what becomes of it when that fails. */
static void turn(struct model *m)
{
    struct model *before = memory_new(sizeof(*m));
    memcpy(before, m, sizeof(*m));
    fixture_ok(m->store, store_begin(m->store), "begin", __LINE__);
    m->inside = true;
    settle_some(m);
    for (uint32_t i = pick(m, 5); i > 0; i--) {
        accept_new(m);
        if (pick(m, 4) == 0)
            accept_copy(m);
        if (pick(m, 12) == 0)
            accept_conflict(m);
    }
    claim_some(m);
    if (pick(m, 3) == 0)
        settle_some(m);
    if (pick(m, 6) == 0) {
        store_rollback(m->store);
        before->seed = m->seed;
        before->now = m->now;
        memcpy(m, before, sizeof(*m));
    } else {
        fixture_ok(m->store, store_commit(m->store), "commit", __LINE__);
    }
    m->inside = false;
    free(before);
}

static void step(struct model *m)
{
    uint32_t dice = pick(m, 130);
    m->now += pick(m, 50) + 1;
    if (dice >= 100)
        turn(m);
    else if (dice < 30)
        accept_new(m);
    else if (dice < 38)
        accept_copy(m);
    else if (dice < 40)
        accept_conflict(m);
    else if (dice < 62)
        claim_some(m);
    else if (dice < 82)
        settle_some(m);
    else if (dice < 97)
        operate(m);
    else if (dice < 99)
        reopen(m);
    else
        expire(m);
}

static void the_store_is_as_the_model(void **state)
{
    (void)state;
    const char *seed = getenv("STORE_SEED");
    struct model *m = NEW(struct model);
    m->directory = fixture_directory();
    m->store = fixture_open(m->directory);
    m->webhook = fixture_webhook(m->store);
    m->seed = seed ? strtoull(seed, NULL, 10) : 20250404;
    m->now = NOW;
    print_message("seed %llu\n", (unsigned long long)m->seed);
    for (int i = 0; i < STEPS && m->n_events < EVENTS_MAX - 1; i++) {
        step(m);
        if (i % 50 == 0)
            compare(m);
    }
    compare(m);
    check_counters(m);
    AUTOFREE char *path = memory_format("%s/%s", m->directory, STORE_FILE);
    store_free(m->store);
    fixture_check(path, NULL);
    fixture_remove(m->directory);
    free(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_store_is_as_the_model)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
