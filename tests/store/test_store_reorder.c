/* SPDX-License-Identifier: MIT */
/* Thousands of lanes whose events come in any order and are answered in any way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/clock.h"
#include "fixture.h"

enum { LANES = 4000, EVENTS = 4, ALL = LANES * EVENTS, GROUP = 100, SLOTS = 40, TURNS_MAX = 10000 };

enum stage { NOT_YET, WAITING, FLYING, DONE };

/* What must be, beside what the store says: event `number % EVENTS` of lane `number / EVENTS`. */
struct world {
    struct shop *shop;
    uint64_t seed, now_usec, sequence;
    enum stage stages[ALL];
    int coming[ALL], n_come;
    struct claim flying[SLOTS];
    size_t n_flying;
    int newest[LANES]; /* delivered; -1: none */
    unsigned done, stale, retries;
};

static uint64_t event_usec(int number)
{
    return NOW + (uint64_t)(number % EVENTS) * USEC_PER_SEC;
}

static void shuffle(struct world *w)
{
    for (int i = 0; i < ALL; i++) {
        int other = (int)(fixture_random(&w->seed) % (unsigned)(i + 1));
        w->coming[i] = w->coming[other];
        w->coming[other] = i;
    }
}

static void accept_some(struct world *w)
{
    for (int i = 0; i < GROUP && w->n_come < ALL; i++) {
        char id[32], order[32];
        struct accept_target target;
        int number = w->coming[w->n_come++];
        snprintf(id, sizeof(id), "%d", number);
        snprintf(order, sizeof(order), "order-%d", number / EVENTS);
        struct sample sample = {.id = id,
                                .order = order,
                                .event_usec = event_usec(number),
                                .webhook = w->shop->webhook,
                                .is_state = true};
        struct accept accept = fixture_accept(&sample, &target, w->now_usec);
        fixture_ok(w->shop->store, store_accept(w->shop->store, &accept, w->now_usec), "accept",
                   __LINE__);
        w->stages[number] = WAITING;
    }
}

/* Its lane has none in flight and none that waits and is older. */
static void check_claim(struct world *w, const struct claim *claim)
{
    int number = atoi(claim->id), lane = number / EVENTS;
    assert_int_equal(w->stages[number], WAITING);
    for (int other = lane * EVENTS; other < (lane + 1) * EVENTS; other++) {
        assert_int_not_equal(w->stages[other], FLYING);
        if (other < number)
            assert_int_not_equal(w->stages[other], WAITING);
    }
    assert_int_equal(claim->stale, w->newest[lane] > number % EVENTS);
    assert_true(claim->sequence > w->sequence);
    w->sequence = claim->sequence;
    w->stale += claim->stale;
    w->stages[number] = FLYING;
}

static void claim_some(struct world *w)
{
    size_t count;
    struct claim_query query = {.webhook = w->shop->webhook,
                                .now_usec = w->now_usec,
                                .first = SLOTS - w->n_flying,
                                .bytes = 1 << 20};
    if (!query.first)
        return;
    fixture_ok(w->shop->store, store_claim(w->shop->store, &query, &w->flying[w->n_flying], &count),
               "claim", __LINE__);
    for (size_t i = 0; i < count; i++)
        check_claim(w, &w->flying[w->n_flying++]);
}

/* Delivered, given up or tried again; two thirds of what flies, from anywhere among it. */
static void answer_one(struct world *w, size_t at)
{
    struct claim claim = w->flying[at];
    int number = atoi(claim.id), lane = number / EVENTS;
    unsigned answer = fixture_random(&w->seed) % 10;
    struct settle settle = {
        .delivery = claim.delivery, .attempt = claim.attempt, .to = DELIVERY_DELIVERED};
    w->flying[at] = w->flying[--w->n_flying];
    if (answer < 3) {
        settle.to = DELIVERY_READY;
        settle.next_usec = w->now_usec + fixture_random(&w->seed) % (20 * USEC_PER_SEC);
        w->retries++;
    } else if (answer == 3) {
        settle.to = DELIVERY_DEAD;
        settle.cause = DEAD_REFUSED;
    } else if (w->newest[lane] < number % EVENTS) {
        w->newest[lane] = number % EVENTS;
    }
    w->done += answer >= 3;
    w->stages[number] = answer < 3 ? WAITING : DONE;
    fixture_ok(w->shop->store, store_settle(w->shop->store, &settle, w->now_usec), "settle",
               __LINE__);
    claim_clear(&claim);
}

static void answer_some(struct world *w)
{
    for (size_t left = (w->n_flying * 2 + 2) / 3; left; left--)
        answer_one(w, fixture_random(&w->seed) % w->n_flying);
}

static void lanes_keep_their_order(void **state)
{
    static struct world w;
    w = (struct world){.shop = *state, .seed = 20, .now_usec = NOW};
    for (int lane = 0; lane < LANES; lane++)
        w.newest[lane] = -1;
    shuffle(&w);
    for (int turn = 0; w.done < ALL && turn < TURNS_MAX; turn++) {
        fixture_ok(w.shop->store, store_begin(w.shop->store), "begin", __LINE__);
        accept_some(&w);
        claim_some(&w);
        answer_some(&w);
        fixture_ok(w.shop->store, store_commit(w.shop->store), "commit", __LINE__);
        w.now_usec += USEC_PER_SEC;
    }
    assert_int_equal(w.done, ALL);
    assert_true(w.stale > 100 && w.retries > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SHOP(lanes_keep_their_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
