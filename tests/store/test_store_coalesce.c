/* SPDX-License-Identifier: MIT */
/* Webhooks that get only the newest state of an order. */
#include "fixture.h"

#include "coalesce.h"
#include "inside.h"

#define HOUR USEC_PER_HOUR

/* The ids of deliveries count from 1, in the order of accepts. */
struct event {
    const char *id;
    unsigned time;   /* seconds of the event */
    bool is_request; /* of a buyer: no state */
    const char *type, *order;
};

static struct sample sample_of(const struct shop *s, const struct event *e)
{
    return (struct sample){
        .id = e->id,
        .order = e->order ? e->order : "order",
        .type = e->type,
        .event_usec = NOW + e->time * USEC_PER_SEC,
        .webhook = s->webhook,
        .is_state = !e->is_request,
    };
}

static enum accept_result come(struct shop *s, struct event e)
{
    struct sample sample = sample_of(s, &e);
    return fixture_store(s->store, &sample, NOW);
}
#define COME(which, seconds, ...)                                                                  \
    come(s, (struct event){.id = (which), .time = (seconds), __VA_ARGS__})

static int coalescing_open(void **state)
{
    shop_open(state);
    struct shop *s = *state;
    IN(s->store, store_set_coalesce(s->store, s->webhook, true));
    return 0;
}
#define COALESCING(test) cmocka_unit_test_setup_teardown(test, coalescing_open, shop_close)

static enum delivery_state state_of(struct shop *s, int64_t id)
{
    return fixture_row(s->store, id).state;
}

static void assert_superseded(struct shop *s, int64_t id, int64_t by)
{
    struct list_row row = fixture_row(s->store, id);
    assert_int_equal(row.state, DELIVERY_SUPERSEDED);
    assert_int_equal(row.superseded_by, by);
    assert_int_equal(row.next_usec, 0);
    assert_true(row.done_usec >= NOW);
}

/* Claims what is due and expects exactly this delivery. */
static struct claim take(struct shop *s, int64_t expected, uint64_t now_usec)
{
    struct claim claims[4];
    assert_int_equal(fixture_claim(s->store, s->webhook, now_usec, claims, ELEMENTS(claims)), 1);
    assert_int_equal(claims[0].delivery, expected);
    return claims[0];
}

static void answer(struct shop *s, struct claim *claim, enum delivery_state to, uint64_t next_usec)
{
    fixture_settle(s->store, claim, to, next_usec, NOW);
    claim_clear(claim);
}

static void deliver(struct shop *s, int64_t expected)
{
    struct claim claim = take(s, expected, NOW);
    answer(s, &claim, DELIVERY_DELIVERED, 0);
}

static void deliver_all(struct shop *s, size_t expected)
{
    size_t delivered = 0;
    struct claim claim;
    while (fixture_claim(s->store, s->webhook, NOW, &claim, 1)) {
        answer(s, &claim, DELIVERY_DELIVERED, 0);
        delivered++;
    }
    assert_int_equal(delivered, expected);
}

static void assert_nothing_due(struct shop *s, uint64_t now_usec)
{
    struct claim claim;
    assert_int_equal(fixture_claim(s->store, s->webhook, now_usec, &claim, 1), 0);
}

static void only_the_newest_waits(void **state)
{
    struct shop *s = *state;
    COME("a", 1);
    COME("b", 2);
    COME("c", 3);
    assert_superseded(s, 1, 2);
    assert_superseded(s, 2, 3);
    assert_int_equal(fixture_count(s->store, s->webhook, DELIVERY_SUPERSEDED), 2);
    assert_int_equal(fixture_count(s->store, s->webhook, DELIVERY_READY), 1);
    deliver(s, 3);
    assert_nothing_due(s, NOW + HOUR);
}

/* What has just come waits in memory only. */
static void in_one_transaction_as_well(void **state)
{
    struct shop *s = *state;
    struct accept_target targets[3];
    static const struct event events[] = {
        {.id = "a", .time = 1}, {.id = "c", .time = 3}, {.id = "b", .time = 2}};
    size_t count;
    struct claim claims[3];
    struct claim_query query = {s->webhook, NOW, .first = 3, .bytes = 1 << 20};
    fixture_ok(s->store, store_begin(s->store), "begin", __LINE__);
    for (size_t i = 0; i < ELEMENTS(events); i++) {
        struct sample sample = sample_of(s, &events[i]);
        struct accept accept = fixture_accept(&sample, &targets[i], NOW);
        fixture_ok(s->store, store_accept(s->store, &accept, NOW), "accept", __LINE__);
    }
    fixture_ok(s->store, store_claim(s->store, &query, claims, &count), "claim", __LINE__);
    fixture_ok(s->store, store_commit(s->store), "commit", __LINE__);
    assert_int_equal(count, 1);
    assert_int_equal(claims[0].delivery, 2);
    claim_clear(&claims[0]);
    assert_superseded(s, 1, 2);
    assert_superseded(s, 3, 2);
}

static void of_equal_times_the_later_accepted_is_newer(void **state)
{
    struct shop *s = *state;
    COME("a", 1);
    COME("b", 1);
    assert_superseded(s, 1, 2);
}

static void a_late_one_is_needless(void **state)
{
    struct shop *s = *state;
    COME("new", 9);
    COME("old", 1);
    assert_superseded(s, 2, 1);
    deliver(s, 1);
    COME("older", 2);
    assert_superseded(s, 3, 1);
    COME("newest", 10);
    deliver(s, 4);
}

static void requests_stay(void **state)
{
    struct shop *s = *state;
    COME("state", 1);
    COME("cancel", 2, .is_request = true);
    COME("newer", 3);
    COME("cancel too", 4, .is_request = true);
    assert_superseded(s, 1, 3);
    deliver(s, 2);
    deliver(s, 3);
    deliver(s, 4);
}

static void other_types_and_orders_stay(void **state)
{
    struct shop *s = *state;
    COME("a", 1, .type = "TYPE_A");
    COME("b", 2, .type = "TYPE_B");
    COME("c", 3, .type = "TYPE_B", .order = "other");
    deliver_all(s, 3);
    assert_int_equal(fixture_count(s->store, s->webhook, DELIVERY_SUPERSEDED), 0);
}

static void others_are_not_concerned(void **state)
{
    struct shop *s = *state;
    IN(s->store, store_set_coalesce(s->store, s->webhook, false));
    COME("a", 1);
    COME("b", 2);
    assert_int_equal(state_of(s, 1), DELIVERY_READY);
    assert_int_equal(state_of(s, 2), DELIVERY_BEHIND);
}

static void it_holds_from_the_next_accept(void **state)
{
    struct shop *s = *state;
    IN(s->store, store_set_coalesce(s->store, s->webhook, false));
    COME("a", 1);
    COME("b", 2);
    COME("c", 3);
    IN(s->store, store_set_coalesce(s->store, s->webhook, true));
    assert_int_equal(state_of(s, 1), DELIVERY_READY);
    COME("d", 4);
    for (int64_t id = 1; id <= 3; id++)
        assert_superseded(s, id, 4);
    shop_reopen(s, 0);
    COME("e", 5);
    assert_superseded(s, 4, 5);
}

static void what_is_in_flight_stays(void **state)
{
    struct shop *s = *state;
    COME("a", 1);
    struct claim claim = take(s, 1, NOW);
    COME("b", 2);
    COME("c", 3);
    assert_int_equal(state_of(s, 1), DELIVERY_INFLIGHT);
    assert_superseded(s, 2, 3);
    answer(s, &claim, DELIVERY_DELIVERED, 0);
    deliver(s, 3);
}

static void what_failed_yields_to_a_newer_one(void **state)
{
    struct shop *s = *state;
    COME("a", 1);
    struct claim claim = take(s, 1, NOW);
    COME("b", 2);
    answer(s, &claim, DELIVERY_READY, NOW + HOUR);
    assert_superseded(s, 1, 2);
    assert_string_equal(fixture_row(s->store, 1).last_error, "the WMS answered 503");
    deliver(s, 2);
}

/* A Retry-After is the destination's: it holds for the one that is sent in its place. */
static void retry_after_is_not_undercut(void **state)
{
    struct shop *s = *state;
    COME("a", 1);
    struct claim claim = take(s, 1, NOW);
    COME("b", 2);
    struct settle settle = {.delivery = 1,
                            .attempt = 1,
                            .to = DELIVERY_READY,
                            .next_usec = NOW + HOUR,
                            .not_before_usec = NOW + HOUR};
    IN(s->store, store_settle(s->store, &settle, NOW));
    claim_clear(&claim);
    assert_superseded(s, 1, 2);
    assert_nothing_due(s, NOW + HOUR - 1);
    COME("c", 3);
    assert_superseded(s, 2, 3);
    assert_nothing_due(s, NOW + HOUR - 1);
    claim = take(s, 3, NOW + HOUR);
    answer(s, &claim, DELIVERY_DELIVERED, 0);
}

/* It may fail yet, and then the older one is the newest there is. */
static void an_older_one_waits_behind_a_newer_in_flight(void **state)
{
    struct shop *s = *state;
    for (int i = 0; i < 3; i++) {
        static const enum delivery_state outcomes[] = {DELIVERY_DELIVERED, DELIVERY_DEAD,
                                                       DELIVERY_READY};
        char order[16], ids[2][16];
        int64_t newer = 2 * i + 1, older = newer + 1;
        snprintf(order, sizeof(order), "order-%d", i);
        snprintf(ids[0], sizeof(ids[0]), "new-%d", i);
        snprintf(ids[1], sizeof(ids[1]), "old-%d", i);
        COME(ids[0], 9, .order = order);
        struct claim claim = take(s, newer, NOW);
        COME(ids[1], 1, .order = order);
        assert_int_equal(state_of(s, older), DELIVERY_BEHIND);
        answer(s, &claim, outcomes[i], NOW + HOUR);
        if (outcomes[i] == DELIVERY_DEAD)
            deliver(s, older);
        else
            assert_superseded(s, older, newer);
    }
    assert_nothing_due(s, NOW);
    struct claim claim = take(s, 5, NOW + HOUR);
    answer(s, &claim, DELIVERY_DELIVERED, 0);
}

static void what_is_given_back_yields_too(void **state)
{
    struct shop *s = *state;
    size_t recovered;
    COME("a", 1);
    struct claim claim = take(s, 1, NOW);
    COME("b", 2);
    IN(s->store, store_unclaim(s->store, 1, 1, NOW));
    claim_clear(&claim);
    assert_superseded(s, 1, 2);
    claim = take(s, 2, NOW);
    COME("c", 3);
    IN(s->store, store_recover(s->store, NOW, &recovered));
    claim_clear(&claim);
    assert_int_equal(recovered, 1);
    assert_superseded(s, 2, 3);
    deliver(s, 3);
}

static int operate(struct shop *s, enum operation operation, int64_t id)
{
    fixture_ok(s->store, store_begin(s->store), "begin", __LINE__);
    int r = store_operate(s->store, operation, id, NOW);
    fixture_ok(s->store, store_commit(s->store), "commit", __LINE__);
    return r;
}

static void held_and_dead_are_untouched(void **state)
{
    struct shop *s = *state;
    COME("dead", 1);
    struct claim claim = take(s, 1, NOW);
    answer(s, &claim, DELIVERY_DEAD, 0);
    COME("held", 2);
    assert_int_equal(operate(s, OPERATE_HOLD, 2), 0);
    COME("new", 3);
    assert_int_equal(state_of(s, 1), DELIVERY_DEAD);
    assert_int_equal(state_of(s, 2), DELIVERY_HELD);
    assert_int_equal(COME("dead", 1), ACCEPTED_COPY); /* does not live again to be needless */
    assert_int_equal(state_of(s, 1), DELIVERY_DEAD);
    assert_int_equal(operate(s, OPERATE_RELEASE, 2), STORE_SUPERSEDED);
    assert_superseded(s, 2, 3);
    deliver(s, 3);
    assert_int_equal(COME("dead", 1), ACCEPTED_COPY);
    assert_int_equal(operate(s, OPERATE_RETRY, 1), STORE_SUPERSEDED);
    assert_superseded(s, 1, 3);
}

static void the_newest_lives_again(void **state)
{
    struct shop *s = *state;
    COME("dead", 5);
    struct claim claim = take(s, 1, NOW);
    answer(s, &claim, DELIVERY_DEAD, 0);
    COME("older", 4);
    assert_int_equal(state_of(s, 2), DELIVERY_READY);
    assert_int_equal(COME("dead", 5), ACCEPTED_REVIVED);
    assert_superseded(s, 2, 1);
    deliver(s, 1);
}

static void what_is_resent_is_sent(void **state)
{
    struct shop *s = *state;
    COME("a", 1);
    COME("b", 2);
    assert_int_equal(operate(s, OPERATE_RESEND, 1), 0);
    assert_int_equal(fixture_row(s->store, 1).superseded_by, 0);
    COME("c", 3);
    assert_superseded(s, 2, 3);
    struct claim claim = take(s, 1, NOW);
    assert_int_equal(claim.resend, 1);
    answer(s, &claim, DELIVERY_READY, NOW);
    deliver(s, 1);
    deliver(s, 3);
    assert_int_equal(operate(s, OPERATE_RESEND, 1), 0);
    claim = take(s, 1, NOW);
    assert_true(claim.stale);
    answer(s, &claim, DELIVERY_DELIVERED, 0);
}

static void an_orphan_is_given_away(void **state)
{
    struct shop *s = *state;
    int64_t old = s->webhook;
    COME("a", 1);
    IN(s->store, store_set_webhooks(s->store, (const char *[]){"erp"}, 1, &s->webhook));
    IN(s->store, store_set_coalesce(s->store, s->webhook, true));
    COME("b", 2);
    assert_int_not_equal(s->webhook, old);
    fixture_ok(s->store, store_begin(s->store), "begin", __LINE__);
    assert_int_equal(store_adopt(s->store, 1, s->webhook, WEBHOOK_STANDARD, NOW), STORE_SUPERSEDED);
    fixture_ok(s->store, store_commit(s->store), "commit", __LINE__);
    assert_superseded(s, 1, 2);
    deliver(s, 2);
}

static void add_told(const struct superseded *one, void *userdata)
{
    char *said = userdata;
    size_t size = strlen(said);
    snprintf(said + size, 200 - size, "%s %s %s %s %s %lld>%lld; ", one->webhook, one->seller,
             one->type, one->order_id, one->id, (long long)one->delivery, (long long)one->by);
}

/* What the last transaction superseded is told, and nothing of one that was rolled back. */
static void it_is_told(void **state)
{
    struct shop *s = *state;
    struct accept_target target;
    char said[200] = "";
    COME("a", 1);
    COME("b", 2);
    store_each_superseded(s->store, add_told, said);
    assert_string_equal(said, "wms acme ORDER_CHANGE order a 1>2; ");
    COME("late", 1);
    said[0] = '\0';
    store_each_superseded(s->store, add_told, said);
    assert_string_equal(said, "wms acme ORDER_CHANGE order late 3>2; ");
    struct sample sample = sample_of(s, &(struct event){.id = "c", .time = 3});
    struct accept accept = fixture_accept(&sample, &target, NOW);
    fixture_ok(s->store, store_begin(s->store), "begin", __LINE__);
    fixture_ok(s->store, store_accept(s->store, &accept, NOW), "accept", __LINE__);
    store_rollback(s->store);
    said[0] = '\0';
    store_each_superseded(s->store, add_told, said);
    assert_string_equal(said, "");
}

/* Of what an older version accepted nobody knows whether it tells a state. */
static void what_waits_at_an_upgrade_is_sent(void **state)
{
    struct shop *s = *state;
    COME("a", 1);
    shop_reopen(s, 2);
    IN(s->store, store_set_coalesce(s->store, s->webhook, true));
    COME("b", 2);
    deliver(s, 1);
    deliver(s, 2);
}

/* A long line, from before it was wished, goes in steps. */
static void a_long_line_goes_in_steps(void **state)
{
    enum { COUNT = COALESCE_MAX + 50 };
    struct shop *s = *state;
    IN(s->store, store_set_coalesce(s->store, s->webhook, false));
    for (unsigned i = 1; i <= COUNT; i++) {
        char id[16];
        snprintf(id, sizeof(id), "%u", i);
        COME(id, i);
    }
    IN(s->store, store_set_coalesce(s->store, s->webhook, true));
    COME("new", COUNT + 1);
    assert_int_equal(fixture_count(s->store, s->webhook, DELIVERY_SUPERSEDED), COALESCE_MAX);
    COME("newer", COUNT + 2);
    assert_int_equal(fixture_count(s->store, s->webhook, DELIVERY_SUPERSEDED), COUNT + 1);
    deliver(s, COUNT + 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        COALESCING(only_the_newest_waits),
        COALESCING(in_one_transaction_as_well),
        COALESCING(of_equal_times_the_later_accepted_is_newer),
        COALESCING(a_late_one_is_needless),
        COALESCING(requests_stay),
        COALESCING(other_types_and_orders_stay),
        COALESCING(others_are_not_concerned),
        COALESCING(it_holds_from_the_next_accept),
        COALESCING(what_is_in_flight_stays),
        COALESCING(what_failed_yields_to_a_newer_one),
        COALESCING(retry_after_is_not_undercut),
        COALESCING(an_older_one_waits_behind_a_newer_in_flight),
        COALESCING(what_is_given_back_yields_too),
        COALESCING(held_and_dead_are_untouched),
        COALESCING(the_newest_lives_again),
        COALESCING(what_is_resent_is_sent),
        COALESCING(an_orphan_is_given_away),
        COALESCING(it_is_told),
        COALESCING(what_waits_at_an_upgrade_is_sent),
        COALESCING(a_long_line_goes_in_steps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
