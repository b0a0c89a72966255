/* SPDX-License-Identifier: MIT */
/* Thousands of lanes of a webhook that gets only the newest state: events come in any order, are
 * answered in any way, held, released, retried, and the daemon dies now and then. */
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>

enum { LANES = 3000, EVENTS = 5, ALL = LANES * EVENTS, GROUP = 60, SLOTS = 40, TURNS_MAX = 20000 };

/* An event: number `n % EVENTS` of lane `n / EVENTS`. `id` is the delivery's, 0: not come yet. */
struct event {
    int64_t id;
    enum delivery_state state; /* READY stands for BEHIND as well */
    unsigned attempt;
    bool retried;
};

/* What must be, beside what the store says. */
struct world {
    struct shop *shop;
    uint64_t seed, now_usec, sequence;
    struct event events[ALL];
    int by_id[ALL + 1]; /* the number of a delivery */
    int coming[ALL], n_come;
    int flying[SLOTS], n_flying;
    int last[LANES]; /* the last state that was delivered; -1: none */
    unsigned delivered, superseded;
};

#define VERB(w, call) fixture_ok((w)->shop->store, call, #call, __LINE__)

static unsigned pick(struct world *w, unsigned n)
{
    return fixture_random(&w->seed) % n;
}

/* One in five is a buyer's request; two neighbours have one time. */
static bool is_state(int n)
{
    return (unsigned)n * 2654435761U >> 16 & 3 || n % EVENTS == EVENTS - 1;
}

static uint64_t event_usec(int n)
{
    return NOW + (uint64_t)(n % EVENTS / 2) * USEC_PER_SEC;
}

static bool is_newer(const struct world *w, int a, int b)
{
    uint64_t x = event_usec(a), y = event_usec(b);
    return x != y ? x > y : w->events[a].id > w->events[b].id;
}

/* Whether another state of the lane stands so and is newer. */
static bool has_newer(const struct world *w, int n, enum delivery_state state)
{
    int first = n / EVENTS * EVENTS;
    for (int other = first; other < first + EVENTS; other++)
        if (other != n && is_state(other) && w->events[other].state == state &&
            is_newer(w, other, n))
            return true;
    return false;
}

static void set_superseded(struct world *w, int n)
{
    w->events[n].state = DELIVERY_SUPERSEDED;
    w->superseded++;
}

/* After every change: of the states that wait only the newest stays. */
static void tidy(struct world *w, int lane)
{
    for (int n = lane * EVENTS; n < (lane + 1) * EVENTS; n++)
        if (is_state(n) && w->events[n].state == DELIVERY_READY && has_newer(w, n, DELIVERY_READY))
            set_superseded(w, n);
}

/* Returns whether it waits now. */
static bool enter(struct world *w, int n)
{
    w->events[n].state = DELIVERY_READY;
    if (is_state(n) && has_newer(w, n, DELIVERY_DELIVERED))
        set_superseded(w, n);
    tidy(w, n / EVENTS);
    return w->events[n].state == DELIVERY_READY;
}

static void note_delivered(struct world *w, int n)
{
    int lane = n / EVENTS;
    w->events[n].state = DELIVERY_DELIVERED;
    w->delivered++;
    if (!is_state(n))
        return;
    /* The law: what the receiver hears last of an order is the newest it has heard. */
    assert_true(w->last[lane] < 0 || is_newer(w, n, w->last[lane]));
    w->last[lane] = n;
    for (int other = lane * EVENTS; other < (lane + 1) * EVENTS; other++)
        if (is_state(other) && w->events[other].state == DELIVERY_READY && is_newer(w, n, other))
            set_superseded(w, other);
}

static void shuffle(struct world *w)
{
    for (int i = 0; i < ALL; i++) {
        int other = (int)pick(w, (unsigned)i + 1);
        w->coming[i] = w->coming[other];
        w->coming[other] = i;
    }
}

static void accept_some(struct world *w)
{
    for (int i = 0; i < GROUP && w->n_come < ALL; i++) {
        char id[32], order[32];
        struct accept_target target;
        int n = w->coming[w->n_come++];
        snprintf(id, sizeof(id), "%d", n);
        snprintf(order, sizeof(order), "order-%d", n / EVENTS);
        struct sample sample = {.id = id,
                                .order = order,
                                .event_usec = event_usec(n),
                                .webhook = w->shop->webhook,
                                .is_state = is_state(n)};
        struct accept accept = fixture_accept(&sample, &target, w->now_usec);
        VERB(w, store_accept(w->shop->store, &accept, w->now_usec));
        w->events[n].id = w->n_come;
        w->by_id[w->n_come] = n;
        enter(w, n);
    }
}

/* Its lane has none in flight, none that waits and is older, and no newer state that waits. */
static void check_claim(struct world *w, const struct claim *claim)
{
    int n = w->by_id[claim->delivery], first = n / EVENTS * EVENTS;
    assert_int_equal(w->events[n].state, DELIVERY_READY);
    for (int other = first; other < first + EVENTS; other++) {
        assert_int_not_equal(w->events[other].state, DELIVERY_INFLIGHT);
        if (other != n && w->events[other].state == DELIVERY_READY)
            assert_true(is_newer(w, other, n) && !(is_state(other) && is_state(n)));
    }
    assert_true(claim->sequence > w->sequence);
    w->sequence = claim->sequence;
    w->events[n].state = DELIVERY_INFLIGHT;
    w->events[n].attempt = claim->attempt;
    w->flying[w->n_flying++] = n;
}

static void claim_some(struct world *w)
{
    size_t count;
    struct claim claims[SLOTS];
    struct claim_query query = {.webhook = w->shop->webhook,
                                .now_usec = w->now_usec,
                                .first = (size_t)(SLOTS - w->n_flying) / 2,
                                .retries = (size_t)(SLOTS - w->n_flying + 1) / 2,
                                .bytes = 1 << 20};
    if (w->n_flying == SLOTS)
        return;
    VERB(w, store_claim(w->shop->store, &query, claims, &count));
    for (size_t i = 0; i < count; i++) {
        check_claim(w, &claims[i]);
        claim_clear(&claims[i]);
    }
}

/* Delivered, given up, given back or tried again. */
static void answer_one(struct world *w, int n)
{
    static const enum delivery_state outcomes[] = {
        DELIVERY_DELIVERED, DELIVERY_DELIVERED, DELIVERY_DELIVERED, DELIVERY_DELIVERED,
        DELIVERY_READY,     DELIVERY_READY,     DELIVERY_READY,     DELIVERY_DEAD,
    };
    struct event *e = &w->events[n];
    struct settle settle = {.delivery = e->id,
                            .attempt = e->attempt,
                            .to = outcomes[pick(w, ELEMENTS(outcomes))],
                            .next_usec = w->now_usec + pick(w, 20) * USEC_PER_SEC};
    if (pick(w, 10) == 0) {
        VERB(w, store_unclaim(w->shop->store, e->id, e->attempt, w->now_usec));
        settle.to = DELIVERY_READY;
    } else {
        settle.cause = settle.to == DELIVERY_DEAD ? DEAD_REFUSED : DEAD_NOT;
        settle.not_before_usec = settle.to == DELIVERY_READY && pick(w, 2) ? settle.next_usec : 0;
        VERB(w, store_settle(w->shop->store, &settle, w->now_usec));
    }
    e->state = settle.to;
    if (settle.to == DELIVERY_DELIVERED)
        note_delivered(w, n);
    tidy(w, n / EVENTS);
}

static void answer_some(struct world *w)
{
    for (int left = (w->n_flying * 2 + 2) / 3; left; left--) {
        int at = (int)pick(w, (unsigned)w->n_flying), n = w->flying[at];
        w->flying[at] = w->flying[--w->n_flying];
        answer_one(w, n);
    }
}

static void operate(struct world *w, enum operation operation, int n)
{
    int expected = 0;
    int r = store_operate(w->shop->store, operation, w->events[n].id, w->now_usec);
    if (operation == OPERATE_HOLD)
        w->events[n].state = DELIVERY_HELD;
    else
        expected = enter(w, n) ? 0 : STORE_SUPERSEDED;
    assert_int_equal(r, expected);
}

/* An operator holds some, releases what is held, and retries what is dead, each once. */
static void operate_some(struct world *w)
{
    for (int i = 0; i < GROUP; i++) {
        int n = (int)pick(w, ALL);
        struct event *e = &w->events[n];
        if (e->state == DELIVERY_READY && pick(w, 20) == 0 && w->n_come < ALL)
            operate(w, OPERATE_HOLD, n);
        else if (e->state == DELIVERY_HELD)
            operate(w, OPERATE_RELEASE, n);
        else if (e->state == DELIVERY_DEAD && !e->retried && (e->retried = true))
            operate(w, OPERATE_RETRY, n);
    }
}

/* What was in flight when the daemon died waits again. */
static void die(struct world *w)
{
    size_t recovered;
    VERB(w, store_recover(w->shop->store, w->now_usec, &recovered));
    assert_int_equal(recovered, w->n_flying);
    while (w->n_flying) {
        int n = w->flying[--w->n_flying];
        w->events[n].state = DELIVERY_READY;
        tidy(w, n / EVENTS);
    }
}

static bool anything_waits(const struct world *w)
{
    for (int n = 0; n < ALL; n++)
        if (delivery_state_is_open(w->events[n].state))
            return true;
    return w->n_come < ALL;
}

static void check_row(const struct list_row *row, void *userdata)
{
    struct world *w = userdata;
    int n = w->by_id[row->id], by = w->by_id[row->superseded_by];
    assert_int_equal(row->state, w->events[n].state);
    assert_int_equal(row->superseded_by != 0, row->state == DELIVERY_SUPERSEDED);
    if (!row->superseded_by)
        return;
    assert_int_equal(by / EVENTS, n / EVENTS);
    assert_true(is_state(n) && is_state(by) && is_newer(w, by, n));
}

/* The newest state of every lane was delivered, or the receiver did not want it; so was every
 * request. */
static void check_end(struct world *w)
{
    struct list_query query = {.states = UINT32_MAX, .limit = ALL + 1};
    IN(w->shop->store, store_list(w->shop->store, &query, check_row, w));
    for (int n = 0; n < ALL; n++) {
        enum delivery_state state = w->events[n].state;
        bool final = state == DELIVERY_DELIVERED || state == DELIVERY_DEAD;
        assert_true(final || (is_state(n) && state == DELIVERY_SUPERSEDED));
        if (state == DELIVERY_DELIVERED && is_state(n) && w->last[n / EVENTS] != n)
            assert_true(is_newer(w, w->last[n / EVENTS], n));
    }
    assert_true(w->delivered > ALL / 4 && w->superseded > ALL / 4);
}

static void only_the_newest_states_are_sent(void **state)
{
    static struct world w;
    w = (struct world){.shop = *state, .seed = 5, .now_usec = NOW};
    IN(w.shop->store, store_set_coalesce(w.shop->store, w.shop->webhook, true));
    for (int lane = 0; lane < LANES; lane++)
        w.last[lane] = -1;
    shuffle(&w);
    for (int turn = 0; anything_waits(&w) && turn < TURNS_MAX; turn++) {
        VERB(&w, store_begin(w.shop->store));
        accept_some(&w);
        operate_some(&w);
        claim_some(&w);
        answer_some(&w);
        VERB(&w, store_commit(w.shop->store));
        if (turn % 50 == 49)
            IN(w.shop->store, (die(&w), 0));
        w.now_usec += USEC_PER_SEC;
    }
    assert_false(anything_waits(&w));
    check_end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SHOP(only_the_newest_states_are_sent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
