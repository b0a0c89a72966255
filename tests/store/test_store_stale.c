/* SPDX-License-Identifier: MIT */
/* Stale: older than a state of the order that was delivered before. */
#include "fixture.h"

#include <stdlib.h>

static int64_t claim_one(struct shop *s, uint64_t now, struct claim *claim)
{
    return fixture_claim(s->store, s->webhook, now, claim, 1) ? claim->delivery : 0;
}

/* Delivers one of the order; whether it was marked. */
static bool goes_stale(struct shop *s, struct sample sample)
{
    struct claim claim;
    sample.order = "o";
    sample.webhook = s->webhook;
    fixture_store(s->store, &sample, NOW);
    assert_int_not_equal(claim_one(s, NOW, &claim), 0);
    bool stale = claim.stale;
    fixture_settle(s->store, &claim, DELIVERY_DELIVERED, 0, NOW);
    claim_clear(&claim);
    return stale;
}

static bool claims_stale(struct shop *s, const char *id, const char *type, uint64_t event)
{
    return goes_stale(s, (struct sample){id, .type = type, .event_usec = event, .is_state = true});
}

static void an_event_older_than_a_delivered_one_is_stale(void **state)
{
    struct shop *s = *state;
    uint64_t hour = USEC_PER_HOUR;
    assert_false(claims_stale(s, "n-1", "A", NOW));
    assert_true(claims_stale(s, "n-2", "A", NOW - 1));
    assert_false(claims_stale(s, "n-3", "A", NOW)); /* not strictly newer */
    assert_false(claims_stale(s, "n-4", "B", NOW - 1));
    assert_true(claims_stale(s, "n-5", "A", NOW - 300 * hour));
    assert_false(claims_stale(s, "n-6", "A", NOW + 5 * hour));
    assert_true(claims_stale(s, "n-7", "A", NOW + 1 * hour));
    store_free(s->store);
    s->store = fixture_open(s->directory);
    assert_true(claims_stale(s, "n-8", "A", NOW + 5 * hour - 1));
    assert_false(claims_stale(s, "n-9", "A", NOW + 5 * hour));
}

/* A buyer's request, or an event about one item. */
static void what_reports_no_state_is_not_stale_and_makes_nothing_stale(void **state)
{
    struct shop *s = *state;
    assert_false(claims_stale(s, "n-1", "A", NOW));
    assert_false(goes_stale(s, (struct sample){"n-2", .type = "A", .event_usec = NOW - 5}));
    assert_false(goes_stale(s, (struct sample){"n-3", .type = "A", .event_usec = NOW + 9}));
    assert_false(claims_stale(s, "n-4", "A", NOW + 5));
    assert_true(claims_stale(s, "n-5", "A", NOW + 4));
    assert_false(goes_stale(s, (struct sample){"n-6", .type = "A", .event_usec = NOW - 6}));
    assert_true(claims_stale(s, "n-7", "A", NOW + 4));
    assert_false(claims_stale(s, "n-8", "A", NOW + 6));
}

/* Delivers `count` events of orders that come once, `step` apart, in one transaction each hundred.
 */
static void deliver_others(struct shop *s, int first, int count, uint64_t event, int64_t step)
{
    for (int i = first; i < first + count; i += 100) {
        struct claim claims[100];
        assert_int_equal(store_begin(s->store), 0);
        for (int j = i; j < i + 100; j++) {
            char id[16];
            struct accept_target target;
            snprintf(id, sizeof(id), "x-%d", j);
            struct sample sample = {id, id, .event_usec = event, .webhook = s->webhook,
                                    .is_state = true};
            struct accept accept = fixture_accept(&sample, &target, NOW);
            event += (uint64_t)step;
            assert_int_equal(store_accept(s->store, &accept, NOW), 0);
        }
        assert_int_equal(store_commit(s->store), 0);
        assert_int_equal(fixture_claim(s->store, s->webhook, NOW, claims, 100), 100);
        assert_int_equal(store_begin(s->store), 0);
        for (int j = 0; j < 100; j++) {
            struct settle settle = {
                .delivery = claims[j].delivery, .attempt = 1, .to = DELIVERY_DELIVERED};
            assert_int_equal(store_settle(s->store, &settle, NOW), 0);
            claim_clear(&claims[j]);
        }
        assert_int_equal(store_commit(s->store), 0);
    }
}

/* The newer event lies thousands of deliveries back, with older and newer ones of others since. */
enum { MODEL_LANES = 300, MODEL_GROUP = 50, MODEL_GROUPS = 100 };

/* The newest event of each lane that was delivered, as a model of what the store remembers. */
struct model {
    uint64_t newest[MODEL_LANES];
    uint64_t seed;
    unsigned stale, fine;
};

static void accept_group(struct shop *s, struct model *m, int group)
{
    for (int i = 0; i < MODEL_GROUP; i++) {
        char id[32], order[32];
        struct accept_target target;
        snprintf(id, sizeof(id), "n-%d-%d", group, i);
        snprintf(order, sizeof(order), "%u", fixture_random(&m->seed) % MODEL_LANES);
        struct sample sample = {id, order, .event_usec = NOW + fixture_random(&m->seed) % 9999,
                                .webhook = s->webhook, .is_state = true};
        struct accept accept = fixture_accept(&sample, &target, NOW);
        fixture_ok(s->store, store_accept(s->store, &accept, NOW), "accept", __LINE__);
    }
}

static void claim_and_deliver(struct shop *s, struct model *m)
{
    struct claim claims[MODEL_GROUP];
    size_t count;
    struct claim_query query = {
        .webhook = s->webhook, .now_usec = NOW, .first = MODEL_GROUP, .bytes = 1 << 20};
    fixture_ok(s->store, store_claim(s->store, &query, claims, &count), "claim", __LINE__);
    for (size_t i = 0; i < count; i++) {
        uint64_t *newest = &m->newest[atoi(claims[i].order_id)];
        bool stale = *newest > claims[i].event_usec;
        assert_int_equal(claims[i].stale, stale);
        m->stale += stale;
        m->fine += !stale;
    }
    for (size_t i = 0; i < count; i++) {
        uint64_t *newest = &m->newest[atoi(claims[i].order_id)];
        struct settle settle = {
            .delivery = claims[i].delivery, .attempt = claims[i].attempt, .to = DELIVERY_DELIVERED};
        fixture_ok(s->store, store_settle(s->store, &settle, NOW), "settle", __LINE__);
        if (*newest < claims[i].event_usec)
            *newest = claims[i].event_usec;
        claim_clear(&claims[i]);
    }
}

/* Over several blocks of ids, before and after a restart. */
static void stale_events_are_found_among_many(void **state)
{
    struct shop *s = *state;
    struct model m = {.seed = 5};
    for (int group = 0; group < MODEL_GROUPS; group++) {
        fixture_ok(s->store, store_begin(s->store), "begin", __LINE__);
        accept_group(s, &m, group);
        claim_and_deliver(s, &m);
        fixture_ok(s->store, store_commit(s->store), "commit", __LINE__);
        if (group == MODEL_GROUPS / 2) {
            store_free(s->store);
            s->store = fixture_open(s->directory);
        }
    }
    assert_true(m.stale > 500 && m.fine > 500);
}

/* It has been delivered before, although it is to go once more. */
static void a_resent_event_makes_older_ones_stale(void **state)
{
    struct shop *s = *state;
    struct claim claim;
    assert_false(claims_stale(s, "n-1", "A", NOW));
    IN(s->store, store_operate(s->store, OPERATE_RESEND, 1, NOW));
    IN(s->store, store_operate(s->store, OPERATE_HOLD, 1, NOW));
    assert_true(claims_stale(s, "n-2", "A", NOW - 1));
    IN(s->store, store_operate(s->store, OPERATE_RELEASE, 1, NOW));
    claim_one(s, NOW, &claim);
    assert_false(claim.stale);
    claim_clear(&claim);
}

static void a_stale_event_is_known_far_back(void **state)
{
    struct shop *s = *state;
    assert_false(claims_stale(s, "n-1", "A", NOW + 500));
    deliver_others(s, 0, 2500, NOW, -1);
    deliver_others(s, 2500, 2500, NOW + 1000, 1);
    assert_true(claims_stale(s, "n-2", "A", NOW + 400));
    assert_false(claims_stale(s, "n-3", "B", NOW + 400));
    store_free(s->store);
    s->store = fixture_open(s->directory);
    assert_true(claims_stale(s, "n-4", "A", NOW + 499));
    assert_false(claims_stale(s, "n-5", "A", NOW + 500));
    assert_false(claims_stale(s, "n-6", "A", NOW + 900));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SHOP(an_event_older_than_a_delivered_one_is_stale),
        IN_SHOP(what_reports_no_state_is_not_stale_and_makes_nothing_stale),
        IN_SHOP(a_resent_event_makes_older_ones_stale),
        IN_SHOP(a_stale_event_is_known_far_back),
        IN_SHOP(stale_events_are_found_among_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
